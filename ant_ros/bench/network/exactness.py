# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure how far events at threshold 0 are from the dense networks."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.graph import Graph
from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend
from ant_ros.network.program import Backend
from ant_ros.network.program import Program
from ant_ros.network.schedules import run_schedule
from ant_ros.network.torch_backend import TorchBackend

__all__ = ['BOUND', 'BOUND_ACROSS', 'changed_images', 'measure', 'relative_difference']

BOUND = 1e-5
"""Largest difference to dense of the same backend, relative to the largest output."""
BOUND_ACROSS = 1e-4
"""The same to dense of another backend."""

_SIDES = {'full': 96, 'quick': 64}
_FRACTIONS = (1 / 64, 1 / 16, 1 / 4, 1.0)
_INTERPRETED: Mapping[str, Callable[[Program], Any]] = {
    'torch': TorchBackend, 'onnxruntime': OnnxRuntimeBackend}

Answers = Sequence[np.ndarray]


def measure(quick: bool = False) -> dict[str, Any]:
    """Compare events with dense runs, per network and backend.

    Each backend answers by events from its own reference state, and is compared with its own
    dense run and with those of the others.

    Returns:
        Per network and backend `same` and `across`: the largest difference over all inputs and
        outputs, relative to the largest output of the dense run.
    """
    expected_images, inputs = (1, 4) if quick else (5, 10)
    side = _SIDES['quick' if quick else 'full']
    networks = {name: _measure_network(convert(build(), texture(1, side, 0)), expected_images,
                                       inputs)
                for name, build in NETWORKS.items()}
    every = [figures for network in networks.values() for figures in network.values()]
    return {
        'side_px': side, 'inputs': expected_images * inputs,
        'changed_fractions': _FRACTIONS, 'bound_same': BOUND, 'bound_across': BOUND_ACROSS,
        'largest_same': max(figures['same'] for figures in every),
        'largest_across': max(figures['across'] for figures in every), 'networks': networks}


def changed_images(expected: np.ndarray, count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield copies of an image [C, H, W] with a square of another pasted in somewhere.

    The squares cover 1/64, 1/16, 1/4 and all of the image in turn.
    """
    random = np.random.default_rng(seed)
    side = expected.shape[1]
    others = texture(count, side, seed + 1).numpy()
    for number, other in enumerate(others):
        width = round(side * _FRACTIONS[number % len(_FRACTIONS)] ** 0.5)
        top, left = random.integers(0, side - width + 1, 2)
        image = expected.copy()
        place = np.s_[:, top:top + width, left:left + width]
        image[place] = other[place]
        yield image


def relative_difference(answers: Answers, dense: Answers) -> float:
    """Return the largest difference relative to the largest output, over all outputs."""
    return max(float(np.abs(answer - whole).max() / np.abs(whole).max())
               for answer, whole in zip(answers, dense))


def _measure_network(graph: Graph, expected_images: int,
                     inputs: int) -> dict[str, dict[str, float]]:
    largest = {name: {'same': 0.0, 'across': 0.0} for name in ('compiled', *_INTERPRETED)}
    for number in range(expected_images):
        expected = texture(1, graph.nodes[0].shape[1], 100 + number)[0].numpy()
        compiled = AsyncNetwork(graph, expected, break_even=NEVER_DENSE)
        programs = {name: Program(graph, expected) for name in _INTERPRETED}
        backends = {name: kind(programs[name]) for name, kind in _INTERPRETED.items()}
        for name, program in programs.items():
            program.rest(backends[name])
        for image in changed_images(expected, inputs, 1000 * number):
            answers = {'compiled': compiled.run(image).outputs,
                       **{name: _by_events(program, backends[name], image)
                          for name, program in programs.items()}}
            dense = {'compiled': _dense(graph, image),
                     **{name: backend.dense(image) for name, backend in backends.items()}}
            _keep_largest(answers, dense, largest)
    return largest


def _keep_largest(answers: Mapping[str, Answers], dense: Mapping[str, Answers],
                  largest: dict[str, dict[str, float]]) -> None:
    for name, figures in largest.items():
        for other, whole in dense.items():
            kind = 'same' if other == name else 'across'
            figures[kind] = max(figures[kind], relative_difference(answers[name], whole))


def _by_events(program: Program, backend: Backend, image: np.ndarray) -> Answers:
    run_schedule(program, backend, 'batched', program.load(image, 0.0))
    answers = _answers(program)
    program.restore()
    return answers


def _dense(graph: Graph, image: np.ndarray) -> Answers:
    """Compute every unit with the compiled kernels."""
    program = Program(graph, image)
    program.rest(CompiledBackend(program))
    return _answers(program)


def _answers(program: Program) -> Answers:
    return [program.value(node).transpose(2, 0, 1).reshape(shape).copy()
            for node, shape in zip(program.graph.outputs, program.graph.output_shapes)]
