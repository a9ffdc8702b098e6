# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From what the inspector saw to the verdict, with what people have said meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.learning import Opinion
from ant_ros.inspection.learning import Spot
from ant_ros.inspection.learning import UNKNOWN
from ant_ros.inspection.online.online_verdict import Accepted
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.regions import describe
from ant_ros.inspection.regions import Mark
from ant_ros.inspection.regions import to_region
from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import Found
from ant_ros.inspection.rules import judge
from ant_ros.inspection.rules import measure
from ant_ros.inspection.rules import Measured
from ant_ros.inspection.rules import RuleBook
from ant_ros.inspection.rules import Zone
from ant_ros.inspection.verdict import Decision

__all__ = ['Stopping', 'apply_learned', 'apply_rules', 'apply_spot', 'measure_regions',
           'unnamed_place']

_NO_OPINION = Opinion(UNKNOWN, 0.0, False, False)
_MOST_SAID = 3
_SURE = 0.5
"""Share of the answer below which a class is less likely than all else together."""
_SEVERITY = {Decision.PASS: 0, Decision.REVIEW: 1, Decision.REJECT: 2}


@dataclass(frozen=True, eq=False)
class Stopping:
    """A place that stops the part, and what was learned of it."""

    place: Mark
    opinion: Opinion


def apply_learned(
    verdict: OnlineVerdict, evidence: Evidence, places: Sequence[Mark],
    opinions: Sequence[Opinion], excuse: Callable[[np.ndarray], str] | None = None,
) -> tuple[OnlineVerdict, list[Stopping]]:
    """Take what people called good after all as harmless, stop what is like a known defect.

    Args:
        verdict: What the inspector said.
        evidence: What that was based on.
        places: The places of the part, worst first.
        opinions: What was learned of the first ones; there is none on the others.
        excuse: Says by which label a place with such features [F] is accepted, empty if that is
            not known; see `Learner.excuse`.

    Returns:
        The verdict, and the places of its regions.
    """
    told = [*opinions, *[_NO_OPINION] * (len(places) - len(opinions))]
    stopping = [
        Stopping(place, opinion) for place, opinion in zip(places, told)
        if opinion.alarmed or (evidence.flagged and not opinion.accepted)]
    accepted = [place for place, opinion in zip(places, told) if opinion.accepted]
    verdict = replace(verdict, accepted=tuple(
        Accepted(to_region(place, evidence.matrix, verdict.image_size), opinion.label,
                 _excused_by(verdict, number, excuse))
        for number, (place, opinion) in enumerate(zip(places, told)) if opinion.accepted))
    if not stopping:
        return _passed(verdict, evidence, accepted), []
    regions = tuple(to_region(one.place, evidence.matrix, verdict.image_size)
                    for one in stopping)
    score = _score_without(evidence, accepted)
    index = next((i for i, one in enumerate(stopping) if one.opinion.alarmed), 0)
    sentence = describe(
        stopping[index].place, regions[index], _pixel(evidence), evidence.limit,
        len(stopping) - 1)
    return replace(
        verdict, decision=_own_decision(stopping, verdict.reject_threshold), score=score,
        regions=regions, classes=tuple(one.opinion.label for one in stopping),
        reason=_named(stopping[index].opinion) + sentence), stopping


def apply_spot(
    verdict: OnlineVerdict, evidence: Evidence, spot: Spot, pixels: np.ndarray,
) -> tuple[OnlineVerdict, list[Stopping]]:
    """Stop a part that passed, for a place that differs faintly as a known defect did.

    Args:
        verdict: What is said so far.
        evidence: What that was based on.
        spot: What was learned.
        pixels: Columns and rows of the place [N, 2].

    Returns:
        The verdict, and the place of its region.
    """
    columns, rows = pixels.T
    length, breadth = np.ptp(pixels, axis=0) + 1
    peak = float(evidence.score[rows, columns].max())
    place = Mark(pixels, pixels, peak, 0, float(max(length, breadth)),
                 float(min(length, breadth)), evidence.shift_at(pixels), False)
    region = to_region(place, evidence.matrix, verdict.image_size)
    stopping = Stopping(place, Opinion(spot.label, spot.confidence, False, True))
    reason = (f'{_named(stopping.opinion)}differs faintly at ({region.x + region.width // 2}, '
              f'{region.y + region.height // 2}) as parts did that were called so')
    return replace(verdict, decision=Decision.REJECT, regions=(region,), classes=(spot.label,),
                   reason=reason), [stopping]


def unnamed_place(opinions: Sequence[Opinion]) -> int | None:
    """Return the worst of a stopped part's places that has no class and is not accepted."""
    return next((number for number, opinion in enumerate(opinions)
                 if opinion.label == UNKNOWN and not opinion.accepted), None)


def apply_rules(
    verdict: OnlineVerdict, evidence: Evidence, stopping: Sequence[Stopping], book: RuleBook,
    mm_per_px: float | None,
) -> OnlineVerdict:
    """Let the rules decide on the regions.

    Where no rule speaks of a region and the default is review, the inspector's own word stands.

    Args:
        verdict: What is said so far.
        evidence: What that was based on.
        stopping: The places of its regions.
        book: The rules.
        mm_per_px: Millimetres per pixel of the image, if known.
    """
    told = judge(book, measure_regions(evidence, stopping, book.zones, mm_per_px))
    decision, reason = told.disposition.decision, told.sentence
    unruled = [one for one, region in zip(stopping, told.regions) if region.rule is None]
    if unruled and book.default is Disposition.REVIEW:
        own = _own_decision(unruled, verdict.reject_threshold)
        if told.rule is None or _SEVERITY[own] > _SEVERITY[decision]:
            decision, reason = own, verdict.reason
    passed = decision is Decision.PASS
    excused = tuple(
        Accepted(region, name, f'rule {answer.rule!r}' if answer.rule else "the rules' default")
        for region, name, answer in zip(verdict.regions, verdict.classes, told.regions))
    return replace(
        verdict, decision=decision, reason=reason, disposition=told.disposition.value,
        rule=told.rule or '', rule_sentence=told.sentence,
        accepted=verdict.accepted + excused if passed else verdict.accepted,
        regions=() if passed else verdict.regions,
        classes=() if passed else verdict.classes,
        pattern='' if passed else verdict.pattern,
        unnamed=None if passed else verdict.unnamed)


def measure_regions(
    evidence: Evidence, stopping: Sequence[Stopping], zones: Mapping[str, Zone],
    mm_per_px: float | None,
) -> tuple[Measured, ...]:
    """Measure the places that stop a part.

    Args:
        evidence: What the verdict was based on.
        stopping: The places.
        zones: Named places of the product.
        mm_per_px: Millimetres per pixel of the image, if known.
    """
    known = evidence.known_difference
    seen = np.stack(known or evidence.difference)
    expected = None if known is None else np.zeros_like(seen)
    found = [
        Found(one.place.core, one.place.peak / evidence.limit, one.opinion.label,
              one.opinion.confidence) for one in stopping]
    golden = None if mm_per_px is None else mm_per_px * _pixel(evidence)
    return measure(found, seen, expected, zones=zones, mm_per_px=golden, mask=evidence.outline)


def _own_decision(stopping: Sequence[Stopping], reject_threshold: float) -> Decision:
    if any(one.opinion.alarmed or one.place.peak >= reject_threshold for one in stopping):
        return Decision.REJECT
    return Decision.REVIEW


def _excused_by(
    verdict: OnlineVerdict, number: int, excuse: Callable[[np.ndarray], str] | None,
) -> str:
    by = ''
    if excuse is not None and verdict.features is not None:
        by = excuse(verdict.features.vectors[number])
    return by or 'a label'


def _passed(
    verdict: OnlineVerdict, evidence: Evidence, accepted: Sequence[Mark],
) -> OnlineVerdict:
    if not evidence.flagged:
        return verdict
    count = len(accepted)
    what = 'its unusual place looks' if count == 1 else f'its {count} unusual places look'
    said = list(dict.fromkeys(one.by for one in verdict.accepted))
    more = f' and {len(said) - _MOST_SAID} more' if len(said) > _MOST_SAID else ''
    return replace(
        verdict, decision=Decision.PASS, score=_score_without(evidence, accepted), regions=(),
        classes=(),
        reason=f'{what} like what was called good ({", ".join(said[:_MOST_SAID])}{more})')


def _score_without(evidence: Evidence, accepted: Sequence[Mark]) -> float:
    """Return the largest score outside of the places that were called good."""
    if not accepted:
        return float(evidence.score.max())
    score = evidence.score.copy()
    for place in accepted:
        score[place.pixels[:, 1], place.pixels[:, 0]] = 0
    return float(score.max())


def _named(opinion: Opinion) -> str:
    if opinion.label == UNKNOWN:
        return ''
    like = 'like the known defect ' if opinion.alarmed else ''
    if opinion.confidence < _SURE and not opinion.only:
        return f'{like or "most like "}{opinion.label}: '
    sure = 'the only class known' if opinion.only else f'{opinion.confidence:.0%} sure'
    return f'{like}{opinion.label} ({sure}): '


def _pixel(evidence: Evidence) -> float:
    """Return pixels of the image per pixel of the registered image."""
    return float(np.sqrt(abs(np.linalg.det(evidence.matrix[:, :2]))))
