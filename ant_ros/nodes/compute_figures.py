# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What inspecting costs, over the last parts."""

from collections import Counter
from collections import deque
from dataclasses import dataclass
import threading

from ant_ros.nodes.part_verdict import PartVerdict

__all__ = ['ComputeFigures', 'ComputeSummary']

_WINDOW = 200


@dataclass(frozen=True)
class ComputeSummary:
    """Figures over the last parts, and counts since the start.

    Attributes:
        inspected: parts in the window.
        compute_ms_p50: median wall time of an inspection.
        compute_ms_p99: and its 99th percentile.
        latency_ms_p50: median time from the image's arrival to the verdict.
        latency_ms_p99: and its 99th percentile.
        woken_parts: share of the parts that woke the deep stage.
        woken_units: share of the deep stage's units that were woken.
        decisions: verdicts of each kind since the start.
        causes: uninspected parts of each cause since the start.
    """

    inspected: int
    compute_ms_p50: float
    compute_ms_p99: float
    latency_ms_p50: float
    latency_ms_p99: float
    woken_parts: float
    woken_units: float
    decisions: dict[str, int]
    causes: dict[str, int]


class ComputeFigures:
    """Collect verdicts from any thread."""

    def __init__(self) -> None:
        self._window: deque[PartVerdict] = deque(maxlen=_WINDOW)
        self._decisions: Counter[str] = Counter()
        self._causes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, verdict: PartVerdict) -> None:
        """Take note of a verdict that was given."""
        with self._lock:
            self._decisions[verdict.decision.value] += 1
            if verdict.cause:
                self._causes[verdict.cause] += 1
            else:
                self._window.append(verdict)

    def summary(self) -> ComputeSummary:
        """Return the figures now; those of an empty window are 0."""
        with self._lock:
            window = list(self._window)
            decisions, causes = dict(self._decisions), dict(self._causes)
        compute = sorted(verdict.compute_ms for verdict in window)
        latency = sorted(verdict.latency_ms for verdict in window)
        units = sum(verdict.units_total for verdict in window)
        return ComputeSummary(
            inspected=len(window),
            compute_ms_p50=_percentile(compute, 0.5), compute_ms_p99=_percentile(compute, 0.99),
            latency_ms_p50=_percentile(latency, 0.5), latency_ms_p99=_percentile(latency, 0.99),
            woken_parts=sum(verdict.stage > 0 for verdict in window) / max(1, len(window)),
            woken_units=sum(verdict.units for verdict in window) / max(1, units),
            decisions=decisions, causes=causes)


def _percentile(ordered: list[float], share: float) -> float:
    """Return the smallest value that at least this share does not exceed; 0 of nothing."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
