# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Remove 30, 40 and 50 % of the synapses: what it costs in accuracy, and the time it saves.

Data: scikit-learn's digits, the same 500 for the test always. The networks: a residual
convolution network trained by Adam, a sampled network of 512 hidden units, and the temporal
neurons of the part `temporal`. Nothing is trained after pruning; the convolution network sees
600 training images once more, without their labels.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
import statistics
import time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
import torch
from torch import nn

from ant_ros.bench.training.temporal import measure_pruning
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.graph import Graph
from ant_ros.network.pruning import count_synapses
from ant_ros.network.pruning import prune
from ant_ros.network.sampled.estimators import SampledClassifier

__all__ = ['FRACTIONS', 'draw', 'measure']

FRACTIONS = (0.3, 0.4, 0.5)
_TESTED = 500
_SEEN = 600
_WIDTH = 512
_TURNS, _QUICK_TURNS = 15, 3
_TIMED = 200
_RATE, _BATCH = 3e-3, 64
_NAMES = {'convolution': 'convolution network', 'sampled': 'sampled network',
          'temporal': 'temporal neurons'}


class _Block(nn.Module):
    """Two convolutions and a way past them."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, channels, 3, stride, 1, bias=False), nn.BatchNorm2d(channels),
            nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(channels))
        self.past = (nn.Identity() if before == channels and stride == 1 else nn.Sequential(
            nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.past(x))


def measure(quick: bool) -> dict[str, Any]:
    """Return accuracy loss in percentage points and time saved, by network and fraction.

    Time saved is a part of the time that the whole network takes in the same run: medians of
    alternating turns, processor time of one thread, so that what else the machine does is left
    out. `time_saved` is that of hundreds of samples at once; `time_saved_by_events` that of
    single images, all new, on the asynchronous network.

    Args:
        quick: One seed and less training.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            return {'convolution': _convolution(quick), 'sampled': _sampled(quick),
                    'temporal': measure_pruning(quick)}
    finally:
        torch.set_num_threads(threads)


def draw(figures: dict[str, Any], file: Path) -> None:
    """Draw loss and time saved over the fraction of synapses removed."""
    from matplotlib.figure import Figure
    figure = Figure(figsize=(9, 3.4), layout='constrained')
    costs, saves = figure.subplots(1, 2)
    for (name, label), marker in zip(_NAMES.items(), 'osD'):
        entries = [figures[name][f'{fraction:.0%}'] for fraction in FRACTIONS]
        removed = [100 * entry['synapses_removed'] for entry in entries]
        for axes, key, factor in ((costs, 'loss_points', 1), (saves, 'time_saved', 100)):
            values = [factor * entry[key]['mean'] for entry in entries]
            spread = [factor * entry[key]['std'] for entry in entries]
            axes.errorbar(removed, values, spread, marker=marker, capsize=3, label=label)
    costs.axhline(0.5, color='grey', linestyle=':', linewidth=1)
    costs.set(ylabel='accuracy lost, percentage points', title='What it costs')
    saves.set(ylabel='time saved, %', title='What it saves')
    for axes in (costs, saves):
        axes.set(xlabel='synapses removed, %', xticks=[100 * fraction for fraction in FRACTIONS])
        axes.axhline(0.0, color='black', linewidth=0.8)
        axes.spines[['top', 'right']].set_visible(False)
    costs.legend(frameon=False)
    figure.savefig(file, dpi=120)


def _convolution(quick: bool) -> dict[str, Any]:
    pixels, classes, train, test = _digits()
    images = torch.tensor(pixels, dtype=torch.float32).reshape(-1, 1, 8, 8)
    labels = torch.tensor(classes)
    runs = []
    for seed in range(1 if quick else 3):
        some = train[:_SEEN] if quick else train
        net = _trained(images[some], labels[some], seed, 2 if quick else 8)
        graph = convert(net, images[:1])
        whole = _accuracy(graph, images[test], labels[test])
        for fraction in FRACTIONS:
            started = time.perf_counter()
            smaller = prune(graph, fraction, images[train[:_SEEN]])
            spent = time.perf_counter() - started
            runs.append((fraction, {
                'synapses_removed': 1 - count_synapses(smaller) / count_synapses(graph),
                'loss_points': 100 * (whole - _accuracy(smaller, images[test], labels[test])),
                'time_saved': _saved(
                    quick, *(_dense(one, images[test[:_TIMED]]) for one in (graph, smaller))),
                'time_saved_by_events': _saved(
                    quick, *(_by_events(one, images[test]) for one in (graph, smaller))),
                'whole_accuracy': whole, 'seconds': spent}))
    return {'synapses': count_synapses(graph), **_summary(runs)}


def _sampled(quick: bool) -> dict[str, Any]:
    points, labels, train, test = _digits()
    runs = []
    for seed in range(1 if quick else 5):
        model = SampledClassifier(_WIDTH, random_state=seed).fit(points[train], labels[train])
        whole = model.score(points[test], labels[test])
        for fraction in FRACTIONS:
            started = time.perf_counter()
            smaller = prune(model, fraction, points[train])
            spent = time.perf_counter() - started
            runs.append((fraction, {
                'synapses_removed': 1 - smaller.width / model.width,
                'loss_points': 100 * (whole - smaller.score(points[test], labels[test])),
                'time_saved': _saved(
                    quick, *(_predict(one, points[test]) for one in (model, smaller))),
                'whole_accuracy': whole, 'seconds': spent}))
    return {'synapses': _WIDTH * (points.shape[1] + 10), **_summary(runs)}


def _digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return pixels `[N, 64]` in 0 to 1, labels, and which are for training and testing."""
    from sklearn.datasets import load_digits
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    return pixels / 16.0, labels, order[_TESTED:], order[:_TESTED]


def _trained(images: torch.Tensor, labels: torch.Tensor, seed: int, epochs: int) -> nn.Module:
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), _Block(32, 32, 1),
        _Block(32, 64, 2), _Block(64, 64, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(64, 10))
    steps = epochs * -(-len(images) // _BATCH)
    optimizer = torch.optim.Adam(net.parameters(), _RATE)
    slower = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(_BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
            slower.step()
    return net.eval()


def _accuracy(graph: Graph, images: torch.Tensor, labels: torch.Tensor) -> float:
    return float((run_dense(graph, images)[0].argmax(1) == labels).double().mean())


def _dense(graph: Graph, images: torch.Tensor) -> Callable[[], object]:
    return lambda: run_dense(graph, images)


def _by_events(graph: Graph, images: torch.Tensor) -> Callable[[], object]:
    network = AsyncNetwork(graph, np.zeros(graph.nodes[0].shape, np.float32),
                           break_even=NEVER_DENSE)
    some = images[:20].numpy()
    return lambda: [network.run(image) for image in some]


def _predict(model: SampledClassifier, points: np.ndarray) -> Callable[[], object]:
    many = np.tile(points, (4, 1))
    return lambda: model.predict(many)


def _saved(quick: bool, whole: Callable[[], object],
           smaller: Callable[[], object]) -> float:
    """Return the part of the time that the smaller one saves."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range((_QUICK_TURNS if quick else _TURNS) + 1):
        for call, taken in zip((whole, smaller), seconds):
            started = time.thread_time()
            call()
            if turn:  # the first one warms up
                taken.append(time.thread_time() - started)
    return 1.0 - statistics.median(seconds[1]) / statistics.median(seconds[0])


def _summary(runs: Sequence[tuple[float, dict[str, float]]]) -> dict[str, Any]:
    """Return the figures by fraction, over all seeds."""
    figures: dict[str, Any] = {
        'accuracy': _spread([run['whole_accuracy'] for _, run in runs])}
    for fraction in FRACTIONS:
        of_it = [run for each, run in runs if each == fraction]
        figures[f'{fraction:.0%}'] = {
            'synapses_removed': float(np.mean([run['synapses_removed'] for run in of_it])),
            'seconds': statistics.median(run['seconds'] for run in of_it),
            **{key: _spread([run[key] for run in of_it])
               for key in ('loss_points', 'time_saved', 'time_saved_by_events')
               if key in of_it[0]}}
    return figures


def _spread(values: list[float]) -> dict[str, float]:
    return {'mean': float(np.mean(values)), 'std': float(np.std(values)),
            'least': float(min(values)), 'most': float(max(values))}
