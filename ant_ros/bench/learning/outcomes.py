# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What became of parts whose truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.inspection import Decision
from ant_ros.inspection.learning import GOOD
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.score import rate_upper_bound

__all__ = ['Outcome', 'figures_of', 'inspect_all', 'inspect_by_all', 'recall']


@dataclass(frozen=True)
class Outcome:
    """What was said of a part.

    Attributes:
        word: What it is: 'good' or a class of defect.
        passed: Whether it goes into the accept bin.
        name: Class of its worst region; 'unknown' without a name, empty without a region.
        score: How unusual it is.
    """

    word: str
    passed: bool
    name: str
    score: float


def inspect_all(inspector: OnlineInspector, parts: Sequence[LinePart]) -> list[Outcome]:
    """Judge parts; they are not remembered, and nothing is learned."""
    return inspect_by_all([inspector], parts)[0]


def inspect_by_all(
    inspectors: Sequence[OnlineInspector], parts: Sequence[LinePart],
) -> list[list[Outcome]]:
    """Judge parts, each by all inspectors in turn; return the outcomes by inspector."""
    outcomes: list[list[Outcome]] = [[] for _ in inspectors]
    for part in parts:
        for inspector, told in zip(inspectors, outcomes):
            verdict = inspector.judge(part.image, part.part)
            name = verdict.classes[0] if verdict.classes else ''
            told.append(Outcome(
                part.word, verdict.decision is Decision.PASS, name, verdict.score))
    return outcomes


def figures_of(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return false rejects per 1,000 good parts, FRR and escapes, with one-sided 95 % bounds."""
    good = [one for one in outcomes if one.word == GOOD]
    bad = [one for one in outcomes if one.word != GOOD]
    rejects, escapes = sum(not one.passed for one in good), sum(one.passed for one in bad)
    return {
        'good_parts': len(good), 'false_rejects': rejects,
        'false_rejects_per_1000': 1000 * rejects / len(good) if good else None,
        'frr': rejects / len(good) if good else None,
        'frr_upper_95': rate_upper_bound(rejects, len(good)),
        'defects': len(bad), 'escapes': escapes,
        'escape_rate_upper_95': rate_upper_bound(escapes, len(bad)),
        'escaped': dict(Counter(one.word for one in bad if one.passed))}


def recall(outcomes: Sequence[Outcome], word: str) -> float | None:
    """Return the share of a class's defects that did not pass; None without any."""
    stopped = [not one.passed for one in outcomes if one.word == word]
    return sum(stopped) / len(stopped) if stopped else None
