# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Choose tiles, backend and break-even by measuring on the machine at hand."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import importlib.util
import json
import math
import os
from pathlib import Path
import platform
import statistics
import time
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.break_even import BreakEven
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.graph import Graph
from ant_ros.network.layout import default_tiles
from ant_ros.network.network_options import network_options

if TYPE_CHECKING:
    import torch

__all__ = ['LayoutError', 'Trial', 'TunedLayout', 'graph_hash', 'tune_layout']

_SIDES = (2, 4, 8, 16)
_ROUNDS = 5
_BETTER = 0.97
"""A finer layout has to save 3 % to be taken: less is noise."""
_FINALISTS = 3
_ALWAYS_DENSE = BreakEven(-1.0)
_PACKAGES = {'compiled': 'numba', 'torch': 'torch', 'onnxruntime': 'onnxruntime'}


class LayoutError(ValueError):
    """A layout that was measured for another network, or a text that is none."""


@dataclass(frozen=True)
class Trial:
    """One layout that was measured.

    Attributes:
        name: What was tried.
        backend: As in `AsyncNetwork`.
        tile: Side of the tiles per node.
        ms: Mean over the inputs, milliseconds; of each the median, by events or densely,
            whichever was faster.
        events_ms: The same by events alone.
    """

    name: str
    backend: str
    tile: tuple[int, ...]
    ms: float
    events_ms: float


@dataclass(frozen=True)
class TunedLayout:
    """What was chosen, and why.

    Attributes:
        network: Hash of the graph and its weights.
        machine: Processor and number of cores that it was measured on.
        inputs: Number of inputs that it was measured with.
        backend, tile, break_even: What was chosen: options of `AsyncNetwork`.
        dense_ms: A dense run, milliseconds; infinite where there is never one.
        tried: Everything that was measured, the chosen one first, then the faster ones first.
        given_up: Trials left out because the time was up.
    """

    network: str
    machine: str
    inputs: int
    backend: str
    tile: tuple[int, ...]
    break_even: BreakEven
    dense_ms: float
    tried: tuple[Trial, ...]
    given_up: int = 0

    def describe(self) -> str:
        """Say in a few sentences what was chosen and why."""
        best = self.tried[0]
        sides = sorted(set(self.tile[1:]))
        tiles = f'tiles of {sides[0]}' if len(sides) == 1 else (
            f'tiles of {", ".join(map(str, sides[:-1]))} and {sides[-1]} by node')
        others = ', '.join(f'{one.name} {one.ms:.3g} ms' for one in self.tried[1:])
        dense = ('there are no dense runs' if math.isinf(self.dense_ms)
                 else f'a dense run takes {self.dense_ms:.3g} ms')
        rest = f'; {self.given_up} more were not tried for lack of time' if self.given_up else ''
        return (f'{best.name}: backend {self.backend}, {tiles}, {best.ms:.3g} ms per input '
                f'({best.events_ms:.3g} ms by events alone; {dense}). Measured with {self.inputs} '
                f'inputs on {self.machine}. Others: {others or "nothing else was tried"}{rest}.')

    @property
    def measured_here(self) -> bool:
        """Whether it was measured on this machine; on another one it may be slower."""
        return self.machine == _machine()

    def check(self, graph: Graph) -> None:
        """Make sure that this layout is of a graph.

        Raises:
            LayoutError: it was measured for another graph or other weights.
        """
        if graph_hash(graph) != self.network:
            raise LayoutError(
                f'this layout was measured for a network of {len(self.tile)} nodes with hash '
                f'{self.network[:12]}, not for this one of {len(graph.nodes)} nodes with hash '
                f'{graph_hash(graph)[:12]}: measure anew with tune_layout()')

    def apply(self, network: AsyncNetwork | Graph,
              expected: np.ndarray | torch.Tensor | None = None, **options: Any) -> AsyncNetwork:
        """Return an asynchronous network with this layout.

        On another machine tiles and backend stay, and the break-even is measured anew when it is
        first needed.

        Args:
            network: The network that it was measured for; of an `AsyncNetwork` all other options
                stay, of a graph they are given here.
            expected: The expected input, needed with a graph.
            options: Of `AsyncNetwork`, but not those that the layout chooses.

        Raises:
            LayoutError: another graph or other weights.
            ValueError: options that the layout chooses, or as for `AsyncNetwork`.
        """
        chosen = sorted({'tile', 'backend', 'break_even'} & options.keys())
        if chosen:
            raise ValueError(f'{", ".join(chosen)}: the layout chooses this, leave it out')
        graph, options = _graph_and_options(network, expected, options)
        self.check(graph)
        return AsyncNetwork(graph, **options | {
            'tile': self.tile, 'backend': self.backend,
            'break_even': self.break_even if self.measured_here else None})

    def to_json(self) -> str:
        """Return everything as text, to be kept with the network."""
        values = asdict(self)
        # JSON knows no infinity.
        for holder, name in ((values, 'dense_ms'), (values['break_even'], 'dense_ns')):
            holder[name] = None if math.isinf(holder[name]) else holder[name]
        return json.dumps(values, indent=1, allow_nan=False) + '\n'

    @classmethod
    def from_json(cls, text: str) -> TunedLayout:
        """Read what `to_json` wrote.

        Raises:
            LayoutError: it is something else.
        """
        try:
            values = json.loads(text)
            even: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else _or_infinite(value)
                for key, value in values['break_even'].items()}
            tried = tuple(Trial(**one | {'tile': tuple(one['tile'])}) for one in values['tried'])
            layout = cls(**values | {
                'break_even': BreakEven(**even), 'tried': tried, 'tile': tuple(values['tile']),
                'dense_ms': _or_infinite(values['dense_ms'])})
            if not tried or len(layout.tile) != len(tried[0].tile):
                raise ValueError('tiles and trials do not fit')
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise LayoutError(f'this is no layout as to_json() writes it ({error}): measure anew '
                              'with tune_layout()') from error
        return layout


def tune_layout(network: AsyncNetwork | Graph, inputs: np.ndarray | torch.Tensor,
                expected: np.ndarray | torch.Tensor | None = None, *,
                backends: Sequence[str] | None = None, budget_s: float = 60.0,
                **options: Any) -> TunedLayout:
    """Measure what suits a network on this machine, for inputs like these.

    Uniform tiles are tried first, in turns, so that what disturbs the machine disturbs all of
    them; then, from the fastest on, halves and doubles for all nodes of one size at a time; then
    the other backends. The best are measured once more against the default.

    Args:
        network: An `AsyncNetwork`, whose thresholds, spread and mode count, or a graph.
        inputs: `[N, C, H, W]`, float32: as different from the expected input as they are at
            work. In mode 'previous' they follow one another.
        expected: The expected input, needed with a graph.
        backends: Which to try; those that are installed if None.
        budget_s: Seconds after which nothing more is tried. The first layouts are measured in
            any case.
        options: Of `AsyncNetwork`, with a graph.

    Returns:
        The layout, to be used by its `apply`.

    Raises:
        ValueError: no inputs, another shape, NaN, an unknown backend or a budget that is not
            above 0; as for `AsyncNetwork`.
        ImportError: a backend that was asked for is not installed.
    """
    if not budget_s > 0:
        raise ValueError(f'budget_s is {budget_s}, expected above 0, such as 60')
    graph, options = _graph_and_options(network, expected, options)
    tuner = _Tuner(graph, _checked_inputs(inputs, graph.nodes[0].shape), options,
                   time.monotonic() + budget_s)
    return tuner.tune(_checked_backends(backends))


def graph_hash(graph: Graph) -> str:
    """Return a hash of a graph and its weights."""
    digest = hashlib.sha256(repr((graph.nodes, graph.outputs, graph.loops)).encode())
    for name in sorted(graph.tensors):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(graph.tensors[name]).data)
    return digest.hexdigest()


class _Tuner:
    """Trials of one network with one set of inputs."""

    def __init__(self, graph: Graph, inputs: np.ndarray, options: Mapping[str, Any],
                 deadline: float) -> None:
        self._graph, self._inputs, self._deadline = graph, inputs, deadline
        self._options = {key: value for key, value in options.items()
                         if key not in ('tile', 'backend', 'break_even')}
        self._sequence = options.get('mode') == 'previous'
        self._dense_ms = np.full(len(inputs), np.inf)
        self._given_up = 0

    def tune(self, backends: Sequence[str]) -> TunedLayout:
        backend = backends[0]
        if not self._sequence and not self._graph.loops:
            dense = self._build(backend, None, _ALWAYS_DENSE)
            self._dense_ms = self._time([dense])[0]
        tried = self._try_all(backend, self._uniform())
        best = self._refine(min(tried, key=lambda one: one.ms), tried)
        for other in backends[1:]:
            if self._in_time():
                tried += self._try_all(other, {other: best.tile})
        best, *rest = self._run_off(tried)
        chosen = self._build(best.backend, best.tile, None)
        return TunedLayout(
            graph_hash(self._graph), _machine(), len(self._inputs), best.backend, best.tile,
            chosen.break_even, float(self._dense_ms.mean()), (best, *rest), self._given_up)

    def _uniform(self) -> dict[str, tuple[int, ...]]:
        """Return tiles by name: the default ones first, none twice."""
        sizes = [max(node.shape[1:]) for node in self._graph.nodes]
        layouts = {'default tiles': tuple(
            min(side, size) for side, size in zip(default_tiles(self._graph), sizes))}
        for side in _SIDES:
            tile = tuple(min(side, size) for size in sizes)
            if tile not in layouts.values():
                layouts[f'tiles of {side}'] = tile
        return layouts

    def _refine(self, best: Trial, tried: list[Trial]) -> Trial:
        """Halve and double the tiles of the nodes of one size at a time while it helps."""
        shapes = list(dict.fromkeys(node.shape[1:] for node in self._graph.nodes))
        for height, width in shapes:
            if (height, width) == (1, 1):
                continue
            chosen = [node.shape[1:] == (height, width) for node in self._graph.nodes]
            layouts = {}
            for word, factor in (('halved', 0.5), ('doubled', 2.0)):
                tile = tuple(min(max(int(side * factor), 1), max(height, width)) if mine else side
                             for side, mine in zip(best.tile, chosen))
                if tile != best.tile and tile not in [one.tile for one in tried]:
                    layouts[f'{best.name}, at {height} x {width} {word}'] = tile
            if not layouts or not self._in_time(len(layouts)):
                continue
            again, *others = self._try_all(best.backend, {best.name: best.tile, **layouts})
            tried += others
            better = min(others, key=lambda one: one.ms)
            if better.ms < _BETTER * again.ms:
                best = better
        return best

    def _run_off(self, tried: list[Trial]) -> list[Trial]:
        """Return all trials, the winner first, then the faster ones first.

        Among many, the first is the luckiest: the fastest three and the default are measured
        once more, and the default has to be beaten clearly.
        """
        ranked = sorted(tried, key=lambda one: one.ms)
        default = tried[0]
        again = [default, *(one for one in ranked[:_FINALISTS] if one is not default
                            and one.backend == default.backend)]
        final = self._try_all(default.backend, {one.name: one.tile for one in again})
        others = [one for one in ranked if not any(one is old for old in again)]
        ranked = sorted(final + others, key=lambda one: one.ms)
        best = ranked[0] if ranked[0].ms < _BETTER * final[0].ms else final[0]
        return [best, *(one for one in ranked if one is not best)]

    def _in_time(self, trials: int = 1) -> bool:
        late = time.monotonic() > self._deadline
        self._given_up += trials * late
        return not late

    def _try_all(self, backend: str, layouts: Mapping[str, tuple[int, ...]]) -> list[Trial]:
        networks = [self._build(backend, tile, NEVER_DENSE) for tile in layouts.values()]
        return [Trial(name, backend, tile, float(np.minimum(times, self._dense_ms).mean()),
                      float(times.mean()))
                for (name, tile), times in zip(layouts.items(), self._time(networks))]

    def _build(self, backend: str, tile: tuple[int, ...] | None,
               break_even: BreakEven | None) -> AsyncNetwork:
        return AsyncNetwork(self._graph, **self._options, backend=backend, tile=tile,
                            break_even=break_even)

    def _time(self, networks: Sequence[AsyncNetwork]) -> list[np.ndarray]:
        """Return the median of each input in milliseconds, per network, taken in turns."""
        taken = np.zeros((len(networks), len(self._inputs), _ROUNDS))
        for network in networks:
            network.run(self._inputs[0])  # compiles
        for turn in range(_ROUNDS):
            for number, network in enumerate(networks):
                network.reset()
                for place, image in enumerate(self._inputs):
                    started = time.perf_counter()
                    network.run(image)
                    taken[number, place, turn] = 1e3 * (time.perf_counter() - started)
        return [np.array([statistics.median(one) for one in times]) for times in taken]


def _graph_and_options(network: AsyncNetwork | Graph,
                       expected: np.ndarray | torch.Tensor | None,
                       options: dict[str, Any]) -> tuple[Graph, dict[str, Any]]:
    if isinstance(network, AsyncNetwork):
        if expected is not None or options:
            raise ValueError('the network has its expected input and options: leave them out, or '
                             'give its graph')
        return network.graph, network_options(network)
    if not isinstance(network, Graph):
        raise TypeError(f'a {type(network).__name__} has no layout: give an AsyncNetwork or a '
                        'Graph, of a module AsyncNetwork.from_module(module, expected)')
    if expected is None:
        raise ValueError('a graph does not know what it expects: give the expected input')
    return network, {'expected': expected, **options}


def _checked_inputs(inputs: np.ndarray | torch.Tensor, shape: tuple[int, int, int]) -> np.ndarray:
    array = np.asarray(inputs)
    if array.ndim != 4 or array.shape[1:] != shape or not len(array):
        raise ValueError(f'inputs of shape {array.shape}: expected [N, '
                         f'{", ".join(map(str, shape))}] with at least one')
    if array.dtype != np.float32:
        raise ValueError(f'inputs of {array.dtype}: give float32, scaled as in training')
    if not np.isfinite(array).all():
        raise ValueError('inputs hold NaN or infinity: leave these out')
    return np.ascontiguousarray(array)


def _checked_backends(backends: Sequence[str] | None) -> Sequence[str]:
    if backends is None:
        return [name for name, package in _PACKAGES.items() if importlib.util.find_spec(package)]
    unknown = [name for name in backends if name not in _PACKAGES]
    if unknown or not backends:
        raise ValueError(f'backends {list(backends)}: choose some of {", ".join(_PACKAGES)}')
    return backends


def _or_infinite(value: float | None) -> float:
    return math.inf if value is None else float(value)


def _machine() -> str:
    """Name the processor and the number of its cores."""
    name = platform.machine()
    file = Path('/proc/cpuinfo')
    if file.exists():
        models = [line.partition(':')[2].strip() for line in file.read_text().splitlines()
                  if line.startswith('model name')]
        name = models[0] if models else name
    return f'{name}, {os.cpu_count()} cores'
