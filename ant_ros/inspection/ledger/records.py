# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger holds, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
import enum
import time
from typing import Any

from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Verdict

__all__ = ['LabelEntry', 'LabelState', 'VerdictEntry', 'VerdictRecord', 'region_values',
           'to_record']


class LabelState(enum.Enum):
    """What became of a label."""

    PENDING = 'pending'
    APPLIED = 'applied'
    REFUSED = 'refused'
    UNKNOWN_PART = 'unknown part'
    SUPERSEDED = 'superseded'
    UNDONE = 'undone'
    ROLLED_BACK = 'rolled back'


@dataclass(frozen=True)
class VerdictRecord:
    """A verdict as the ledger keeps it; the fields are the columns.

    Attributes:
        part: ID of the part; may come again, the ledger's order tells which.
        decision: What was said.
        reason: The sentence for the operator.
        inspector: Who said it.
        cause: Why it is uninspected; empty when it was inspected.
        score: How unusual it looked, without what labels excuse; None when uninspected, and so
            are the other measurements.
        review_threshold: Score from which a person should look.
        reject_threshold: Score from which it is rejected.
        stage: Deepest stage that was reached.
        units: Tiles that were woken.
        units_total: Tiles there are.
        macs: Multiply-accumulates done.
        macs_dense: Multiply-accumulates of a dense run.
        compute_ms: Wall time of the inspection in milliseconds.
        latency_ms: Milliseconds from the image's arrival to the verdict.
        regions: What was found, worst first, in plain values; after that what was taken as
            harmless, with what excuses it under `accepted`.
        disposition: What the rules said shall become of it; empty without rules.
        rule: Name of the rule that decided; empty without.
        rule_sentence: The rule's explanation.
        recipe: Name of the recipe.
        recipe_version: Version of the recipe.
        image_hash: SHA-256 of the image's size, type and pixels; empty where it was not taken.
        wall_ns: Time of day in nanoseconds since 1970; may go backwards.
        mono_ns: Monotonic time in nanoseconds, comparable within one boot.
    """

    part: str
    decision: Decision
    reason: str
    inspector: str = ''
    cause: str = ''
    score: float | None = None
    review_threshold: float | None = None
    reject_threshold: float | None = None
    stage: int = 0
    units: int = 0
    units_total: int = 0
    macs: int = 0
    macs_dense: int = 0
    compute_ms: float | None = None
    latency_ms: float | None = None
    regions: tuple[Mapping[str, Any], ...] = ()
    disposition: str = ''
    rule: str = ''
    rule_sentence: str = ''
    recipe: str = ''
    recipe_version: int = 0
    image_hash: str = ''
    wall_ns: int = field(default_factory=time.time_ns)
    mono_ns: int = field(default_factory=time.monotonic_ns)


@dataclass(frozen=True)
class VerdictEntry:
    """A verdict that the ledger holds.

    Attributes:
        number: Its place in the ledger's order.
        software: Version of ant_ros that gave it.
        record: The verdict.
    """

    number: int
    software: str
    record: VerdictRecord


@dataclass(frozen=True)
class LabelEntry:
    """A label that the ledger holds, with what became of it.

    Attributes:
        number: ID of the label.
        part: The part it is about.
        label: `good` or a class.
        by: Who said it.
        recipe: Recipe it was said to.
        wall_ns: Time of day in nanoseconds since 1970.
        verdict: Number of the part's last verdict when the label came; None where there was none.
        state: What became of it.
        reason: Why.
        model_version: Version of the recipe that the state belongs to; None where none changed.
    """

    number: int
    part: str
    label: str
    by: str
    recipe: str
    wall_ns: int
    verdict: int | None
    state: LabelState
    reason: str
    model_version: int | None


def to_record(verdict: Verdict, *, part: str, **more: Any) -> VerdictRecord:
    """Return what the ledger keeps of a verdict.

    Args:
        verdict: What the inspector said.
        part: ID of the part.
        more: Other fields of `VerdictRecord`, such as `inspector` and `compute_ms`.
    """
    work = verdict.work
    return VerdictRecord(
        part=part, decision=verdict.decision, reason=verdict.reason, score=verdict.score,
        review_threshold=verdict.review_threshold, reject_threshold=verdict.reject_threshold,
        stage=verdict.stage, units=work.units, units_total=work.units_total, macs=work.macs,
        macs_dense=work.macs_dense, regions=region_values(verdict),
        disposition=getattr(verdict, 'disposition', ''), rule=getattr(verdict, 'rule', ''),
        rule_sentence=getattr(verdict, 'rule_sentence', ''),
        recipe=verdict.recipe, recipe_version=verdict.recipe_version, **more)


def region_values(verdict: Verdict) -> tuple[dict[str, Any], ...]:
    """Return the regions of a verdict as `VerdictRecord` keeps them."""
    regions = [asdict(region) for region in verdict.regions]
    for region, name in zip(regions, getattr(verdict, 'classes', ())):
        region['class'] = name
    return (*regions, *(
        {**asdict(one.region), 'class': one.name, 'accepted': one.by}
        for one in getattr(verdict, 'accepted', ())))
