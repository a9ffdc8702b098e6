# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Let detectors look at the same frames in turns, so that a busy machine is fair to all."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Any

import numpy as np

from ant_ros.bench.evaluation.split_run import Answer
from ant_ros.bench.evaluation.split_run import Detector
from ant_ros.inspection import Decision
from ant_ros.network.work import Work

__all__ = ['Looked', 'Turns', 'in_turns']


@dataclass(frozen=True)
class Looked:
    """What is kept of an answer, which may hold whole maps.

    Attributes:
        score: How unusual the frame looks.
        decision: None where the detector draws no limits.
        work: Of its network; None where it is not counted.
    """

    score: float
    decision: Decision | None
    work: Work | None


@dataclass(frozen=True)
class Turns:
    """What each detector answered on each frame, and what that took.

    Attributes:
        answers: By detector, one per frame.
        cpu_ms: By detector, the least CPU time of the rounds, per frame [frames].
        network_ms: By detector, the same of the time in the network; none where it is not told.
    """

    answers: Mapping[str, Sequence[Looked]]
    cpu_ms: Mapping[str, np.ndarray]
    network_ms: Mapping[str, np.ndarray]

    def scores(self, name: str) -> np.ndarray:
        """Return a detector's scores [frames]."""
        return np.array([answer.score for answer in self.answers[name]])

    def also_called(self, names: Mapping[str, str]) -> Turns:
        """Return the same by other names: each stands for one of those that there are."""
        return Turns(*(_by_other_names(known, names) for known in (
            self.answers, self.cpu_ms, self.network_ms)))


def in_turns(detectors: Mapping[str, Detector], frames: Sequence[np.ndarray], *,
             with_map: bool, rounds: int = 3) -> Turns:
    """Let every detector look at every frame, in an order that rotates.

    Args:
        detectors: By name.
        frames: Decoded frames.
        with_map: Count the drawing of the anomaly map.
        rounds: How often each frame is looked at.
    """
    names = list(detectors)
    answers: dict[str, list[Looked]] = {name: [] for name in names}
    cpu = {name: np.full((rounds, len(frames)), np.nan) for name in names}
    network = {name: np.full((rounds, len(frames)), np.nan) for name in names}
    for name in names:
        detectors[name].inspect(frames[0])
    for number, frame in enumerate(frames):
        for turn in range(rounds):
            first = (number + turn) % len(names)
            for name in names[first:] + names[:first]:
                started = time.process_time()
                answer = detectors[name].inspect(frame)
                if with_map:
                    _ = answer.anomaly_map
                cpu[name][turn, number] = 1e3 * (time.process_time() - started)
                looked = _looked(answer)
                if looked.work is not None:
                    network[name][turn, number] = 1e3 * looked.work.seconds
                if turn == 0:
                    answers[name].append(looked)
    return Turns(
        answers, {name: cpu[name].min(axis=0) for name in names},
        {name: times.min(axis=0) for name, times in network.items()
         if not np.isnan(times).any()})


def _by_other_names(known: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    return {name: known[one] for name, one in names.items() if one in known}


def _looked(answer: Answer) -> Looked:
    return Looked(float(answer.score), getattr(answer, 'decision', None),
                  getattr(answer, 'work', None))
