# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn the deep stage with a pretrained backbone from good parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.calibration import Limits
from ant_ros.inspection.calibration import stated_limits
from ant_ros.inspection.crops import Crop
from ant_ros.inspection.crops import learn_crop
from ant_ros.inspection.feature_maps import learn_projection
from ant_ros.inspection.first_look import halves
from ant_ros.inspection.gate import learn_gate
from ant_ros.inspection.normality import AnywhereMemory
from ant_ros.inspection.normality import learn_anywhere
from ant_ros.inspection.normality import learn_placed
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.position_memory import learn_positions
from ant_ros.inspection.position_memory import PositionMemory
from ant_ros.inspection.pretrained_stage import AnywhereEye
from ant_ros.inspection.pretrained_stage import PlacedEye
from ant_ros.inspection.pretrained_stage import POSITION_TAPS
from ant_ros.inspection.pretrained_stage import PretrainedStage
from ant_ros.inspection.pretrained_stage import SHAPE_TAPS
from ant_ros.inspection.pretrained_stage import Sight
from ant_ros.inspection.pretrained_stage import TEXTURE_TAPS
from ant_ros.inspection.pyramid import halved
from ant_ros.inspection.pyramid import halved_planes
from ant_ros.inspection.sampled_teaching import learn_first_look
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.surprise import Surprise
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.texture_memory import learn_texture
from ant_ros.inspection.texture_memory import TextureMemory

if TYPE_CHECKING:
    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['Learned', 'learn_anywhere_stage', 'learn_placed_stage', 'learn_sights']

_FREE_FORMS = ((POSITION_TAPS, 160), (SHAPE_TAPS, 160))
_TEXTURE_FORMS = ((TEXTURE_TAPS, 384),)
_STEP = 16
_HALF = 0.5
_MOST_PARTS = 40

Joined = tuple[np.ndarray, tuple[int, ...]]


class Learned(NamedTuple):
    """What was learned, and what it makes of the good parts.

    Attributes:
        stage: The deep stage.
        scores: One per good part, by what the others taught.
        by_fewer: The same, by what two thirds of them taught.
        surprise: The first look of registered parts; None for others.
    """

    stage: PretrainedStage
    scores: list[float]
    by_fewer: list[float]
    surprise: Surprise | None = None

    @property
    def limit(self) -> float:
        """Score from which on a part is rejected."""
        return self.stage.reject_limit

    def settle(self, limits: Limits) -> Limits:
        """Return limits with those of the deep stage."""
        return replace(limits, review=1.0, reject=self.stage.reject_limit / self.stage.limit)


def learn_placed_stage(
    backbone: Backbone, kind: str, views: np.ndarray, mean: np.ndarray, mask: np.ndarray,
    moving: np.ndarray, reach_px: float, target_frr: float, *, gone: Sequence[float] = (),
    layout: TunedLayout | None = None,
) -> Learned:
    """Learn from registered good parts.

    The first look only tells what wakes, in tiles that are larger than what it can see: half the
    size suffices.

    Args:
        backbone: The network.
        kind: Of the gate, one of GATES.
        views: Good parts in the expected light [N, 3, H, W].
        mean: Expected part [3, H, W].
        mask: Where the part is [H, W], bool.
        moving: Where prints lie that are put back [H, W], bool.
        reach_px: Largest shift that good parts show.
        target_frr: Share of the next good parts that may reach the limit.
        gone: Scores of good parts that there are no pictures of any more.
        layout: Of the network; None for the default.
    """
    small_mean, small_reach_px = halves(mean, reach_px)
    small_mask = halved(mask.astype(np.float32)) >= _HALF
    look = learn_first_look(
        np.stack([halved_planes(view) for view in views]), small_mean, small_mask,
        halved(moving.astype(np.float32)), small_reach_px)
    gate, surprises = learn_gate(kind, look.surprises, small_mask), look.surprises
    eye = PlacedEye(backbone, mean, gate, layout)
    features = [eye.see_whole(view) for view in views]
    shape = features[0].shape[:2]
    place = cv2.resize(mask.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA) > 0.25
    gated = [] if gate.is_open else [
        eye.see(view, surprise)[0] for view, surprise in zip(views, surprises)]
    projection = learn_projection(
        np.concatenate([one[place] for one in features]), eye.counts())
    memory, scores, by_fewer = learn_placed(
        projection, features, place, [eye.hunches(one) for one in surprises], gated)
    return Learned(PretrainedStage(
        ShapeKind.REGISTERED, backbone.name, backbone.digest, gate,
        *stated_limits([*gone, *scores], target_frr), memory, (), None, layout),
        scores, by_fewer, look.surprise)


def learn_anywhere_stage(
    backbone: Backbone, frames: Sequence[np.ndarray], background: Background | None,
    target_frr: float,
) -> tuple[Learned, list[CutOut]]:
    """Learn from good parts of free shape, or from good pieces of a texture; return them, too.

    Args:
        backbone: The network.
        frames: One good part each [H, W, 3], uint8.
        background: What lies around the part; None for a texture.
        target_frr: Share of the next good parts that may reach the limit.
    """
    crop = learn_crop(frames, background)
    forms = [(taps, _image_size(side, crop.frame_size, background))
             for taps, side in (_TEXTURE_FORMS if background is None else _FREE_FORMS)]
    eye = AnywhereEye(backbone, crop, forms)
    shown = [one for one in map(eye.cut_out, frames) if one is not None]
    return learn_sights(backbone, eye, crop, shown, target_frr), shown


def learn_sights(
    backbone: Backbone, eye: AnywhereEye, crop: Crop, shown: Sequence[CutOut], target_frr: float,
    *, gone: Sequence[float] = (),
) -> Learned:
    """Learn from good parts of free shape, or pieces of a texture, that were cut out.

    Args:
        backbone: The network.
        eye: What sees with it.
        crop: How they were cut out.
        shown: The parts.
        target_frr: Share of the next good parts that may reach the limit.
        gone: Scores of good parts that there are no pictures of any more.
    """
    kind = ShapeKind.TEXTURE if crop.background is None else ShapeKind.FREE
    sights, totals = [], np.zeros((2, len(shown)))
    seen, owners = _look_at_all(eye, shown, kind)
    for (taps, size), joined in zip(eye.forms, seen):
        memory: AnywhereMemory | PositionMemory | TextureMemory
        if kind is ShapeKind.TEXTURE:
            memory, *scores = learn_texture([one for one, _ in joined])
        else:
            memory, *scores = _learn_sight(crop, shown, joined, owners, taps)
        usual = float(np.median(scores[0]))
        sights.append(Sight(taps, size, memory, usual))
        totals += np.array(scores) / usual / len(eye.forms)
    known, by_fewer = totals.tolist()
    stage = PretrainedStage(
        kind, backbone.name, backbone.digest, None,
        *stated_limits([*gone, *known], target_frr), None, tuple(sights), crop)
    return Learned(stage, known, by_fewer)


def _look_at_all(
    eye: AnywhereEye, shown: Sequence[CutOut], kind: ShapeKind
) -> tuple[list[list[Joined]], list[int]]:
    """Return what each form sees in each view of the parts, and which part each view is of."""
    seen: list[list[Joined]] = [[] for _ in eye.forms]
    owners: list[int] = []
    for part, cut_out in enumerate(shown):
        for size, image in zip(eye.networks, cut_out.images):
            turned = kind is ShapeKind.FREE and len(shown) <= _MOST_PARTS
            views = _turned(image) if turned else [image]
            for view in views:
                for number, joined in eye.see(view, size)[0].items():
                    seen[number].append(joined)
        owners += [part] * len(views)
    return seen, owners


def _learn_sight(
    crop: Crop, shown: Sequence[CutOut], joined: Sequence[Joined], owners: Sequence[int],
    taps: tuple[int, ...],
) -> tuple[AnywhereMemory | PositionMemory, list[float], list[float]]:
    features, counts = [one for one, _ in joined], joined[0][1]
    depth = features[0].shape[-1]
    projection = learn_projection(
        np.concatenate([one.reshape(-1, depth) for one in features]), counts)
    grid = features[0].shape[1::-1]
    learn = learn_positions if taps == POSITION_TAPS else learn_anywhere
    return learn(projection, features, owners, [crop.on_part(one.place, grid) for one in shown])


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
