# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The rival that descends gradients: a network of the same size, trained by Adam in torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
import time
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = ['AdamConfig', 'Race', 'Task', 'race', 'search']

# Between two looks at the test set the training time grows by this factor.
_LOOK_FACTOR = 1.05


@dataclass(frozen=True)
class AdamConfig:
    """Step size and batch of Adam, and the activation of the network."""

    rate: float
    batch: int
    activation: type[nn.Module] = nn.Tanh


_CONFIGS = (
    AdamConfig(3e-3, 128), AdamConfig(1e-2, 256), AdamConfig(3e-2, 1024),
    AdamConfig(3e-3, 128, nn.ReLU), AdamConfig(1e-2, 256, nn.ReLU))


@dataclass(frozen=True)
class Race:
    """How a training by Adam went.

    Attributes:
        best: Best test score seen at any time.
        final: Test score at the end.
        reached_s: CPU seconds until each wanted score was seen, None if it never was.
        spent_s: CPU seconds of training.
    """

    best: float
    final: float
    reached_s: tuple[float | None, ...]
    spent_s: float


@dataclass(frozen=True)
class Task:
    """Points, targets (class indices or rows) and a score of the outputs at the test points."""

    points: np.ndarray
    targets: np.ndarray
    test_points: np.ndarray
    score: Callable[[np.ndarray], float]


def race(task: Task, width: int, config: AdamConfig, *, wanted: tuple[float, ...],
         cap_s: float, seed: int) -> Race:
    """Train one hidden layer until the cap; a quarter of it is enough once it has won.

    It has won when it has seen all the wanted scores. Looks at the test set cost no time on the
    clock, which counts the CPU seconds of training.
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    classes = task.targets.ndim == 1
    outputs = int(task.targets.max()) + 1 if classes else task.targets.shape[1]
    network = nn.Sequential(
        nn.Linear(task.points.shape[1], width), config.activation(), nn.Linear(width, outputs))
    loss_of = nn.CrossEntropyLoss() if classes else nn.MSELoss()
    adam = torch.optim.Adam(network.parameters(), lr=config.rate, fused=True)
    points = torch.from_numpy(task.points)
    targets = torch.from_numpy(task.targets)
    test = torch.from_numpy(task.test_points)
    reached: list[float | None] = [None] * len(wanted)
    best, score, spent, next_look = -np.inf, -np.inf, 0.0, 0.0
    batches: list[torch.Tensor] = []
    while spent < cap_s and (None in reached or spent < cap_s / 4):
        started = time.process_time()
        while True:
            if not batches:
                batches = list(torch.randperm(len(points)).split(config.batch))
            chosen = batches.pop()
            adam.zero_grad(set_to_none=True)
            loss_of(network(points[chosen]), targets[chosen]).backward()
            adam.step()
            now = spent + time.process_time() - started
            if now >= next_look:
                break
        spent = now
        next_look = max(_LOOK_FACTOR * spent, spent + 0.002)
        with torch.inference_mode():
            score = task.score(network(test).numpy())
        best = max(best, score)
        reached = [spent if before is None and score >= goal else before
                   for before, goal in zip(reached, wanted)]
    return Race(best, score, tuple(reached), spent)


def search(task: Task, width: int, *, wanted: float,
           cap_s: float) -> tuple[AdamConfig, dict[str, Any]]:
    """Return the configuration that gets to the wanted score first, else the highest.

    Args:
        task: Its test points must be a validation set, apart from the final test.
        width: Hidden units.
        wanted: Score to reach.
        cap_s: CPU seconds per configuration.
    """
    tried = []
    for known in _CONFIGS:
        config = replace(known, batch=min(known.batch, max(16, len(task.points) // 4)))
        tried.append((config, race(task, width, config, wanted=(wanted,), cap_s=cap_s, seed=0)))
    best = min(tried, key=lambda one: (
        (1, -one[1].best) if one[1].reached_s[0] is None else (0, one[1].reached_s[0])))
    return best[0], {
        'configurations': len(tried), 'rate': best[0].rate, 'batch': best[0].batch,
        'activation': best[0].activation.__name__,
        'search_s': sum(one.spent_s for _, one in tried)}
