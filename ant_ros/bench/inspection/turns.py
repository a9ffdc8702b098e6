# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Let detectors look at the same frames in turns, so that a busy machine is fair to all."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import time

import numpy as np

from ant_ros.bench.evaluation.split_run import Answer
from ant_ros.bench.evaluation.split_run import Detector

__all__ = ['Turns', 'in_turns']


class Turns:
    """What each detector answered on each frame, and what that took.

    Attributes:
        answers: By detector, one per frame.
        cpu_ms: By detector, the least CPU time of the rounds, per frame [frames].
        network_ms: By detector, the same of the time in the network; empty where it is not told.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.answers: dict[str, list[Answer]] = {name: [] for name in names}
        self.cpu_ms: dict[str, np.ndarray] = {}
        self.network_ms: dict[str, np.ndarray] = {}

    def scores(self, name: str) -> np.ndarray:
        """Return a detector's scores [frames]."""
        return np.array([answer.score for answer in self.answers[name]])


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
    turns = Turns(names)
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
                work = getattr(answer, 'work', None)
                if work is not None:
                    network[name][turn, number] = 1e3 * work.seconds
                if turn == 0:
                    turns.answers[name].append(answer)
    for name in names:
        turns.cpu_ms[name] = cpu[name].min(axis=0)
        if not np.isnan(network[name]).any():
            turns.network_ms[name] = network[name].min(axis=0)
    return turns
