# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Train weights and thresholds under the schedule that will run."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ant_ros.network.dense import dense_maps
from ant_ros.network.dense import run_node
from ant_ros.network.graph import footprint
from ant_ros.network.graph import Graph
from ant_ros.network.layout import lay_out
from ant_ros.network.program import passing_thresholds

if TYPE_CHECKING:
    from ant_ros.network.async_network import AsyncNetwork
    from ant_ros.network.event_log import EventLog

__all__ = ['Execution', 'TrainableNetwork']


@dataclass(frozen=True)
class Execution:
    """What the network answered, and what it took.

    Attributes:
        outputs: One tensor per output, `[N, ...]`, in the shapes that the module gives.
        units: Units that computed, per image [N]. A whole number with a gradient: a unit costs
            1, and those who woke it share the blame. Times a price, it belongs into the loss.
        computed: The same per node, `[N, nodes]`, without a gradient.
    """

    outputs: tuple[torch.Tensor, ...]
    units: torch.Tensor
    computed: torch.Tensor


class TrainableNetwork(nn.Module):
    """An asynchronous network in torch that is differentiable through what it executes.

    Good at: many images at once; each map is computed whole, and only the tiles that the batched
    schedule would compute and send are kept, so that the values are those of the event engine.
    Bad at: speed with a single image, which is what the engine is for.

    A unit that sends passes gradients to what it read; one that was not woken or did not send
    passes them to the reference, its response to the expected input. Whether a change passes the
    threshold is a step forwards and a triangle of the logarithm of change / threshold backwards
    (a straight-through estimate, as in Bengio et al. 2013 and, with a triangle, Esser et al.
    2016).

    Args:
        graph: The network.
        expected: The expected input `[C, H, W]`.
        spread: How far an input usually is from what is expected, broadcast to `[C, H, W]`.
        threshold: Change, in units of the spread, above which a tile of the input is an event.
        passing: Change, in units of a node's RMS on the expected input, above which a unit tells
            its readers: for all nodes, one per node, or by the names of the nodes (the rest 0).
        tile: Side of the tiles, as in AsyncNetwork.

    Thresholds are trained as their logarithms: they stay above 0, and 0 stays 0.

    Attributes:
        keys: Names of the trained tensors, in the order of `weights`.
        weights: The trained tensors. Modules that were shared still share theirs.
        log_thresholds: Logarithms of the thresholds, that of the input first [nodes].

    Raises:
        ValueError: An expected input of the wrong shape or not finite, a threshold below 0, a
            spread that is not above 0, or a name that no node has.
    """

    expected: torch.Tensor
    spread: torch.Tensor

    def __init__(self, graph: Graph, expected: torch.Tensor | np.ndarray, *,
                 spread: torch.Tensor | np.ndarray | float | None = None,
                 threshold: float = 0.01, passing: float | Sequence[float] | Mapping[str, float]
                 = 0.01, tile: int | Sequence[int] | Mapping[str, int] | None = None) -> None:
        super().__init__()
        expected = torch.as_tensor(expected, dtype=torch.float32)
        expected = expected[0] if expected.ndim == 4 and len(expected) == 1 else expected
        if tuple(expected.shape) != graph.nodes[0].shape or not expected.isfinite().all():
            raise ValueError(
                f'the expected input is {list(expected.shape)}, expected finite values of shape '
                f'{list(graph.nodes[0].shape)}')
        widths = torch.as_tensor(1.0 if spread is None else spread, dtype=torch.float32)
        if not (widths > 0).all():
            raise ValueError(f'the smallest spread is {float(widths.min())}, expected above 0')
        if not threshold >= 0:
            raise ValueError(f'threshold is {threshold}, expected at least 0')
        thresholds = torch.from_numpy(passing_thresholds(graph, passing))
        thresholds[0] = threshold
        self.graph = graph
        self.layout = lay_out(graph, tile)
        self.keys = graph.trainable
        self.weights = nn.ParameterList(torch.tensor(graph.tensors[key]) for key in self.keys)
        self.log_thresholds = nn.Parameter(thresholds.log())
        self.register_buffer('expected', expected[None].clone())
        self.register_buffer('spread', widths.expand(expected.shape)[None].clone())
        self._readers = _readers(graph, self.layout.tile, self.layout.grid)

    @classmethod
    def from_module(cls, module: nn.Module, expected: torch.Tensor | np.ndarray,
                    **options: Any) -> TrainableNetwork:
        """Convert a module in evaluation mode; see AsyncNetwork.from_module.

        Args:
            module: The network as an ordinary module.
            expected: The expected input `[C, H, W]`.
            options: As for the class.

        Raises:
            ConversionError: The module has an operation that cannot be converted.
        """
        from ant_ros.network.conversion import convert
        return cls(convert(module, expected), expected, **options)

    @property
    def thresholds(self) -> torch.Tensor:
        """The thresholds, that of the input first [nodes]."""
        return self.log_thresholds.exp()

    @property
    def tensors(self) -> dict[str, torch.Tensor]:
        """All tensors of the graph, the trained ones with gradients."""
        trained = dict(zip(self.keys, self.weights))
        return {key: trained[key] if key in trained else torch.as_tensor(value).to(self.expected)
                for key, value in self.graph.tensors.items()}

    def forward(self, images: torch.Tensor) -> Execution:
        """Run the batched schedule on each of the images.

        Args:
            images: `[N, C, H, W]`; each is on its own, from the state of the expected input.
        """
        run = _Run(self, images)
        run.load(None)
        loops = {loop.first: loop for loop in self.graph.loops}
        index = 1
        while index < len(self.graph.nodes):
            loop = loops.get(index)
            if loop is None:
                run.compute(index)
                index += 1
                continue
            for _ in range(loop.max_sweeps):
                for member in range(loop.first, loop.last + 1):
                    run.compute(member)
                if not any(run.eligible(each) for each in range(loop.first, loop.last + 1)):
                    break
            index = loop.last + 1
        return run.execution()

    def replay(self, image: torch.Tensor, log: EventLog) -> Execution:
        """Repeat the batches of a recorded run of any schedule, differentiably.

        What was computed and what was sent is taken from the log; the values are computed anew.
        Each batch computes the whole map of its node, so this suits small networks.

        Args:
            image: The input of that run `[C, H, W]`.
            log: The events of a run with these weights.

        Raises:
            ValueError: The log is of another network or other tiles.
        """
        if log.tile != self.layout.tile or log.graph.nodes != self.graph.nodes:
            raise ValueError('the log was recorded with another network or other tiles; record it '
                             'with the network that to_async() returns')
        run = _Run(self, image[None])
        run.load(self._mask(0, log.events))
        for node, tiles, sent in log.batches():
            run.compute(node, self._mask(node, tiles), self._mask(node, tiles[sent]))
        return run.execution()

    def run_dense(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Run in lock-step, without events: what the thresholds are compared with.

        Args:
            images: `[N, C, H, W]`.

        Returns:
            One tensor per output, `[N, ...]`.
        """
        return self._shaped(dense_maps(self.graph, images, self.tensors))

    def to_graph(self) -> Graph:
        """Return the graph with the weights as they are now."""
        trained = {key: value.detach().cpu().float().numpy().copy()
                   for key, value in zip(self.keys, self.weights)}
        return replace(self.graph, tensors={**self.graph.tensors, **trained})

    def to_async(self, **options: Any) -> AsyncNetwork:
        """Return the event engine with the weights and thresholds as they are now.

        Args:
            options: As for AsyncNetwork.from_graph, such as `backend`.
        """
        from ant_ros.network.async_network import AsyncNetwork
        threshold, *passing = self.thresholds.tolist()
        expected, spread = (each[0].float().cpu().numpy() for each in (self.expected, self.spread))
        return AsyncNetwork.from_graph(
            self.to_graph(), expected, spread=spread, threshold=threshold,
            passing=[0.0, *passing], tile=self.layout.tile, **options)

    def _mask(self, node: int, tiles: np.ndarray) -> torch.Tensor:
        rows, columns = self.layout.grid[node]
        mask = torch.zeros(rows * columns, dtype=torch.bool, device=self.expected.device)
        mask[torch.as_tensor(tiles, dtype=torch.long)] = True
        return mask.reshape(1, rows, columns)

    def _shaped(self, maps: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        return tuple(maps[index].reshape(-1, *shape[1:])
                     for index, shape in zip(self.graph.outputs, self.graph.output_shapes))


class _Crossing(torch.autograd.Function):
    """Whether a change passes its threshold: given forwards, a triangle backwards."""

    @staticmethod
    def forward(ctx: Any, change: torch.Tensor, threshold: torch.Tensor,
                passed: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(change, threshold)
        return passed.to(change)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        change, threshold = ctx.saved_tensors
        near = (change > 0) & (threshold > 0)
        ratio = torch.where(near, change / threshold, 1.0).log()
        slope = torch.where(near, gradients[0] * (1 - ratio.abs()).clamp(min=0), 0.0)
        return (torch.where(near, slope / change, 0.0),
                -torch.where(near, slope / threshold, 0.0).sum(), None)


class _Run:
    """The state of all units while a batch of images runs."""

    def __init__(self, network: TrainableNetwork, images: torch.Tensor) -> None:
        if tuple(images.shape[1:]) != network.graph.nodes[0].shape or not len(images):
            raise ValueError(f'the images are {list(images.shape)}, expected [N, '
                             f'{", ".join(map(str, network.graph.nodes[0].shape))}]')
        self.network = network
        self.graph = network.graph
        self.images = images
        self.tensors = network.tensors
        self.thresholds = _with_tolerances(network.graph, network.thresholds)
        self.values = dense_maps(network.graph, network.expected, self.tensors)
        self.scales = [_scale(value.detach()) for value in self.values]
        self.wakers: list[torch.Tensor | None] = [None] * len(self.values)
        self.rounding = 32 * torch.finfo(images.dtype).eps
        self.units = images.new_zeros(len(images))
        self.computed = images.new_zeros(len(images), len(self.values))

    def load(self, events: torch.Tensor | None) -> None:
        """Take the changed tiles of the input into the state: the given ones, or by threshold."""
        expected = self.values[0]
        change = self._tile_maximum(0, (self.images - expected) / self.network.spread)
        sent = self._cross(0, change, events)
        self._write(0, self.images, sent)
        self._wake(0, sent)

    def eligible(self, index: int) -> bool:
        """Whether any unit of a node waits to compute."""
        wakers = self.wakers[index]
        return wakers is not None and bool(wakers.detach().any())

    def compute(self, index: int, chosen: torch.Tensor | None = None,
                sent: torch.Tensor | None = None) -> None:
        """Compute eligible units of a node, and send what changed enough.

        Args:
            index: The node.
            chosen: Which units `[N, rows, columns]`, all that are eligible if None.
            sent: Which of them were sent, by threshold if None.
        """
        wakers = self.wakers[index]
        if wakers is None or not self.eligible(index):
            return
        woken = wakers / wakers.detach().clamp(min=1)
        self.wakers[index] = None
        if chosen is not None:
            woken, self.wakers[index] = woken * chosen, wakers * ~chosen
        self.units = self.units + woken.sum((1, 2))
        self.computed[:, index] += woken.detach().sum((1, 2))
        node = self.graph.nodes[index]
        inputs = [self.values[source] for source in node.inputs]
        output = run_node(node, _same_batch(inputs), self.tensors)
        crossing = torch.ones_like(woken)
        if index not in self.graph.outputs:
            change = self._tile_maximum(
                index, (output - self.values[index]) / self.scales[index])
            crossing = self._cross(index, change, sent)
        # What a unit answers depends on its wakers through what it reads, which has a gradient
        # of its own; what it costs depends on them through having been woken.
        self._write(index, output, woken.detach() * crossing)
        self._wake(index, woken * crossing)

    def execution(self) -> Execution:
        count = len(self.images)
        maps = [value.expand(count, -1, -1, -1) for value in self.values]
        return Execution(self.network._shaped(maps), self.units, self.computed)

    def _cross(self, index: int, change: torch.Tensor,
               passed: torch.Tensor | None) -> torch.Tensor:
        threshold = self.thresholds[index]
        if passed is None:
            # Whole maps round otherwise than single tiles: that is no change.
            passed = change.detach() > threshold.detach().clamp(min=self.rounding)
        return _Crossing.apply(change, threshold, passed)

    def _write(self, index: int, output: torch.Tensor, sent: torch.Tensor) -> None:
        """Write the sent tiles into the state."""
        old, side = self.values[index], self.network.layout.tile[index]
        height, width = output.shape[2:]
        places = sent.repeat_interleave(side, 1).repeat_interleave(side, 2)
        places = places[:, None, :height, :width]
        # The second term is zero: it carries the gradient of the decision to send.
        self.values[index] = torch.where(places.detach() > 0, output, old) + (
            places - places.detach()) * (output - old).detach()

    def _wake(self, index: int, sent: torch.Tensor) -> None:
        """Make the readers of the sent tiles eligible."""
        for reader, rows, columns in self.network._readers[index]:
            wakers = rows.to(sent) @ sent @ columns.to(sent).T
            before = self.wakers[reader]
            self.wakers[reader] = wakers if before is None else before + wakers

    def _tile_maximum(self, index: int, change: torch.Tensor) -> torch.Tensor:
        """Return the largest absolute value in each tile `[N, rows, columns]`."""
        largest = change.abs().amax(1, keepdim=True)
        return functional.max_pool2d(largest, self.network.layout.tile[index],
                                     ceil_mode=True)[:, 0]


def _scale(reference: torch.Tensor) -> torch.Tensor:
    """Return the RMS of a map on the expected input; 1 for a map of zeros, as in the engine."""
    size = reference.square().mean().sqrt()
    return torch.where(size > 1e-6, size, torch.ones_like(size))


def _same_batch(inputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Repeat what is still the reference as often as there are images."""
    count = max(len(each) for each in inputs)
    return [each.expand(count, -1, -1, -1) for each in inputs]


def _with_tolerances(graph: Graph, thresholds: torch.Tensor) -> torch.Tensor:
    """Raise the thresholds inside settling blocks to the blocks' tolerances."""
    floor = torch.zeros_like(thresholds)
    for loop in graph.loops:
        floor[loop.first:loop.last + 1] = loop.tolerance
    return torch.maximum(thresholds, floor)


def _readers(graph: Graph, tiles: Sequence[int], grids: Sequence[tuple[int, int]],
             ) -> list[list[tuple[int, torch.Tensor, torch.Tensor]]]:
    """List per node who reads it, and which rows and columns of tiles read which of its own."""
    readers: list[list[tuple[int, torch.Tensor, torch.Tensor]]] = [[] for _ in graph.nodes]
    for index, node in enumerate(graph.nodes):
        for edge, source in enumerate(node.inputs):
            rows, columns = (_reads(graph, index, edge, axis, tiles, grids) for axis in (0, 1))
            readers[source].append((index, rows, columns))
    return readers


def _reads(graph: Graph, index: int, edge: int, axis: int, tiles: Sequence[int],
           grids: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Return 1 where tile row (or column) i of a node reads row j of its input [i, j]."""
    source, size = graph.nodes[index].inputs[edge], graph.nodes[index].shape[1 + axis]
    reads = torch.zeros(grids[index][axis], grids[source][axis])
    for place in range(len(reads)):
        low, high = footprint(graph, index, edge, axis, place * tiles[index],
                              min((place + 1) * tiles[index], size))
        if low < high:
            reads[place, low // tiles[source]:(high - 1) // tiles[source] + 1] = 1
    return reads
