# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Put together what different topics tell of a part, in any order, for the score."""

from collections import Counter
from collections import OrderedDict
from dataclasses import dataclass

from ant_ros.inspection.score import Figures
from ant_ros.inspection.score import PartRecord
from ant_ros.inspection.score import Score
from ant_ros.nodes.trigger_book import Outcome
from ant_ros.nodes.truth_message import PartEnd
from ant_ros.nodes.verdict_message import PartVerdict

__all__ = ['PartHistories']

_UNFINISHED = 1000   # parts of which something is still missing; the oldest are closed first
_CLOSED = 10_000     # closed parts remembered, so that a late message does not count them again


@dataclass
class _History:
    triggered: bool = False
    verdict: PartVerdict | None = None
    verdict_s: float | None = None
    outcome: Outcome | None = None
    end: PartEnd | None = None

    @property
    def complete(self) -> bool:
        return bool(self.triggered and self.verdict and self.outcome and self.end)

    def record(self) -> PartRecord:
        """Say what is known of the part so far."""
        verdict, end = self.verdict, self.end
        taught = (end is not None and end.role == 'teach') or (
            verdict is not None and verdict.cause == 'teaching')
        return PartRecord(
            taught=taught,
            triggered=self.triggered,
            decision=verdict.decision if verdict else None,
            passed=self.outcome.passed if self.outcome else None,
            bin=end.bin if end else None,
            defective=end.defect is not None if end else None,
            visible=end.visible if end else False,
            latency_ms=self._latency_ms(),
            units=verdict.units if verdict else 0,
            units_total=verdict.units_total if verdict else 0)

    def _latency_ms(self) -> float | None:
        if self.end is None or self.end.published_monotonic_s is None or self.verdict_s is None:
            return None
        latency_s = self.verdict_s - self.end.published_monotonic_s
        # Two computers have two monotonic clocks, which cannot be compared.
        return 1000.0 * latency_s if latency_s >= 0.0 else None


class PartHistories:
    """
    Collect triggers, verdicts, outcomes and ends by part ID, and keep the score.

    A part is closed when all four are there, or when too many parts are unfinished; what is told
    of it after that, or twice, is counted in `repeated` and changes nothing.
    """

    def __init__(self) -> None:
        self.repeated: Counter[str] = Counter()
        self.abandoned = 0
        self._score = Score()
        self._unfinished: OrderedDict[str, _History] = OrderedDict()
        self._closed: OrderedDict[str, None] = OrderedDict()

    @property
    def unfinished(self) -> int:
        """How many parts are not complete yet."""
        return len(self._unfinished)

    def figures(self) -> Figures:
        """Return the figures of all parts, the unfinished ones as far as they are known."""
        return self._score.figures(history.record() for history in self._unfinished.values())

    def trigger(self, part_id: str) -> None:
        """Take note that the photo-eye saw a part."""
        history = self._open(part_id)
        if history is None or history.triggered:
            self.repeated['triggers'] += 1
            return
        history.triggered = True
        self._close_if_complete(part_id, history)

    def verdict(self, verdict: PartVerdict, received_s: float) -> None:
        """Take note of a verdict and when it was received, on the monotonic clock."""
        history = self._open(verdict.part_id)
        if history is None or history.verdict is not None:
            self.repeated['verdicts'] += 1
            return
        history.verdict, history.verdict_s = verdict, received_s
        self._close_if_complete(verdict.part_id, history)

    def outcome(self, outcome: Outcome) -> None:
        """Take note of what the gate did with a part."""
        history = self._open(outcome.part_id)
        if history is None or history.outcome is not None:
            self.repeated['outcomes'] += 1
            return
        history.outcome = outcome
        self._close_if_complete(outcome.part_id, history)

    def end(self, end: PartEnd) -> None:
        """Take note of the truth on a part and where it ended."""
        history = self._open(end.part_id)
        if history is None or history.end is not None:
            self.repeated['truths'] += 1
            return
        history.end = end
        self._close_if_complete(end.part_id, history)

    def _open(self, part_id: str) -> _History | None:
        """Return the history of a part, None if it is closed."""
        if part_id in self._closed:
            return None
        if part_id not in self._unfinished:
            if len(self._unfinished) >= _UNFINISHED:
                oldest_id, oldest = next(iter(self._unfinished.items()))
                self.abandoned += 1
                self._close(oldest_id, oldest)
            self._unfinished[part_id] = _History()
        return self._unfinished[part_id]

    def _close_if_complete(self, part_id: str, history: _History) -> None:
        if history.complete:
            self._close(part_id, history)

    def _close(self, part_id: str, history: _History) -> None:
        del self._unfinished[part_id]
        self._score.add(history.record())
        self._closed[part_id] = None
        if len(self._closed) > _CLOSED:
            self._closed.popitem(last=False)
