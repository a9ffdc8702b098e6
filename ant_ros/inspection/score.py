# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Turn what became of every part into the figures that matter on a line.

FRR is good parts that did not get a pass among good parts; an escape is a bad part that ends in
the accept bin. Defects below the visibility limit of their scenario are reported apart, and so are
the parts used for teaching. A bound says what a rate may be at worst, given how few were seen.
"""

from __future__ import annotations

from collections import Counter
from collections import deque
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ant_ros.inspection.verdict import Decision

__all__ = ['Figures', 'PartRecord', 'Score', 'rate_upper_bound']

Figures = dict[str, 'int | float | None']

_LATENCIES = 100_000   # the latest ones are kept: bounded memory, and more than a shift


@dataclass(frozen=True)
class PartRecord:
    """
    What is known of one part; None stands for what has not been told (yet).

    Attributes:
        taught: The part was used for teaching.
        triggered: The photo-eye saw it.
        decision: What the inspector said.
        passed: What the gate's outcome says.
        bin: Where it physically ended: accept, reject or lost.
        defective: The truth.
        visible: Whether its defect can be seen at all.
        latency_ms: From its image to its verdict.
        units: Deep-stage tiles that its verdict woke.
        units_total: Deep-stage tiles there are.
    """

    taught: bool = False
    triggered: bool = False
    decision: Decision | None = None
    passed: bool | None = None
    bin: str | None = None
    defective: bool | None = None
    visible: bool = False
    latency_ms: float | None = None
    units: int = 0
    units_total: int = 0

    @property
    def accepted(self) -> bool:
        """Whether it got a pass: by the gate's word, else by its end, else by its verdict."""
        if self.passed is not None:
            return self.passed
        if self.bin is not None:
            return self.bin == 'accept'
        return self.decision is Decision.PASS

    @property
    def escaped(self) -> bool:
        """Whether the part is bad and ended in the accept bin."""
        ended_well = self.bin == 'accept' if self.bin is not None else self.accepted
        return bool(self.defective) and ended_well

    @property
    def gate_error(self) -> bool:
        """Whether the part ended elsewhere than the gate says (without a word: in accept)."""
        if self.bin is None:
            return False
        return self.bin != ('accept' if self.passed else 'reject')


class Score:
    """
    Add up parts; memory does not grow with their number.

    >>> score = Score()
    >>> score.add(PartRecord(decision=Decision.PASS, passed=True, bin='accept', defective=False))
    >>> score.add(PartRecord(decision=Decision.PASS, passed=True, bin='accept', defective=True,
    ...                      visible=True))
    >>> figures = score.figures()
    >>> figures['escapes'], figures['frr'], round(figures['frr_upper_95'], 3)
    (1, 0.0, 0.95)
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._latencies_ms: deque[float] = deque(maxlen=_LATENCIES)

    def add(self, part: PartRecord) -> None:
        """Add a part of which nothing more will be told."""
        self._counts.update(_count(part))
        if part.latency_ms is not None and not part.taught:
            self._latencies_ms.append(part.latency_ms)

    def figures(self, unfinished: Iterable[PartRecord] = ()) -> Figures:
        """Return all figures, the parts that are still on their way included."""
        unfinished = list(unfinished)
        counts = self._counts.copy()
        for part in unfinished:
            counts.update(_count(part))
        latencies_ms = [*self._latencies_ms, *(
            part.latency_ms for part in unfinished
            if part.latency_ms is not None and not part.taught)]
        return _figures(counts, latencies_ms)


def rate_upper_bound(events: int, trials: int, confidence: float = 0.95) -> float | None:
    """
    Bound a rate from above: one-sided Clopper-Pearson; None without trials.

    >>> round(rate_upper_bound(0, 10), 2), round(rate_upper_bound(0, 300), 3)
    (0.26, 0.01)
    """
    if not 0 <= events <= trials:
        raise ValueError(f'{events} events of {trials} trials: expected 0 <= events <= trials')
    if trials == 0:
        return None
    if events == trials:
        return 1.0
    return float(stats.beta.ppf(confidence, events + 1, trials - events))


def _count(part: PartRecord) -> Counter[str]:
    """Say which figures a part counts in."""
    counts = Counter(gate_errors=int(part.gate_error))
    if part.taught:
        counts['teach_parts'] = 1
        return counts
    counts['parts'] = int(part.defective is not None)
    counts['triggers'] = int(part.triggered)
    counts['outcomes'] = int(part.passed is not None)
    if part.decision is not None:
        counts['verdicts'] = 1
        counts[part.decision.value] = 1
        counts['passes_not_in_time'] = int(
            part.decision is Decision.PASS and part.passed is False)
    if part.defective is not None:
        counts.update(_count_bad(part) if part.defective else _count_good(part))
    return counts


def _count_bad(part: PartRecord) -> dict[str, int]:
    return {'true_defects': 1, 'defects_below_visibility': int(not part.visible),
            'escapes': int(part.visible and part.escaped),
            'escapes_below_visibility': int(not part.visible and part.escaped)}


def _count_good(part: PartRecord) -> dict[str, int]:
    counts = {'good_parts': 1, 'false_rejects': int(not part.accepted)}
    if part.units_total:
        counts.update(good_measured=1, good_woken=int(part.units > 0),
                      good_tiles=part.units_total, good_tiles_woken=part.units)
    return counts


def _figures(counts: Counter[str], latencies_ms: Sequence[float]) -> Figures:
    visible = counts['true_defects'] - counts['defects_below_visibility']
    good = counts['good_parts']
    p50, p99 = np.percentile(latencies_ms, [50, 99]) if len(latencies_ms) else (None, None)
    plain = ('parts', 'teach_parts', 'triggers', 'outcomes', 'verdicts',
             'pass', 'review', 'reject', 'uninspected',
             'true_defects', 'defects_below_visibility', 'escapes', 'escapes_below_visibility',
             'false_rejects', 'passes_not_in_time', 'gate_errors')
    return {
        **{key: counts[key] for key in plain},
        'escape_rate_upper_95': rate_upper_bound(counts['escapes'], visible),
        'frr': _rate(counts['false_rejects'], good),
        'frr_upper_95': rate_upper_bound(counts['false_rejects'], good),
        'review_rate': _rate(counts['review'], counts['verdicts']),
        'latency_ms_p50': None if p50 is None else float(p50),
        'latency_ms_p99': None if p99 is None else float(p99),
        'wake_rate_good_parts': _rate(counts['good_woken'], counts['good_measured']),
        'wake_rate_good_tiles': _rate(counts['good_tiles_woken'], counts['good_tiles'])}


def _rate(events: int, trials: int) -> float | None:
    return events / trials if trials else None
