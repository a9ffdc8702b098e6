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
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.backbone import to_input
from ant_ros.inspection.crops import Crop
from ant_ros.inspection.feature_maps import join_maps
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.normality import AnywhereMemory
from ant_ros.inspection.normality import PlacedMemory
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.network.work import Work

if TYPE_CHECKING:
    from ant_ros.network.async_network import AsyncNetwork

__all__ = ['DEEP_TAPS', 'PLACED_TAPS', 'AnywhereEye', 'Gazes', 'PlacedEye', 'PretrainedStage',
           'Sight', 'open_tiles']

PLACED_TAPS = (4, 7)
"""Blocks of EfficientNet-Lite0 that describe details in their surroundings: strides 8 and 16."""
DEEP_TAPS = (10,)
"""The block that describes shapes: stride 16."""
_TILE = 16
_FADE_PX = 8


@dataclass(frozen=True)
class Sight:
    """How parts of free shape are seen at one size.

    Attributes:
        taps: Blocks of the backbone.
        size: Width and height of the image that is looked at.
        memory: Good features.
        usual: Usual score of a good part.
    """

    taps: tuple[int, ...]
    size: tuple[int, int]
    memory: AnywhereMemory
    usual: float


@dataclass(frozen=True)
class PretrainedStage:
    """What the recipe holds of the deep stage.

    Attributes:
        kind: What is inspected.
        backbone: Name of the network.
        digest: Hash of its weights, which are not part of the recipe.
        gate: `learned`, or `open` where every tile is an event.
        limit: Score from which a person should look; it counts as 1.
        reject_limit: Score from which a part is rejected.
        placed: What is good where; None for other kinds.
        sights: What is good anywhere; empty for registered parts.
        crop: How parts of free shape are cut out; None for registered parts.
    """

    kind: ShapeKind
    backbone: str
    digest: str
    gate: str
    limit: float
    reject_limit: float
    placed: PlacedMemory | None
    sights: tuple[Sight, ...]
    crop: Crop | None


@dataclass(frozen=True)
class Gazes:
    """What the deep stage saw.

    Attributes:
        score: The part's score; 1 is where a person should look.
        unusual: The same per pixel [H, W], its peak is the score.
        matrix: Affine map [2, 3] from `unusual` to the frame; None for the registered image.
        work: What it cost in the network.
    """

    score: float
    unusual: np.ndarray
    matrix: np.ndarray | None
    work: Work


class PlacedEye:
    """See registered parts through the asynchronous network.

    Args:
        backbone: The network.
        mean: Expected part in three planes [3, H, W].
        gated: Whether only what surprises is looked at.
    """

    def __init__(self, backbone: Backbone, mean: np.ndarray, gated: bool) -> None:
        self._backbone = backbone
        self._expected = to_input(to_rgb(mean))
        self._gated = gated

    @cached_property
    def network(self) -> AsyncNetwork:
        """The asynchronous network; it expects the golden part."""
        from ant_ros.network.async_network import AsyncNetwork
        options = {} if self._gated else {'break_even': _always_dense()}
        return AsyncNetwork.from_module(
            self._backbone.tapped(PLACED_TAPS), self._expected, **options)

    def see(self, planes: Sequence[np.ndarray], woken: np.ndarray) -> tuple[np.ndarray, Work]:
        """Return the features of a part of which only some tiles are news.

        The rest of the image is set to what is expected, so that the answer is the same whether
        events are followed or, where they are many, one dense run is made.

        Args:
            planes: The part in the expected light, three planes [H, W].
            woken: Tiles that surprise [H / 16, W / 16], bool.

        Returns:
            Features [h, w, C], and what they cost.
        """
        seen = to_input(to_rgb(np.stack(planes)))
        if self._gated:
            seen = self._expected + _news(woken) * (seen - self._expected)
        answer = self.network.run(seen)
        return join_maps(answer.outputs)[0], answer.work

    def warm_up(self, planes: Sequence[np.ndarray]) -> None:
        """Build the network and run it once."""
        nothing = np.zeros((planes[0].shape[0] // _TILE, planes[0].shape[1] // _TILE), bool)
        self.see(planes, nothing)
        self.see(planes, ~nothing)

    def counts(self) -> tuple[int, ...]:
        """Return how many features each map gives."""
        return join_maps(self.network.run(self._expected).outputs)[1]

    def look(
        self, planes: Sequence[np.ndarray], woken: np.ndarray, memory: PlacedMemory, limit: float
    ) -> Gazes:
        """Judge a registered part."""
        features, work = self.see(planes, woken)
        unusual = memory.measure(features, open_tiles(woken, features.shape[:2]))
        score = memory.score(unusual) / limit
        return Gazes(score, _to_score(unusual, score, planes[0].shape), None, work)


class AnywhereEye:
    """See parts of free shape, or textures, at several sizes.

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
        self._forms = tuple(forms)

    @cached_property
    def networks(self) -> tuple[AsyncNetwork, ...]:
        """One network per size; nothing is as expected, so they run densely."""
        from ant_ros.network.async_network import AsyncNetwork
        return tuple(
            AsyncNetwork.from_module(
                self._backbone.tapped(taps), np.zeros((3, size[1], size[0]), np.float32),
                break_even=_always_dense())
            for taps, size in self._forms)

    def see(self, image: np.ndarray, number: int) -> tuple[np.ndarray, tuple[int, ...], Work]:
        """Return features [h, w, C] of a cut-out at one size, their counts per map, and work."""
        answer = self.networks[number].run(to_input(image))
        return *join_maps(answer.outputs), answer.work

    def warm_up(self) -> None:
        """Build the networks and run them once."""
        for number, (_, size) in enumerate(self._forms):
            self.see(np.zeros((size[1], size[0], 3), np.uint8), number)

    def look(self, frame: np.ndarray, sights: Sequence[Sight], limit: float) -> Gazes | None:
        """Judge a part in a frame [H, W, 3]; None where there is none."""
        place = self._crop.find(frame)
        if place is None:
            return None
        size = max((sight.size for sight in sights), key=max)
        unusual = np.zeros(size[::-1], np.float32)
        score, works = 0.0, []
        for number, sight in enumerate(sights):
            features, _, work = self.see(self._crop.cut(frame, place, sight.size), number)
            near = self._crop.near(place, features.shape[1::-1])
            distances = sight.memory.measure(features, near)
            factor = 1 / (sight.usual * len(sights))
            score += factor * sight.memory.score(distances)
            unusual += factor * cv2.resize(distances, size, interpolation=cv2.INTER_LINEAR)
            works.append(work)
        score /= limit
        return Gazes(score, _to_score(unusual, score, size[::-1]), self._crop.matrix(place, size),
                     _sum(works))


def open_tiles(woken: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return which positions [h, w] lie in woken tiles or beside them."""
    wide = cv2.dilate(woken.astype(np.uint8), np.ones((3, 3), np.uint8))
    return cv2.resize(wide, shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def _news(woken: np.ndarray) -> np.ndarray:
    """Return how much of each pixel [H, W] is taken from the part, 0 .. 1.

    It fades out beside the woken tiles: a step from the part to what is expected would be an
    edge that neither has.
    """
    tiles = woken.repeat(_TILE, axis=0).repeat(_TILE, axis=1).astype(np.float32)
    side = 2 * _FADE_PX + 1
    return cv2.blur(cv2.dilate(tiles, np.ones((side, side), np.uint8)), (side, side))


def _to_score(unusual: np.ndarray, score: float, shape: tuple[int, int]) -> np.ndarray:
    """Return a map at the size of the image with the part's score as its peak."""
    large = cv2.resize(unusual.astype(np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR)
    return large * np.float32(score / max(float(large.max()), 1e-6))


def _sum(works: Sequence[Work]) -> Work:
    return Work(*(sum(getattr(work, name) for work in works) for name in (
        'units', 'units_total', 'macs', 'macs_dense', 'bytes', 'seconds')))


def _always_dense() -> object:
    """Return costs at which one dense run is always cheaper than events."""
    from ant_ros.network.break_even import BreakEven
    return BreakEven(dense_ns=-1.0)
