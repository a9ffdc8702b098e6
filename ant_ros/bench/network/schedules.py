# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure how far the answers of different schedules lie apart, and whether replays repeat."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

import numpy as np

from ant_ros.bench.network.exactness import BOUND
from ant_ros.bench.network.exactness import changed_images
from ant_ros.bench.network.exactness import relative_difference
from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError
from ant_ros.network.event_log import Recorder
from ant_ros.network.graph import Graph
from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend
from ant_ros.network.program import Program
from ant_ros.network.replay import replay
from ant_ros.network.schedules import run_schedule
from ant_ros.network.torch_backend import TorchBackend

__all__ = ['PASSING', 'measure']

PASSING = 0.05
"""Running threshold: changes below 5 % of a map's RMS are not passed on."""

_SIDE = 64
_FRACTION = 1  # of changed_images: the square of 1/16
_QUICK = ('resnet_style', 'dilated', 'patch_descriptor', 'settling')
_REPLAYED_UNITS = 100  # one at a time; a run that a budget cut is repeated like any other
_BACKENDS: Mapping[str, Callable[[Program], Any]] = {
    'compiled': CompiledBackend, 'torch': TorchBackend,
    'onnxruntime': OnnxRuntimeBackend}


def measure(quick: bool = False) -> dict[str, Any]:
    """Run the same change of 1/16 of the image in many orders.

    Returns:
        Per network, at threshold 0: `spread`, the largest difference of any schedule to the
        batched one, relative to the largest output. At the running threshold, all relative to
        ||dense - reference||: `error` to dense, of all schedules the largest, and `spread`, the
        largest distance of any schedule to the batched one. `replays` counts the runs that were
        repeated from their log, `replays_identical` those that gave the same state bit for bit.
    """
    seeds = 4 if quick else 20
    networks = {
        name: _measure_network(convert(NETWORKS[name](), texture(1, _SIDE, 0)), seeds)
        for name in (_QUICK if quick else NETWORKS)}
    every = list(networks.values())
    return {
        'side_px': _SIDE, 'random_schedules': seeds, 'bound': BOUND, 'running_threshold': PASSING,
        'largest_spread_at_0': max(one['at_0']['spread'] for one in every),
        'largest_error_running': max(one['running']['error_largest'] for one in every),
        'largest_spread_running': max(one['running']['spread'] for one in every),
        'replays': sum(one['replays'] for one in every),
        'replays_identical': sum(one['replays_identical'] for one in every),
        'networks': networks}


def _measure_network(graph: Graph, seeds: int) -> dict[str, Any]:
    expected = texture(1, _SIDE, 100)[0].numpy()
    image = list(changed_images(expected, _FRACTION + 1, 7))[_FRACTION]
    figures: dict[str, Any] = {'at_0': _spread_at_0(graph, expected, image, seeds),
                               'running': _spread_running(graph, expected, image, seeds)}
    replays = [same for kind in _BACKENDS
               for same in _replays(graph, kind, expected, image)]
    return figures | {'replays': len(replays), 'replays_identical': sum(replays)}


def _schedules(seeds: int) -> Iterator[tuple[str, int]]:
    yield 'batched', 0
    yield 'priority', 0
    for seed in range(seeds):
        yield 'random', seed


def _spread_at_0(graph: Graph, expected: np.ndarray, image: np.ndarray,
                 seeds: int) -> dict[str, Any]:
    program, backend = _resting(graph, 'compiled', expected, 0.0)
    answers, updates = [], []
    for schedule, seed in _schedules(seeds):
        log = _run(program, backend, image, schedule, seed)
        answers.append(_answers(program))
        updates.append(len(log.units) - len(log.events))
        program.restore()
    return {'spread': max(relative_difference(answer, answers[0]) for answer in answers),
            'updates_batched': updates[0], 'updates_priority': updates[1],
            'updates_random': float(np.median(updates[2:]))}


def _spread_running(graph: Graph, expected: np.ndarray, image: np.ndarray,
                    seeds: int) -> dict[str, Any]:
    exact, backend = _resting(graph, 'compiled', expected, 0.0)
    reference = _flat(exact)
    _run(exact, backend, image, 'batched', 0)
    dense = _flat(exact)
    change = float(np.linalg.norm(dense - reference))
    program, backend = _resting(graph, 'compiled', expected, PASSING)
    answers, updates = [], []
    for schedule, seed in _schedules(seeds):
        log = _run(program, backend, image, schedule, seed)
        answers.append(_flat(program))
        updates.append(len(log.units) - len(log.events))
        program.restore()
    errors = [float(np.linalg.norm(answer - dense)) / change for answer in answers]
    apart = [float(np.linalg.norm(answer - answers[0])) / change for answer in answers]
    return {'error_largest': max(errors), 'spread': max(apart), 'error_batched': errors[0],
            'error_priority': errors[1], 'error_random': float(np.median(errors[2:])),
            'updates_batched': updates[0], 'updates_priority': updates[1],
            'updates_random': float(np.median(updates[2:]))}


def _replays(graph: Graph, kind: str, expected: np.ndarray, image: np.ndarray) -> Iterator[bool]:
    """Repeat runs of every schedule from their logs; say whether the states are identical."""
    for passing in (0.0, PASSING):
        program, backend = _resting(graph, kind, expected, passing)
        for schedule, seed in _schedules(1):
            log = _run(program, backend, image, schedule, seed,
                       None if schedule == 'batched' else _REPLAYED_UNITS)
            state = program.values.copy()
            program.restore()
            try:
                replay(program, backend, log)
            except EventLogError:
                yield False
            else:
                yield bool(np.array_equal(program.values.view(np.uint32), state.view(np.uint32)))
            program.restore()


def _resting(graph: Graph, kind: str, expected: np.ndarray,
             passing: float) -> tuple[Program, Any]:
    program = Program(graph, expected, passing=passing)
    backend = _BACKENDS[kind](program)
    program.rest(backend)
    return program, backend


def _run(program: Program, backend: Any, image: np.ndarray, schedule: str,
         seed: int, max_units: int | None = None) -> EventLog:
    recorder = Recorder(program, 0.0)
    events = program.load(image, 0.0)
    recorder.events(events)
    course = run_schedule(program, backend, schedule, events, seed=seed, max_units=max_units,
                          recorder=recorder)
    return recorder.log(course.cut, course.settled)


def _answers(program: Program) -> list[np.ndarray]:
    return [program.value(node).copy() for node in program.graph.outputs]


def _flat(program: Program) -> np.ndarray:
    return np.concatenate([answer.ravel() for answer in _answers(program)])
