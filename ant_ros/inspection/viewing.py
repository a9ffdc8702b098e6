# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A part as the recipe wants to see it: found, registered, in the expected light."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.lighting import apply_lighting
from ant_ros.inspection.lighting import fit_lighting
from ant_ros.inspection.lighting import Lighting
from ant_ros.inspection.lighting import sample_pixels
from ant_ros.inspection.lighting import sample_places
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.part_finder import LOOK_SIDE_PX
from ant_ros.inspection.prints import NO_PRINTS
from ant_ros.inspection.prints import Prints
from ant_ros.inspection.pyramid import halvings_for
from ant_ros.inspection.pyramid import make_pyramid
from ant_ros.inspection.pyramid import scaling
from ant_ros.inspection.pyramid import shrunk
from ant_ros.inspection.registration import learn_sureness
from ant_ros.inspection.registration import make_reference
from ant_ros.inspection.registration import register
from ant_ros.inspection.registration import rehearse
from ant_ros.inspection.registration import SURE
from ant_ros.inspection.registration import Sureness

__all__ = ['View', 'Viewer', 'cut_out']

_DARK = 2.0
_ADDED_PX = 32
_LARGE_LOOK_PX = 3 * LOOK_SIDE_PX // 2


@dataclass(frozen=True)
class View:
    """One part, ready to be compared.

    Attributes:
        planes: Brightness and two differences of colour, [H, W] float32 each.
        matrix: Affine map [2, 3] from the registered image to the frame.
        likeness: Correlation with the expected part, -1 .. 1.
        lighting: The light that was taken out.
        others: Further parts in the frame.
    """

    planes: list[np.ndarray]
    matrix: np.ndarray
    likeness: float
    lighting: Lighting
    others: int = 0


class Viewer:
    """Find, register and normalise parts against an expected part.

    Args:
        mean: Expected part in three planes [3, H, W].
        mask: Where the part is [H, W], bool.
        background: What lies around the part; None to take the frame as it is.
        scale: Pixels that are worked on per pixel of the frame, at most 1.
        centre: Centre of area of the part in the registered image.
        radius: Largest distance of the part from it.
        mix: Weights of red, green and blue in the brightness that registration sees [3].
        light_limits: Least and largest shift of brightness and colour against the surroundings
            [2, 3], see `fit_lighting`.
        sure: Likeness from which on a rotation is not in doubt.
        prints: What is put back in its place.
        blur: What linear sampling blurs usually, see `usual_blur`, and evenly everywhere here;
            None for linear sampling.
    """

    def __init__(
        self, *, mean: np.ndarray, mask: np.ndarray, background: Background | None, scale: float,
        centre: tuple[float, float], radius: float, mix: np.ndarray, light_limits: np.ndarray,
        sure: Sureness = SURE, prints: Prints = NO_PRINTS,
        blur: tuple[float, float] | None = None,
    ) -> None:
        self._background = background
        self._prints, self._mix, self._blur = prints, mix, blur
        self._halvings = halvings_for(scale)
        self._to_frame = scaling(2.0**self._halvings)
        self._whole = scaling(0.5**self._halvings / scale)
        self._light_limits = light_limits
        rgb = to_rgb(mean)
        self._rgb, self._mean = np.ascontiguousarray(rgb.transpose(2, 0, 1)), mean
        self._size = (mean.shape[2], mean.shape[1])
        self._samples = sample_pixels(mask)
        self._places = sample_places(self._samples, mask.shape)
        self._expected = rgb.reshape(-1, 3)[self._samples]
        self._reference = None
        if background is not None:
            steady = [mask, mask & ~prints.cover(mask.shape)][:1 + bool(prints.prints)]
            references = [make_reference(
                rgb, where.astype(np.uint8) * 255, centre, radius, mix=mix,
                scale=scale * 2.0**self._halvings, sure=sure) for where in steady]
            self._reference, self._body = references[0], references[-1]

    def view(self, frame: np.ndarray) -> View | None:
        """Return the part in a frame [H, W, 3] uint8, or None where there is none."""
        picture = shrunk(frame, self._halvings)
        matrix, likeness, surroundings, others = self._whole, 1.0, np.zeros(3), 0
        added = 0
        if self._background is not None and self._reference is not None:
            levels = make_pyramid(picture)
            placement = find_part(_smallest_to_look_at(levels), self._background)
            if placement is None:
                return None
            others = placement.others
            if placement.touches_border and not self._background.is_hidden:
                wider = make_pyramid(_surrounded(picture, placement.surroundings))
                inside = find_part(_smallest_to_look_at(wider), self._background)
                if inside is not None:
                    added, picture, levels, placement = _ADDED_PX, wider[0], wider, inside
            surroundings = np.log(
                (self._background.colour + _DARK) / (placement.surroundings + _DARK))
            # Prints tell which way round a part lies, but not exactly where.
            found = register(levels, placement, self._reference, self._body)
            matrix, likeness = found.matrix, found.likeness
        canvas = self._prints.put_back(
            _cut_out(picture, matrix, self._size, self._blur), picture, matrix, self._mix,
            self._blur)
        matrix = matrix - np.array([[0, 0, added]])
        view = self._lit(canvas, matrix, likeness, surroundings, others)
        if self._background is not None and self._background.is_hidden:
            self._forgive_unseen(view, matrix, picture)
        return view

    def warm_up(self) -> View:
        """Return what is expected; compile what the first part would otherwise wait for."""
        seen = np.clip(to_rgb(self._mean), 0, 255).astype(np.uint8)
        canvas = _cut_out(shrunk(seen, 0), np.eye(2, 3), self._size, self._blur)
        if self._background is not None and self._reference is not None:
            find_part(np.zeros((*2 * (_LARGE_LOOK_PX,), 4), np.uint8), self._background)
            rehearse(make_pyramid(shrunk(seen, min(self._halvings, 1))), self._reference)
        return self._lit(canvas, np.eye(2, 3), 1.0, np.zeros(3))

    def _forgive_unseen(self, view: View, matrix: np.ndarray, picture: np.ndarray) -> None:
        """Take for as expected what a part that fills the frame shows beyond the frame."""
        unseen = cv2.warpAffine(
            np.zeros(picture.shape[:2], np.uint8), matrix[:2], self._size,
            flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP, borderValue=1) > 0
        for plane, expected in zip(view.planes, self._mean):
            np.copyto(plane, expected, where=unseen, casting='same_kind')

    def _lit(
        self, canvas: np.ndarray, matrix: np.ndarray, likeness: float, surroundings: np.ndarray,
        others: int = 0,
    ) -> View:
        """Return a registered image [H, W, 3] uint8 in the expected light."""
        samples = canvas.reshape(-1, 3)[self._samples].astype(np.float32)
        lighting = fit_lighting(
            samples, self._expected, self._places, surroundings, self._light_limits)
        return View(apply_lighting(canvas, lighting, self._rgb),
                    self._to_frame[:2] @ np.vstack([matrix[:2], (0, 0, 1)]), likeness, lighting,
                    others)

    def usual_blur(self, views: Sequence[View]) -> tuple[float, float]:
        """Return the blur of linear sampling that parts have usually, see `usual_blur`."""
        from ant_ros.inspection.even_sample import usual_blur  # compiled: a slow import
        to_picture = np.linalg.inv(self._to_frame)[:2]
        return usual_blur(
            [to_picture @ np.vstack([view.matrix, (0, 0, 1)]) for view in views], self._size)

    def sureness(self, frames: Sequence[np.ndarray]) -> Sureness:
        """Return the likeness from which on the rotation of such parts is not in doubt."""
        if self._background is None or self._reference is None:
            return SURE
        pyramids, placements = [], []
        for frame in frames:
            levels = make_pyramid(shrunk(frame, self._halvings))
            placement = find_part(_smallest_to_look_at(levels), self._background)
            if placement is not None:
                pyramids.append(levels)
                placements.append(placement)
        return learn_sureness(pyramids, placements, self._reference)


def cut_out(frame: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the image [H, W, 3] of `size` whose pixels a map [2, 3] leads to the frame."""
    halvings = halvings_for(1 / np.hypot(*matrix[:, 0]))
    at_level = scaling(0.5**halvings) @ np.vstack([matrix, (0, 0, 1)])
    return _cut_out(shrunk(frame, halvings), at_level, size, None)


def _cut_out(
    picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int],
    blur: tuple[float, float] | None,
) -> np.ndarray:
    from ant_ros.inspection.even_sample import sample_evenly  # compiled: a slow import
    return sample_evenly(picture, matrix, size, blur)


def _surrounded(picture: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Return a picture [H, W, 4] with its surroundings going on beyond the border.

    Of a part at the border the last row would go on instead, as if the part did.
    """
    return cv2.copyMakeBorder(
        picture, *4 * (_ADDED_PX,), cv2.BORDER_CONSTANT, value=(*colour.tolist(), 0))


def _smallest_to_look_at(levels: Sequence[np.ndarray]) -> np.ndarray:
    """Return the smallest picture that still is as large as the finder looks at."""
    large = [level for level in levels if max(level.shape) >= LOOK_SIDE_PX]
    return large[-1] if large else levels[0]
