# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where in the frame the part lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.pyramid import halved

__all__ = ['LOOK_SIDE_PX', 'Background', 'Placement', 'find_part', 'find_parts', 'is_too_large',
           'learn_background', 'look_for_part', 'structure_held', 'whole_frame']

LOOK_SIDE_PX = 160
"""Longer side of the small image that is looked at."""

_BORDER = 0.05
_MIN_AREA = 0.001
"""Share of the frame: some 20 pixels of the small image, as much as its 3 x 3 opening leaves."""
_MAX_AREA = 0.85
_MIN_DISTANCE = (1.5, 4.0)
_EVEN_SHARE = 0.99
_EVEN_MARGIN = 4.0
_LEVEL_SPREAD = 0.06
_NOISE_FLOOR = 3.0
_MIN_SHARE_FOUND = 0.8
_PATTERN_SIDES = 3
_AREA_TOLERANCE = 4.0
_WHOLE_SHARE = 0.9
_AROUND_PX = 7
_EVERY = 5


@dataclass(frozen=True)
class Background:
    """What the belt or cloth looks like: one colour with its spread.

    Attributes:
        whiten: Affine map [3, 4] from RGB to a colour distance of mean 0 and spread 1.
        limit: Distance from which a pixel belongs to the part.
        colour: Its colour [3].
        area_px: Usual area of the part, in pixels of the small image that is looked at.
    """

    whiten: np.ndarray
    limit: float
    colour: np.ndarray
    area_px: float

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of it is seen: the part fills the frame."""
        return self.limit < 0


@dataclass(frozen=True)
class Placement:
    """A part that was found, in pixels of the small image that is looked at.

    Attributes:
        x: Centre of area.
        y: Centre of area.
        area_px: Area.
        box: Left, top, width, height.
        look: The small image [h, w, 3].
        mask: The part [h, w], uint8, 0 or 255.
        surroundings: Colour of what lies around the part [3].
        scale: Pixels of the small image per pixel of the picture in which it was found.
        others: How many others there are of a fitting size, as a whole within the picture; one
            at its border is taken as whole where it is as large as a part.
    """

    x: float
    y: float
    area_px: float
    box: tuple[int, int, int, int]
    look: np.ndarray
    mask: np.ndarray
    surroundings: np.ndarray
    scale: float
    others: int = 0

    @property
    def touches_border(self) -> bool:
        """Whether it ends where the picture does, or nearly."""
        left, top, across, down = self.box
        height, width = self.mask.shape
        return left <= 1 or top <= 1 or left + across >= width - 1 or top + down >= height - 1


class _Components(NamedTuple):
    """What stands out from the background, in pixels of the small image.

    `far` [h, w] tells what does, `labels` which component; the first of the `stats` is the rest.
    """

    look: np.ndarray
    scale: float
    far: np.ndarray
    labels: np.ndarray
    stats: np.ndarray
    centres: np.ndarray


def look_for_part(picture: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the small image [h, w, 3] that the finder looks at, and its scale.

    Args:
        picture: [H, W, 3] or, as the levels of a pyramid are, [H, W, 4], uint8.
    """
    height, width = picture.shape[:2]
    scale = min(1.0, LOOK_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while picture.shape[1] >= 2 * size[0] and picture.shape[0] >= 2 * size[1]:
        picture = halved(picture)
    if picture.shape[1::-1] != size:
        from ant_ros.inspection.shrinking import area_means  # compiled: a slow import
        picture = area_means(picture if picture.flags.carray else picture.copy(), *size)
    elif picture.shape[2] == 4:
        picture = cv2.cvtColor(picture, cv2.COLOR_RGBA2RGB)
    return picture, scale


def learn_background(frames: Sequence[np.ndarray]) -> Background | None:
    """Learn what lies around the part from frames that each show one.

    Good at: a belt or cloth of one colour, evenly lit, with the part away from most of the
    border. Bad at: patterned belts.

    Returns:
        The background, or None where no part stands out from it: a texture fills the frame.
    """
    from ant_ros.inspection.colour_distance import colour_distances  # compiled: a slow import
    looks = [look_for_part(frame)[0] for frame in frames]
    border = np.concatenate([_border_pixels(look) for look in looks]).astype(np.float32)
    centre = np.median(border, axis=0)
    near = border[np.abs(border - centre).max(axis=1) < 40]
    if len(near) < 0.5 * len(border):
        return None
    floor = np.diag(np.full(3, _NOISE_FLOOR**2)) + _LEVEL_SPREAD**2 * np.outer(centre, centre)
    covariance = np.cov(near.T) + floor
    whiten = np.linalg.inv(np.linalg.cholesky(covariance))
    affine = np.hstack([whiten, -(whiten @ near.mean(axis=0))[:, None]]).astype(np.float32)
    distances = np.concatenate([colour_distances(look, affine).ravel() for look in looks])
    colour = near.mean(axis=0).astype(np.float32)
    limit = max(_least_distance(looks, affine, colour), _valley(distances))
    background = Background(affine, limit, colour, 0.0)
    placements = [find_part(frame, background) for frame in frames]
    found = [placement for placement in placements if placement is not None]
    areas = [placement.area_px for placement in found]
    if len(areas) < _MIN_SHARE_FOUND * len(frames):
        return None
    cuts = [_cut(np.array(one.box), *one.mask.shape[::-1]) for one in found]
    if np.median(cuts) >= _PATTERN_SIDES:
        return None  # joints between bricks, the weave of a cloth: they go on beyond the frame
    area = float(np.median(areas))
    pixels = looks[0].shape[0] * looks[0].shape[1]
    alike = np.mean([area / 1.6 < one < area * 1.6 for one in areas])
    if not _MIN_AREA < area / pixels < _MAX_AREA or alike < _MIN_SHARE_FOUND:
        return None
    return Background(affine, limit, colour, area)


def _least_distance(
    looks: Sequence[np.ndarray], affine: np.ndarray, colour: np.ndarray
) -> float:
    """Return the least distance that may tell a part from its background.

    An even background needs less room than an uneven one: given as much, it would cut a part of
    nearly its own brightness to pieces.
    """
    from ant_ros.inspection.colour_distance import colour_distances
    from ant_ros.inspection.colour_distance import light_gain
    seen = []
    for look in looks:
        border = _border_pixels(look)
        lit = affine.copy()
        lit[:, :3] *= light_gain(border[::_EVERY], colour, affine, _MIN_DISTANCE[1])
        seen.append(colour_distances(border[None], lit).ravel())
    return float(np.clip(_EVEN_MARGIN * np.quantile(seen, _EVEN_SHARE), *_MIN_DISTANCE))


def whole_frame(frames: Sequence[np.ndarray]) -> Background:
    """Return the background of parts that fill the frame: none of it is seen."""
    look = look_for_part(frames[0])[0]
    return Background(np.zeros((3, 4), np.float32), -1.0, np.zeros(3, np.float32),
                      float(look.shape[0] * look.shape[1]))


def structure_held(frames: Sequence[np.ndarray], background: Background) -> float:
    """Return the usual share of a frame's edges that lie on the part that stands out.

    A low share says that shadows on a part that fills the frame were taken for a part.
    """
    shares = []
    for found in (find_part(frame, background) for frame in frames):
        if found is None:
            continue
        grey = cv2.cvtColor(found.look, cv2.COLOR_RGB2GRAY).astype(np.float32)
        edges = cv2.Sobel(grey, cv2.CV_32F, 1, 0)**2 + cv2.Sobel(grey, cv2.CV_32F, 0, 1)**2
        hull = cv2.fillConvexPoly(
            np.zeros_like(found.mask), cv2.convexHull(cv2.findNonZero(found.mask)), 255)
        near = cv2.dilate(hull, np.ones((_AROUND_PX, _AROUND_PX), np.uint8)) > 0
        shares.append(float(edges[near].sum() / max(float(edges.sum()), 1.0)))
    return float(np.median(shares)) if shares else 0.0


def find_part(picture: np.ndarray, background: Background) -> Placement | None:
    """Find the largest part that is not mostly cut by the border of the picture.

    Args:
        picture: A frame [H, W, 3] or a level of its pyramid [H, W, 4], uint8.
        background: What lies around the part.

    Returns:
        Where it is, or None where nothing of a fitting size stands out.
    """
    seen = _see(picture, background)
    if len(seen.stats) < 2:
        return None
    height, width = seen.far.shape
    rank = [_rank(stat, width, height) for stat in seen.stats[1:]]
    best = 1 + int(np.argmax(rank))
    if not _fits(seen, best, background):
        return None
    others = sum(_fits(seen, one, background) and _is_whole(seen, one, background)
                 for one in range(1, len(seen.stats)) if one != best)
    return _place(seen, best, others)


def find_parts(picture: np.ndarray, background: Background) -> list[Placement]:
    """Find all parts, from left to right; see `find_part`.

    What is larger than a part is among them: parts that touch each other look so.
    """
    seen = _see(picture, background)
    found = [_place(seen, one) for one in range(1, len(seen.stats))
             if _fits(seen, one, background) or is_too_large(seen.stats[one][-1], background)]
    return sorted(found, key=lambda one: one.x)


def is_too_large(area_px: float, background: Background) -> bool:
    """Tell whether so many pixels of the small image are more than a part has."""
    return 0 < _AREA_TOLERANCE * background.area_px <= area_px


def _see(picture: np.ndarray, background: Background) -> _Components:
    """Return what stands out from the background."""
    from ant_ros.inspection.colour_distance import light_gain  # compiled: a slow import
    from ant_ros.inspection.colour_distance import standing_out
    look, scale = look_for_part(picture)
    whiten = np.array(background.whiten, np.float32)
    whiten[:, :3] *= light_gain(_border_pixels(look)[::_EVERY],
                                np.asarray(background.colour, np.float32), whiten,
                                background.limit)
    far = standing_out(look, whiten, background.limit)
    clean = cv2.morphologyEx(far, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    mask = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    # By far the fastest way on so small an image.
    _, labels, stats, centres = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask, 8, cv2.CV_16U, cv2.CCL_GRANA)
    return _Components(look, scale, far, labels, stats, centres)


def _fits(seen: _Components, one: int, background: Background) -> bool:
    """Tell whether a component is about as large as the parts that were taught."""
    area = float(seen.stats[one, cv2.CC_STAT_AREA])
    usual = background.area_px
    return area >= _MIN_AREA * seen.far.size / 2 and (
        not usual or 1 / _AREA_TOLERANCE < area / usual < _AREA_TOLERANCE)


def _is_whole(seen: _Components, one: int, background: Background) -> bool:
    """Tell whether hardly anything of a component can lie beyond the border of the picture."""
    height, width = seen.far.shape
    return not _cut(seen.stats[one], width, height) or (
        0 < _WHOLE_SHARE * background.area_px <= seen.stats[one, cv2.CC_STAT_AREA])


def _place(seen: _Components, one: int, others: int = 0) -> Placement:
    left, top, across, down, area = (int(value) for value in seen.stats[one])
    part = _as_mask(seen.labels == one)
    x, y = (float(value) for value in seen.centres[one])
    near = cv2.bitwise_or(seen.far, cv2.dilate(part, np.ones((9, 9), np.uint8)))
    surroundings = np.array(cv2.mean(seen.look, cv2.bitwise_not(near))[:3], np.float32)
    return Placement(x, y, float(area), (left, top, across, down), seen.look, part, surroundings,
                     seen.scale, others)


def _as_mask(chosen: np.ndarray) -> np.ndarray:
    """Return 255 where a condition holds, else 0."""
    return chosen.view(np.uint8) * np.uint8(255)


def _rank(stat: np.ndarray, width: int, height: int) -> float:
    """Prefer large components; one that runs along the border is rarely the part."""
    area = int(stat[cv2.CC_STAT_AREA])
    return area * (1.0, 0.6, 0.2, 0.1, 0.05)[_cut(stat, width, height)]


def _cut(stat: np.ndarray, width: int, height: int) -> int:
    """Count the sides of the picture at which a component ends."""
    left, top, across, down = (int(value) for value in stat[:4])
    return (left <= 0) + (top <= 0) + (left + across >= width) + (top + down >= height)


def _border_pixels(look: np.ndarray) -> np.ndarray:
    height, width = look.shape[:2]
    edge = max(2, round(_BORDER * min(height, width)))
    strips = look[:edge], look[-edge:], look[edge:-edge, :edge], look[edge:-edge, -edge:]
    return np.concatenate([strip.reshape(-1, 3) for strip in strips])


def _valley(distances: np.ndarray) -> float:
    """Split near and far distances (Otsu's method on their logarithm)."""
    logs = np.log(np.clip(distances, 0.5, 200.0))
    scaled = ((logs - logs.min()) / max(float(np.ptp(logs)), 1e-6) * 255).astype(np.uint8)
    cut, _ = cv2.threshold(scaled.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(np.exp(logs.min() + (cut + 0.5) / 255 * np.ptp(logs)))
