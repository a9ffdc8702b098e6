# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The deep stage with a pretrained backbone: what it knows of the good parts, and how it looks.

Registered parts are seen by the asynchronous network: it expects the golden part, and only the
tiles that surprise are events. What did not surprise is as expected by definition, so what good
parts look like is learned from the same event-driven answers. Parts of free shape and textures
surprise everywhere: they run densely, on the fastest backend that is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import Any
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.crops import Crop
from ant_ros.inspection.deep_stage import TILE
from ant_ros.inspection.feature_maps import join_maps
from ant_ros.inspection.gate import Gate
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.normality import AnywhereMemory
from ant_ros.inspection.normality import PlacedMemory
from ant_ros.inspection.position_memory import PositionMemory
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.shown_map import agreed_map
from ant_ros.inspection.shown_map import to_score
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.texture_memory import TextureMemory
from ant_ros.network.work import total_work
from ant_ros.network.work import Work

if TYPE_CHECKING:
    from ant_ros.network.async_network import Answer
    from ant_ros.network.async_network import AsyncNetwork
    from ant_ros.network.break_even import BreakEven
    from ant_ros.network.graph import Graph
    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['PLACED_TAPS', 'POSITION_TAPS', 'SHAPE_TAPS', 'TEXTURE_TAPS', 'AnywhereEye', 'Gazes',
           'PlacedEye', 'PretrainedStage', 'Sight']

PLACED_TAPS = (4, 5)
"""Blocks of EfficientNet-Lite0 that describe details and their surroundings: strides 8 and 16.

Each block after them would spread what surprises 16 pixels further.
"""
TEXTURE_TAPS = (7, 10)
"""Blocks that describe a texture: stride 16."""
POSITION_TAPS = (4, 10)
"""Blocks that describe what parts of free shape show at each place: strides 8 and 16."""
SHAPE_TAPS = (10, 13)
"""Blocks that describe shapes and, at stride 32, what lies around them, wherever they are."""
_NEAR = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))   # of half the size
_FADE_PX = 3
_HUNCH = 0.3
_MOST_EVENTS = 0.7
"""Share of the work of a dense run that events may cost at most before it is made instead."""


@dataclass(frozen=True)
class Sight:
    """How parts of free shape, or a texture, are seen at one size.

    Attributes:
        taps: Blocks of the backbone.
        size: Width and height of the image that is looked at.
        memory: Good features.
        usual: Usual score of a good part.
    """

    taps: tuple[int, ...]
    size: tuple[int, int]
    memory: AnywhereMemory | PositionMemory | TextureMemory
    usual: float


@dataclass(frozen=True)
class PretrainedStage:
    """What the recipe holds of the deep stage.

    Attributes:
        kind: What is inspected.
        backbone: Name of the network.
        digest: Hash of its weights, which are not part of the recipe.
        gate: What wakes; None for other kinds than registered parts, which are seen whole.
        limit: Score from which a person should look; it counts as 1.
        reject_limit: Score from which a part is rejected.
        placed: What is good where; None for other kinds.
        sights: What is good anywhere; empty for registered parts.
        crop: How parts of free shape are cut out; None for registered parts.
        layout: Tiles and backend of the network, as measured (its break-even counts
            multiplications); None for the default.
    """

    kind: ShapeKind
    backbone: str
    digest: str
    gate: Gate | None
    limit: float
    reject_limit: float
    placed: PlacedMemory | None
    sights: tuple[Sight, ...]
    crop: Crop | None
    layout: TunedLayout | None = None


@dataclass(frozen=True)
class Gazes:
    """What the deep stage saw.

    Attributes:
        score: The part's score; 1 is where a person should look.
        unusual: The same per pixel [H, W], its peak is the score.
        matrix: Affine map [2, 3] from `unusual` to the frame; None for the registered image.
        work: What it cost in the network.
        others: Further parts in the frame.
        outline: The part's convex hull [H, W], bool; None for a texture and for a registered part.
    """

    score: float
    unusual: np.ndarray
    matrix: np.ndarray | None
    work: Work
    others: int = 0
    outline: np.ndarray | None = None


class PlacedEye:
    """See registered parts through the asynchronous network.

    Args:
        backbone: The network.
        mean: Expected part in three planes [3, H, W].
        gate: What wakes.
        layout: Of the network, as it was measured; None for the default.

    Raises:
        LayoutError: the layout is of another network.
    """

    def __init__(self, backbone: Backbone, mean: np.ndarray, gate: Gate,
                 layout: TunedLayout | None = None) -> None:
        self._backbone = backbone
        self._expected = self._read(mean)
        nothing_and_ones = self._read(np.eye(3, 4, 1, np.float32)[:, None])[:, 0]
        self._offset = nothing_and_ones[:, 0].copy()
        self._matrix = nothing_and_ones[:, 1:] - self._offset[:, None]
        self._gate = gate
        self._layout = layout
        if layout is not None:
            layout.check(self.graph)

    @cached_property
    def graph(self) -> Graph:
        """The network as a graph."""
        from ant_ros.network.conversion import convert
        return convert(self._backbone.tapped(PLACED_TAPS), self._expected)

    @cached_property
    def network(self) -> AsyncNetwork:
        """The asynchronous network; it expects the golden part."""
        from ant_ros.network.async_network import AsyncNetwork
        from ant_ros.network.break_even import by_macs
        if self._gate.is_open:
            return AsyncNetwork(self.graph, self._expected, break_even=_always_dense())
        # By time one machine would run densely what another one follows by events, which small
        # changes do not pass: the same part would get another score.
        chosen: dict[str, Any] = {} if self._layout is None else {
            'tile': self._layout.tile, 'backend': self._layout.backend}
        return AsyncNetwork(
            self.graph, self._expected, passing=self._backbone.passing, **chosen,
            break_even=by_macs(self.graph, _MOST_EVENTS, chosen.get('tile')))

    def measure_layout(self, inputs: np.ndarray, budget_s: float) -> TunedLayout:
        """Measure which layout suits parts like these on this machine.

        Args:
            inputs: What the network gets to see of them [N, 3, H, W].
            budget_s: Seconds after which nothing more is tried.
        """
        from ant_ros.network.tuned_layout import tune_layout
        return tune_layout(self.graph, inputs, self._expected, budget_s=budget_s,
                           passing=self._backbone.passing)

    def input(self, planes: Sequence[np.ndarray], surprise: np.ndarray) -> np.ndarray:
        """Return what the network gets to see of a part [3, H, W]; see `see`."""
        return self._input(planes, _closeness(self._gate.news(surprise)))

    def laid_out(self, layout: TunedLayout) -> PlacedEye:
        """Return the same with another layout."""
        other = copy(self)
        for name in ('network', '_at_rest', '_no_work'):
            other.__dict__.pop(name, None)
        other._layout = layout
        return other

    def see(
        self, planes: Sequence[np.ndarray], surprise: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, Work]:
        """Return the features of a part of which only some positions are news.

        The rest of the image is set to what is expected, so that the answer is much the same
        whether events are followed or, where they are many, one dense run is made.

        Args:
            planes: The part in the expected light, three planes [H, W].
            surprise: Evidence of the first look at half the size.

        Returns:
            Features [h, w, C], which of them are worth a look [h, w], bool, and what they cost.
        """
        seen = self._answer(planes, surprise)
        if seen is None:
            return self._at_rest, np.zeros(self._at_rest.shape[:2], bool), self._no_work
        answer, opened = seen
        return join_maps(answer.outputs)[0], opened, answer.work

    def _answer(
        self, planes: Sequence[np.ndarray], surprise: np.ndarray
    ) -> tuple[Answer, np.ndarray] | None:
        """Return the network's answer and which positions are worth a look; None without news."""
        news = self._gate.news(surprise)
        if not news.any():
            return None
        from ant_ros.inspection.chosen_features import positions_near  # compiled: a slow import
        close = _closeness(news)
        answer = self.network.run(self._input(planes, close))
        return answer, positions_near(close, *answer.outputs[0].shape[-2:])

    def see_whole(self, planes: Sequence[np.ndarray]) -> np.ndarray:
        """Return the features [h, w, C] of a part of which everything is news."""
        return join_maps(self.network.run(self._read(planes)).outputs)[0]

    def hunches(self, surprise: np.ndarray) -> np.ndarray:
        """Return what the first look alone adds at each position of the features [h, w].

        It is less than deep features find unusual in a good part, and so says only which of the
        parts that woke nothing is the more usual.
        """
        return _HUNCH * cv2.resize(
            self._gate.drowsiness(surprise), self._at_rest.shape[1::-1],
            interpolation=cv2.INTER_NEAREST)

    def warm_up(self, planes: Sequence[np.ndarray]) -> None:
        """Build the network and run it by events and densely."""
        height, width = planes[0].shape
        few = np.zeros((height // 2, width // 2), np.float32)
        few[:TILE // 2, :TILE // 2] = np.inf
        self.see(planes, few)
        self.network.run(self._read(planes)[:, ::-1])

    def counts(self) -> tuple[int, ...]:
        """Return how many features each map gives."""
        return join_maps(self.network.run(self._expected).outputs)[1]

    def look(
        self, planes: Sequence[np.ndarray], surprise: np.ndarray, memory: PlacedMemory,
        limit: float,
    ) -> Gazes:
        """Judge a registered part.

        Args:
            planes: The part in the expected light, three planes [H, W].
            surprise: Evidence of the first look at half the size.
            memory: What is good where.
            limit: Score that counts as 1.
        """
        from ant_ros.inspection.chosen_features import features_at
        seen, work = self._answer(planes, surprise), self._no_work
        unusual = self.hunches(surprise)
        if seen is not None:
            answer, opened = seen
            work = answer.work
            unusual += memory.measure(features_at(answer.outputs, opened), opened)
        score = memory.score(unusual) / limit
        return Gazes(score, to_score(unusual, score, planes[0].shape[::-1]), None, work)

    @cached_property
    def _at_rest(self) -> np.ndarray:
        """Features of the expected part [h, w, C]."""
        return join_maps(self.network.run(self._expected).outputs)[0]

    @cached_property
    def _no_work(self) -> Work:
        work = self.network.run(self._expected).work
        return replace(work, units=0, macs=0, bytes=0, seconds=0.0)

    def _read(self, planes: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Return what the network reads [3, H, W] of brightness and two differences of colour."""
        return self._backbone.to_input(to_rgb(cv2.merge(list(planes)).transpose(2, 0, 1)))

    def _input(self, planes: Sequence[np.ndarray], close: np.ndarray) -> np.ndarray:
        """Return the image [3, H, W] with what is far from the news set to what is expected."""
        if self._gate.is_open:
            return self._read(planes)
        from ant_ros.inspection.blending import blend  # compiled: a slow import
        return blend(tuple(planes), self._matrix, self._offset, self._expected, close)


class AnywhereEye:
    """See parts of free shape, or textures, at several sizes.

    Attributes:
        forms: Blocks of the backbone and size of the image per sight.

    Args:
        backbone: The network.
        crop: How they are cut out.
        forms: Blocks of the backbone and size of the image per sight.
    """

    def __init__(
        self, backbone: Backbone, crop: Crop,
        forms: Sequence[tuple[tuple[int, ...], tuple[int, int]]],
    ) -> None:
        self._backbone = backbone
        self._crop = crop
        self.forms = tuple(forms)

    @cached_property
    def networks(self) -> dict[tuple[int, int], AsyncNetwork]:
        """One network per size; nothing is as expected, so they run densely."""
        from ant_ros.network.async_network import AsyncNetwork
        return {size: AsyncNetwork.from_module(
            self._backbone.tapped(self._taps(size)), np.zeros((3, size[1], size[0]), np.float32),
            break_even=_always_dense()) for size in dict.fromkeys(size for _, size in self.forms)}

    def see(
        self, image: np.ndarray, size: tuple[int, int]
    ) -> tuple[dict[int, tuple[np.ndarray, tuple[int, ...]]], Work]:
        """Return what all forms of one size see in a cut-out of that size, and the work.

        That is features [h, w, C] and their counts per map, by the number of the form.
        """
        answer = self.networks[size].run(self._backbone.to_input(image))
        taps = self._taps(size)
        seen = {}
        for number, (chosen, other) in enumerate(self.forms):
            if other == size:
                seen[number] = join_maps([
                    answer.outputs[taps.index(tap)] for tap in chosen
                ] if self._backbone.blocks else answer.outputs)
        return seen, answer.work

    def _taps(self, size: tuple[int, int]) -> tuple[int, ...]:
        """Return the blocks that forms of one size look at."""
        return tuple(sorted({tap for taps, other in self.forms if other == size for tap in taps}))

    def input(self, cut_out: CutOut) -> np.ndarray:
        """Return what the first network gets to see [3, h, w]."""
        return self._backbone.to_input(cut_out.images[0])

    def cut_out(self, frame: np.ndarray) -> CutOut | None:
        """Return what the networks get to see of a frame; None where there is no part."""
        place = self._crop.find(frame)
        if place is None:
            return None
        return CutOut(tuple(self._crop.cut(frame, place, size) for size in self.networks), place)

    def warm_up(self) -> None:
        """Build the networks, find nothing and run them once."""
        width, height = self._crop.frame_size
        self._crop.find(np.zeros((height, width, 3), np.uint8))
        for size in self.networks:
            self.see(np.zeros((size[1], size[0], 3), np.uint8), size)

    def look(self, cut_out: CutOut, sights: Sequence[Sight], limit: float) -> Gazes:
        """Judge a part."""
        place = cut_out.place
        size = max((sight.size for sight in sights), key=max)
        score, works, seen, maps = 0.0, [], {}, []
        for one, image in zip(self.networks, cut_out.images):
            joined, work = self.see(image, one)
            seen.update(joined)
            works.append(work)
        for number, sight in enumerate(sights):
            features, _ = seen[number]
            grid = features.shape[1::-1]
            unusual = sight.memory.measure(features, self._crop.near(place, grid)) / sight.usual
            on_part = self._crop.on_part(place, grid)
            score += sight.memory.score(np.where(on_part, unusual, 0)) / len(sights)
            maps.append(unusual)
        score /= limit
        return Gazes(score, agreed_map(maps, score, limit, size),
                     self._crop.matrix(place, size), total_work(works), place.others,
                     self._crop.outline(place, size))


def _closeness(news: np.ndarray) -> np.ndarray:
    """Return how much of each pixel is taken from the part, 0 .. 1, by news at half the size.

    It fades out beside the news: a step from the part to what is expected would be an edge that
    neither has.
    """
    near = cv2.dilate(news.astype(np.uint8), _NEAR)
    close = cv2.blur(near.astype(np.float32), (_FADE_PX, _FADE_PX))
    height, width = close.shape
    return cv2.resize(close, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)


def _always_dense() -> BreakEven:
    """Return costs at which one dense run is always cheaper than events."""
    from ant_ros.network.break_even import BreakEven
    return BreakEven(dense_ns=-1.0)
