# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A network trained under its schedule beside one trained in lock-step.

The task: a handwritten digit is stamped somewhere on a known photograph, under soft shadows.
Which digit is it? The photograph is the expected input; shadows and sensor noise are harmless and
differ from it as well. Digits and photograph come with scikit-learn.

Both networks start from the same lock-step training and get equally many steps after it: one in
lock-step, the other under the batched schedule with a price per unit. The lock-step network then
runs at many thresholds, the cheapest of which is chosen on the test set itself, in its favour.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
import torch
from torch import nn
from torch.nn import functional

from ant_ros.bench.one_thread import one_thread
from ant_ros.network.conversion import convert
from ant_ros.network.graph import Graph
from ant_ros.network.op_table import macs_per_position
from ant_ros.network.training import TrainableNetwork

__all__ = ['draw', 'measure']

_NOISE = 0.015
_DIGIT = 16  # px; the 8 x 8 px of the data set, doubled
_DIGITS_FOR_TRAINING = 1200  # of 1797; the others are for the test
# Thresholds of the input (in units of the noise) and of the nodes (in units of their RMS).
_SWEEP = ((0.0, 0.0), (4.0, 0.0), (6.0, 1.0), (6.0, 2.0), (6.0, 3.0), (6.0, 4.0), (6.0, 5.0),
          (12.0, 4.0))
# Small enough to tell a digit from a shadow beside it; larger than the default in the first layer,
# where a change that is spread over more tiles stays below more thresholds.
_TILES = {'input': 4, 'body_2': 4}
_START = (6.0, 2.0)  # of the training under the schedule
_LOSS_ALLOWED = 0.005  # in accuracy, for the cheapest lock-step run


@dataclass(frozen=True)
class _Size:
    side: int
    seeds: int
    steps: int
    further_steps: int
    pictures: int
    tested: int
    prices: tuple[float, ...]


# Few pictures: with many, a network trained in lock-step learns as well what is harmless. Ten
# seeds: from one to the next the difference between both changes by points.
_FULL = _Size(60, 10, 350, 250, 400, 1194, (3e-5, 1e-4))
_QUICK = _Size(48, 1, 25, 8, 300, 60, (6e-4,))


class _Net(nn.Module):
    """Four convolutions to a quarter of the side, the mean over the map, one answer per digit."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 1
        for channels, kernel, stride in ((8, 5, 2), (16, 3, 2), (24, 3, 1), (32, 3, 1)):
            layers += [nn.Conv2d(before, channels, kernel, stride, kernel // 2),
                       nn.BatchNorm2d(channels), nn.ReLU()]
            before = channels
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(before, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x).mean((2, 3)))


class _Pictures:
    """Draw pictures with their digits."""

    def __init__(self, side: int, seed: int) -> None:
        from sklearn.datasets import load_digits
        from sklearn.datasets import load_sample_image
        digits = load_digits()
        order = np.random.default_rng(0).permutation(len(digits.target))
        self._digits = digits.images[order].astype(np.float32).repeat(2, 1).repeat(2, 2) / 16
        self._answers = digits.target[order]
        photograph = load_sample_image('china.jpg').astype(np.float32).mean(2) / 255
        self.background = 0.2 + 0.6 * photograph[200:200 + side, 300:300 + side]
        self._random = np.random.default_rng(seed)

    def draw(self, which: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Return pictures `[N, 1, side, side]` of these digits, and the answers [N]."""
        random, side = self._random, len(self.background)
        pictures = self.background * self._light(len(which), side)
        for picture, digit in zip(pictures, self._digits[which]):
            row, column = random.integers(0, side - _DIGIT, 2)
            picture[row:row + _DIGIT, column:column + _DIGIT] *= 1 - 0.85 * digit
        pictures += _NOISE * random.standard_normal(pictures.shape, np.float32)
        return torch.from_numpy(pictures[:, None]), torch.from_numpy(self._answers[which])

    def _light(self, count: int, side: int) -> np.ndarray:
        """Return what five soft shadows leave of the light `[N, side, side]`."""
        centre = self._random.uniform(0, side, (2, count, 5, 1))
        width = self._random.uniform(3, 6, (count, 5, 1))
        depth = self._random.uniform(0.2, 0.5, (count, 5))
        down, across = np.exp(-0.5 * ((np.arange(side) - centre) / width) ** 2)
        shade = np.einsum('nk,nky,nkx->nyx', depth, down, across)
        return (1 - shade).clip(0.2).astype(np.float32)

    def for_training(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        return self.draw(self._random.integers(0, _DIGITS_FOR_TRAINING, count))

    def for_the_test(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        held_out = len(self._answers) - _DIGITS_FOR_TRAINING
        return self.draw(_DIGITS_FOR_TRAINING + np.arange(count) % held_out)


class _Trial:
    """One seed: pictures, the common start, and what becomes of it."""

    def __init__(self, size: _Size, seed: int) -> None:
        self._size, self._seed = size, seed
        pictures = _Pictures(size.side, seed)
        self._inputs, self._answers = pictures.for_training(size.pictures)
        self._test, self._truth = pictures.for_the_test(size.tested)
        self._expected = torch.from_numpy(pictures.background[None])
        torch.manual_seed(seed)
        net = _Net()
        self._descend(net.parameters(), lambda x, y: functional.cross_entropy(net(x), y),
                      size.steps, 1e-2)
        self._graph = convert(net.eval(), self._expected)

    def lock_step(self) -> list[dict[str, float]]:
        """Train on in lock-step; return the figures at all thresholds of the sweep."""
        network = self._network(self._graph, *_START)
        self._descend(
            network.weights.parameters(),
            lambda x, y: functional.cross_entropy(network.run_dense(x)[0], y),
            self._size.further_steps, 4e-3)
        graph = network.to_graph()
        return [self._evaluate(self._network(graph, *thresholds)) for thresholds in _SWEEP]

    def under_schedule(self, price: float) -> dict[str, float]:
        """Train on under the schedule; return the figures at the trained thresholds."""
        network = self._network(self._graph, *_START)

        def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            ran = network(x)
            return functional.cross_entropy(ran.outputs[0], y) + price * ran.units.mean()

        groups = [{'params': network.weights.parameters()}, {'params': [network.log_thresholds]}]
        self._descend(groups, loss, self._size.further_steps, [4e-3, 4e-2])
        return self._evaluate(network)

    def _network(self, graph: Graph, threshold: float, passing: float) -> TrainableNetwork:
        return TrainableNetwork(graph, self._expected, spread=_NOISE, threshold=threshold,
                                passing=passing, tile=_TILES)

    def _descend(self, parameters: Any, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
                 steps: int, rate: float | list[float]) -> None:
        draw = np.random.default_rng(self._seed)
        optimiser = torch.optim.Adam(parameters)
        pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
        for _ in range(steps):
            batch = torch.from_numpy(draw.integers(0, len(self._inputs), 48))
            optimiser.zero_grad()
            loss(self._inputs[batch], self._answers[batch]).backward()
            optimiser.step()
            pace.step()

    def _evaluate(self, network: TrainableNetwork) -> dict[str, float]:
        right, computed = 0, torch.zeros(len(network.graph.nodes))
        with torch.no_grad():
            for x, y in zip(self._test.split(100), self._truth.split(100)):
                ran = network(x)
                right += int((ran.outputs[0].argmax(1) == y).sum())
                computed += ran.computed.sum(0)
        units = computed.double().numpy() / len(self._test)
        macs = np.array([macs_per_position(network.graph, index) * side ** 2
                         for index, side in enumerate(network.layout.tile)])
        return {'accuracy': right / len(self._test), 'units': float(units.sum()),
                'macs': float(units @ macs)}


def measure(quick: bool = False) -> dict[str, Any]:
    """Return both curves, accuracy against units per picture, and how they compare.

    Args:
        quick: One seed and too few steps to learn: shows that it runs, proves nothing.
    """
    size = _QUICK if quick else _FULL
    with one_thread():  # the same figures whatever the number of cores
        trials = [_Trial(size, seed) for seed in range(size.seeds)]
        lock_step = [trial.lock_step() for trial in trials]
        trained = [[trial.under_schedule(price) for price in size.prices] for trial in trials]
    lock_curve = [{'threshold': threshold, 'passing': passing, **_over_seeds(points)}
                  for (threshold, passing), points in zip(_SWEEP, zip(*lock_step))]
    trained_curve = [{'price': price, **_over_seeds(points)}
                     for price, points in zip(size.prices, zip(*trained))]
    return {
        'task': 'which digit is stamped on a known photograph, under soft shadows',
        'quick': quick, 'seeds': size.seeds, 'training_pictures': size.pictures,
        'test_pictures': size.tested,
        'steps_common': size.steps, 'steps_each': size.further_steps,
        'lock_step': lock_curve, 'under_schedule': trained_curve,
        'comparison': _compare(lock_curve, trained_curve),
    }


def _over_seeds(points: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return the mean of each figure and its values by seed."""
    figures: dict[str, Any] = {}
    for key in points[0]:
        values = [point[key] for point in points]
        figures |= {key: float(np.mean(values)), f'{key}_by_seed': values}
    return figures


def _compare(lock_step: Sequence[dict[str, Any]],
             trained: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Compare every point of the trained curve with two runs of the lock-step network."""
    exact = lock_step[0]
    good = [point for point in lock_step
            if point['accuracy'] >= exact['accuracy'] - _LOSS_ALLOWED]
    cheapest = min(good, key=lambda point: point['units'])
    rows = []
    for point in trained:
        difference = np.subtract(point['accuracy_by_seed'], exact['accuracy_by_seed'])
        rows.append({
            'price': point['price'],
            'accuracy_gain': float(difference.mean()),
            'accuracy_gain_interval_95': _interval(difference),
            'units_ratio_to_exact': point['units'] / exact['units'],
            'units_ratio_interval_95': _interval(
                np.divide(point['units_by_seed'], exact['units_by_seed'])),
            'macs_ratio_to_exact': point['macs'] / exact['macs'],
            'units_ratio_to_cheapest_lock_step': point['units'] / cheapest['units'],
            'macs_ratio_to_cheapest_lock_step': point['macs'] / cheapest['macs'],
            'accuracy_gain_over_cheapest': point['accuracy'] - cheapest['accuracy'],
            'at_least_as_good_at_half_the_units': bool(
                difference.mean() >= 0 and point['units'] <= exact['units'] / 2),
        })
    return rows


def _interval(values: np.ndarray) -> list[float] | None:
    """Return the 95 % interval of the mean over seeds (Student's t); None for one seed."""
    if len(values) < 2:
        return None
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return [float(np.mean(values) - half), float(np.mean(values) + half)]


def draw(figures: dict[str, Any], file: Path) -> None:
    """Draw both curves, accuracy against units per picture.

    Args:
        figures: What `measure` returned.
        file: The picture to write.
    """
    from matplotlib.figure import Figure
    figure = Figure(figsize=(6.4, 4.2), layout='constrained')
    axes = figure.add_subplot()
    for key, label, marker in (('lock_step', 'trained in lock-step, thresholds swept', 'o'),
                               ('under_schedule', 'trained under the schedule, by price', 's')):
        points = sorted(figures[key], key=lambda point: point['units'])
        [line] = axes.plot([point['units'] for point in points],
                           [point['accuracy'] for point in points], marker=marker, label=label)
        for point in points:
            axes.plot(point['units_by_seed'], point['accuracy_by_seed'], '.', alpha=0.3,
                      color=line.get_color())
    axes.axvline(figures['lock_step'][0]['units'] / 2, linestyle=':', color='grey',
                 label='half the units of the exact run')
    axes.set(xlabel='units computed per picture', ylabel='accuracy on held-out digits',
             xlim=(0, None))
    axes.legend()
    figure.savefig(file, dpi=150)
