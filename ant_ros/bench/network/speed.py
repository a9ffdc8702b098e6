# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Time events against dense ONNX Runtime of the same graph, in turns, on one thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import os
import time
from typing import Any

import numpy as np
import torch

from ant_ros.bench.network.networks import efficientnet_lite0
from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.photographs import changed
from ant_ros.bench.network.photographs import contiguous
from ant_ros.bench.network.photographs import photograph
from ant_ros.bench.network.photographs import scattered
from ant_ros.network.async_network import Answer
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.conversion import convert
from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend

__all__ = ['measure']

_FRACTIONS = (0.0, 1 / 64, 1 / 16, 1 / 4, 1.0)


@dataclass(frozen=True)
class _Case:
    """A network, how exact it has to be, and the ratios to aim for."""

    build: Callable[[int], torch.nn.Module]
    passing: float
    aims: tuple[float, ...]


_CASES = {
    'efficientnet_lite0_stride8': _Case(
        lambda side: efficientnet_lite0(8, side), 0.0, (0.03, 0.15, 0.25, 0.7, 1.05)),
    'efficientnet_lite0_stride16': _Case(
        lambda side: efficientnet_lite0(16, side), 0.1, (0.03, 0.4, 0.6, 1.05, 1.05)),
    'patch_descriptor': _Case(
        lambda side: patch_descriptor(), 0.0, (0.03, 0.06, 0.12, 0.35, 1.05)),
}


def measure(quick: bool = False) -> dict[str, Any]:
    """Measure the ratio of an answer's time to that of dense ONNX Runtime.

    What is timed is the whole call in Python, checks, comparison with the expected image, copy
    of the output and return to the reference included.

    Returns:
        Per network and image size: `dense_ms`, `eager_ratio` (PyTorch), `memory_mb`, and a row
        per changed fraction and kind of change with the median `ratio` over places (and the
        least and the largest), `cpu_ratio` (the same of the thread's processor time, which other
        programs disturb less), the error in two definitions, and what time went into.
    """
    sizes, places, repeats = ((256,), 2, 5) if quick else ((256, 512), 5, 11)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        networks = {
            name: {'passing': case.passing,
                   'sizes': {str(side): _measure_size(case, side, places, repeats)
                             for side in sizes}}
            for name, case in _CASES.items()}
    finally:
        torch.set_num_threads(threads)
    return {'places': places, 'repeats': repeats, 'load_average': os.getloadavg()[0],
            'aims_met': _aims_met(networks), 'networks': networks}


def _measure_size(case: _Case, side: int, places: int, repeats: int) -> dict[str, Any]:
    expected, other = photograph('china.jpg', side), photograph('flower.jpg', side)
    module = case.build(side)
    network = AsyncNetwork(convert(module, expected), expected, passing=case.passing)
    rival = OnnxRuntimeBackend(network.program)
    costs = network.break_even
    reference = network.run(expected).output
    rng = np.random.default_rng(0)
    rows = []
    for fraction, aim in zip(_FRACTIONS, case.aims):
        for kind, shape in (('contiguous', contiguous), ('scattered', scattered)):
            if fraction in (0.0, 1.0) and kind == 'scattered':
                continue
            masks = [shape(fraction, side, rng) for _ in range(places)]
            trials = [_Trial(network, rival, image, reference, repeats)
                      for image in changed(expected, other, masks)]
            rows.append({'fraction': fraction, 'kind': kind, 'aim': aim, **_summary(trials)})
    return {'dense_ms': float(np.median([row['dense_ms'] for row in rows])),
            'eager_ratio': _eager_ratio(module, rival, other, max(repeats // 2, 2)),
            'memory_mb': network.bytes / 1e6, 'state_mb': network.program.values.nbytes / 1e6,
            'measured_dense_ms': costs.dense_ns * 1e-6, 'rows': rows}


class _Trial:
    """One image, answered by events and densely in turns."""

    def __init__(self, network: AsyncNetwork, rival: OnnxRuntimeBackend, image: np.ndarray,
                 reference: np.ndarray, repeats: int) -> None:
        wall, cpu = [], []
        answer = network.run(image)
        dense = rival.dense(image)[0]
        compute = []
        for _ in range(repeats):
            taken, answer = _timed(lambda: network.run(image))
            rivals, _ = _timed(lambda: rival.dense(image))
            wall.append((taken[0], rivals[0]))
            cpu.append((taken[1], rivals[1]))
            compute.append(answer.compute_s or 0.0)
        self.answer: Answer = answer
        self.async_s, self.dense_s = np.median(wall, 0)
        self.async_cpu_s, self.dense_cpu_s = np.median(cpu, 0)
        self.compute_s = float(np.median(compute))
        difference = np.linalg.norm(answer.output - dense)
        response = np.linalg.norm(dense - reference)
        # Where nothing has changed only the backends' rounding is between the two.
        self.error = float(difference / response) if np.any(image != network.program.expected) \
            else 0.0
        self.error_to_dense = float(difference / np.linalg.norm(dense))
        self.idle_error_to_dense = float(response / np.linalg.norm(dense))


def _timed(call: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    """Return wall and processor seconds of a call, and its answer."""
    cpu, wall = time.thread_time(), time.perf_counter()
    answer = call()
    return (time.perf_counter() - wall, time.thread_time() - cpu), answer


def _summary(trials: list[_Trial]) -> dict[str, Any]:
    ratios = [trial.async_s / trial.dense_s for trial in trials]
    return {
        'ratio': float(np.median(ratios)), 'ratio_min': min(ratios), 'ratio_max': max(ratios),
        'cpu_ratio': _median(trial.async_cpu_s / trial.dense_cpu_s for trial in trials),
        'async_ms': _median(trial.async_s * 1e3 for trial in trials),
        'dense_ms': _median(trial.dense_s * 1e3 for trial in trials),
        'compute_share': _median(trial.compute_s / trial.async_s for trial in trials),
        'macs_share': _median(trial.answer.work.macs / trial.answer.work.macs_dense
                              for trial in trials),
        'units': _median(trial.answer.work.units for trial in trials),
        'dense_runs': sum(trial.answer.dense for trial in trials),
        'error': _median(trial.error for trial in trials),
        'error_max': max(trial.error for trial in trials),
        'error_to_dense': _median(trial.error_to_dense for trial in trials),
        'error_doing_nothing': 1.0 if trials[0].answer.events else 0.0,
        'error_to_dense_doing_nothing': _median(trial.idle_error_to_dense for trial in trials),
    }


def _median(values: Any) -> float:
    return float(np.median(list(values)))


def _eager_ratio(module: torch.nn.Module, rival: OnnxRuntimeBackend, image: np.ndarray,
                 repeats: int) -> float:
    """Return how much longer the module itself takes in PyTorch."""
    tensor = torch.from_numpy(image)[None]
    taken = []
    with torch.inference_mode():
        module(tensor)
        for _ in range(repeats):
            eager, _ = _timed(lambda: module(tensor))
            dense, _ = _timed(lambda: rival.dense(image))
            taken.append((eager[0], dense[0]))
    eager_s, dense_s = np.median(taken, 0)
    return float(eager_s / dense_s)


def _aims_met(networks: dict[str, Any]) -> dict[str, str]:
    """Return per network and size how many of the rows are within their aim."""
    met = {}
    for name, network in networks.items():
        for side, figures in network['sizes'].items():
            for kind in ('contiguous', 'scattered'):
                rows = [row for row in figures['rows'] if row['kind'] == kind]
                count = sum(row['ratio'] <= row['aim'] for row in rows)
                met[f'{name} {side} {kind}'] = f'{count} of {len(rows)}'
    return met
