# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn the deep stage with a pretrained backbone from good parts."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.calibration import stated_limits
from ant_ros.inspection.crops import Crop
from ant_ros.inspection.crops import learn_crop
from ant_ros.inspection.crops import Place
from ant_ros.inspection.feature_maps import learn_projection
from ant_ros.inspection.gate import Gate
from ant_ros.inspection.normality import AnywhereMemory
from ant_ros.inspection.normality import learn_anywhere
from ant_ros.inspection.normality import learn_placed
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.pretrained_stage import AnywhereEye
from ant_ros.inspection.pretrained_stage import DEEP_TAPS
from ant_ros.inspection.pretrained_stage import PlacedEye
from ant_ros.inspection.pretrained_stage import PretrainedStage
from ant_ros.inspection.pretrained_stage import SHAPE_TAPS
from ant_ros.inspection.pretrained_stage import Sight
from ant_ros.inspection.pretrained_stage import TEXTURE_TAPS
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.texture_memory import learn_texture
from ant_ros.inspection.texture_memory import TextureMemory

__all__ = ['learn_anywhere_stage', 'learn_placed_stage']

_FREE_FORMS = ((DEEP_TAPS, 160), (SHAPE_TAPS, 160))
_TEXTURE_FORMS = ((TEXTURE_TAPS, 384),)
_STEP = 16
_MOST_PARTS = 40

Joined = tuple[np.ndarray, tuple[int, ...]]


def learn_placed_stage(
    backbone: Backbone, gate: Gate, views: np.ndarray, surprises: Sequence[np.ndarray],
    mean: np.ndarray, mask: np.ndarray, target_frr: float,
) -> PretrainedStage:
    """Learn from registered good parts.

    Args:
        backbone: The network.
        gate: What wakes.
        views: Good parts in the expected light [N, 3, H, W].
        surprises: Evidence of the first look at each of them [H, W].
        mean: Expected part [3, H, W].
        mask: Where the part is [H, W], bool.
        target_frr: Share of the next good parts that may reach the limit.
    """
    eye = PlacedEye(backbone, mean, gate)
    seen = [eye.see(view, surprise) for view, surprise in zip(views, surprises)]
    features = [one for one, _, _ in seen]
    shape = features[0].shape[:2]
    place = cv2.resize(mask.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA) > 0.25
    whole = [] if gate.is_open else [eye.see_whole(view) for view in views]
    projection = learn_projection(
        np.concatenate([one[place] for one in whole or features]), eye.counts())
    memory, scores = learn_placed(
        projection, features, [opened for _, opened, _ in seen], place,
        [eye.hunches(one) for one in surprises], whole)
    return PretrainedStage(
        ShapeKind.REGISTERED, backbone.name, backbone.digest, gate,
        *stated_limits(scores, target_frr), memory, (), None)


def learn_anywhere_stage(
    backbone: Backbone, frames: Sequence[np.ndarray], background: Background | None,
    target_frr: float,
) -> PretrainedStage:
    """Learn from good parts of free shape, or from good pieces of a texture.

    Args:
        backbone: The network.
        frames: One good part each [H, W, 3], uint8.
        background: What lies around the part; None for a texture.
        target_frr: Share of the next good parts that may reach the limit.
    """
    crop = learn_crop(frames, background)
    kind = ShapeKind.TEXTURE if background is None else ShapeKind.FREE
    forms = [(taps, _image_size(side, crop.frame_size, background))
             for taps, side in (_TEXTURE_FORMS if background is None else _FREE_FORMS)]
    eye = AnywhereEye(backbone, crop, forms)
    places = [crop.find(frame) for frame in frames]
    shown = [(frame, place) for frame, place in zip(frames, places) if place is not None]
    sights, totals = [], np.zeros(len(shown))
    seen, owners = _look_at_all(eye, crop, shown, kind)
    for (taps, size), joined in zip(forms, seen):
        memory: AnywhereMemory | TextureMemory
        if kind is ShapeKind.TEXTURE:
            memory, scores = learn_texture([one for one, _ in joined])
        else:
            memory, scores = _learn_sight(crop, shown, joined, owners)
        usual = float(np.median(scores))
        sights.append(Sight(taps, size, memory, usual))
        totals += np.array(scores) / usual / len(forms)
    return PretrainedStage(
        kind, backbone.name, backbone.digest, None,
        *stated_limits(totals.tolist(), target_frr), None, tuple(sights), crop)


def _look_at_all(
    eye: AnywhereEye, crop: Crop, shown: Sequence[tuple[np.ndarray, Place]], kind: ShapeKind
) -> tuple[list[list[Joined]], list[int]]:
    """Return what each form sees in each view of the parts, and which part each view is of."""
    seen: list[list[Joined]] = [[] for _ in eye.forms]
    owners: list[int] = []
    for part, (frame, place) in enumerate(shown):
        for size in eye.networks:
            image = crop.cut(frame, place, size)
            turned = kind is ShapeKind.FREE and len(shown) <= _MOST_PARTS
            views = _turned(image) if turned else [image]
            for view in views:
                for number, joined in eye.see(view, size)[0].items():
                    seen[number].append(joined)
        owners += [part] * len(views)
    return seen, owners


def _learn_sight(
    crop: Crop, shown: Sequence[tuple[np.ndarray, Place]], joined: Sequence[Joined],
    owners: Sequence[int],
) -> tuple[AnywhereMemory, list[float]]:
    features, counts = [one for one, _ in joined], joined[0][1]
    depth = features[0].shape[-1]
    projection = learn_projection(
        np.concatenate([one.reshape(-1, depth) for one in features]), counts)
    grid = features[0].shape[1::-1]
    return learn_anywhere(
        projection, features, owners, [crop.near(place, grid) for _, place in shown])


def _turned(image: np.ndarray) -> list[np.ndarray]:
    """Return an image of a free shape and how it might as well have lain: as it was first."""
    turns = [np.rot90(image, quarter) for quarter in range(4)]
    flipped = [turned[:, ::-1] for turned in turns]
    return [np.ascontiguousarray(one) for one in turns + flipped]


def _image_size(
    side: int, frame_size: tuple[int, int], background: Background | None
) -> tuple[int, int]:
    """Return width and height, multiples of what the network needs, with the area of a square."""
    if background is not None:
        return side, side
    across, down = frame_size
    scale = side / np.sqrt(across * down)
    width, height = (_STEP * max(2, round(scale * one / _STEP)) for one in (across, down))
    return int(width), int(height)
