# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stage 0: a cheap look at every position, in units of the learned spread."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property

import cv2
import numpy as np

from ant_ros.inspection.expectation import edge_strength
from ant_ros.inspection.expectation import learn_spread
from ant_ros.inspection.lines import strongest_along_lines
from ant_ros.inspection.lines import sums_along_lines
from ant_ros.inspection.whitening import White
from ant_ros.inspection.whitening import Whitening

__all__ = ['LINES', 'Glances', 'Surprise', 'glance', 'learn_slopes', 'learn_surprise',
           'tile_peaks']

_SIDE_PX = 3
_POOLS_PX = (5, 7)
_HALF_POOL_PX = 7
_WIDE_POOL_PX = 5
_WIDE = 8
_LEAST_NEAR = 5.0   # of 25
_LEAST_SLOPE = 4.0
_STEEP_QUANTILE = 0.8
_LINE_EASE = 0.8
LINES = slice(6, None)
"""Answers along lines, behind those of the positions and of their surroundings."""
_KINDS = (slice(0, 3), slice(3, 6), LINES)


@dataclass(frozen=True)
class Surprise:
    """How far good parts lie from the mean, at each position and scale.

    Attributes:
        whitening: What makes differences comparable and takes out the grain.
        weights: 1 / spread of the answers at full size [2 * 3 + D, H, W], float32; 0 outside of
            the part.
        half_weights: 1 / spread of those at half size [3, H / 2, W / 2].
        wide_weights: 1 / spread of those at an eighth of the size [3, H / 8, W / 8].
        slopes: Slopes of the expected brightness to the right and downwards [2, H, W].
        shift_weights: 1 / spread of the evidence for shifts at half size [2, H / 2, W / 2].
        unrest_weights: Factor on the power around a place at an eighth of the size, and what good
            parts have of it, in spreads [2, H / 8, W / 8].
    """

    whitening: Whitening
    weights: np.ndarray
    half_weights: np.ndarray
    wide_weights: np.ndarray
    slopes: np.ndarray
    shift_weights: np.ndarray
    unrest_weights: np.ndarray

    def look(self, white: White) -> np.ndarray:
        """Return the largest deviation over scales, channels and lines [H, W], in spreads.

        Args:
            white: Seen less expected, whitened.
        """
        from ant_ros.inspection.coarse_evidence import halved_sums  # compiled: a slow import
        from ant_ros.inspection.coarse_evidence import joined
        from ant_ros.inspection.coarse_evidence import pooled
        from ant_ros.inspection.coarse_evidence import strongest_squares
        from ant_ros.inspection.near_sums import strongest_near
        planes = tuple(white.planes)
        evidence = strongest_along_lines(
            planes[0], self.weights[LINES], self._spans,
            strongest_near(planes, self.weights, self._spans))
        smaller, sums = halved_sums(planes, white.unsettled, self.slopes)
        half = strongest_squares(smaller, self.half_weights)
        wide = strongest_squares(pooled(smaller, _WIDE // 2), self.wide_weights)
        shifts, power = self._shifts(sums)
        np.maximum(wide, self._unrest(power), out=wide)
        return joined(evidence, half, (shifts, wide), self._inside)

    @cached_property
    def _inside(self) -> np.ndarray:
        return (self.weights[0] > 0).astype(np.float32)

    @cached_property
    def _spans(self) -> np.ndarray:
        """First column of the part in each row, and the one behind the last [H, 2]."""
        inside = self.weights[0] > 0
        first, behind = inside.argmax(axis=1), inside.shape[1] - inside[:, ::-1].argmax(axis=1)
        return np.stack([first, behind], axis=1) * inside.any(axis=1)[:, None]

    def peaks(self, white: White) -> list[float]:
        """Return the largest deviation of each kind, in the order of `levelled`."""
        planes = white.planes
        weighted = list(zip(_answers(planes), self.weights))
        kinds = (*(weighted[kind] for kind in _KINDS), zip(_pooled(planes, 2), self.half_weights),
                 zip(_pooled(planes, _WIDE), self.wide_weights))
        shifts, power = self._shifts(_sums_along(white, self.slopes))
        return [*(float(_largest(kind).max()) for kind in kinds), float(shifts.max()),
                float(self._unrest(power).max())]

    def levelled(self, levels: np.ndarray) -> Surprise:
        """Return the same with a factor on each kind's deviations.

        Args:
            levels: For pixels, squares, lines, half size, wide, shifts and unrest [7].
        """
        levels = np.asarray(levels, np.float32)
        weights = self.weights.copy()
        for kind, level in zip(_KINDS, levels):
            weights[kind] *= level
        # Unrest is the power of shifts, whose own factor must not count in it.
        unrest = self.unrest_weights * levels[6]**2
        unrest[0] /= levels[5]**2
        return Surprise(
            self.whitening, weights, self.half_weights * levels[3], self.wide_weights * levels[4],
            self.slopes, self.shift_weights * levels[5], unrest)

    def eased(self, ease: np.ndarray) -> Surprise:
        """Return the same with spreads that are wider than the good parts showed.

        A line adds up nine pixels, of which some stray one way and some the other: lines stay.

        Args:
            ease: By what share they are wider, per position [H, W].
        """
        factor = (1 + ease).astype(np.float32)
        weights = self.weights.copy()
        weights[LINES] *= factor
        whitening = replace(self.whitening, weights=self.whitening.weights / factor)
        return replace(self, whitening=whitening, weights=weights)

    def _shifts(self, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the larger evidence for a shift, and the power of both [H / 2, W / 2].

        Args:
            sums: See `_sums_along`.
        """
        from ant_ros.inspection.coarse_evidence import weighed_shifts
        return weighed_shifts(*map(_summed_up, sums), self.shift_weights)

    def _unrest(self, power: np.ndarray) -> np.ndarray:
        """Return by how much more than on good parts things shift all around [H / 8, W / 8].

        A folded corner shifts edges by a part of a pixel: little anywhere, but all around.
        """
        more = _power(power) * self.unrest_weights[0] - self.unrest_weights[1]
        return np.sqrt(np.maximum(more, 0))


@dataclass(frozen=True)
class Glances:
    """Squared answers to the difference of one or more good parts from the others.

    Attributes:
        full: [2 * 3 + D, H, W].
        half: [3, H / 2, W / 2].
        wide: [3, H / 8, W / 8].
        shift: [2, H / 2, W / 2].
    """

    full: np.ndarray
    half: np.ndarray
    wide: np.ndarray
    shift: np.ndarray


def glance(white: White, slopes: np.ndarray) -> Glances:
    """Return what the first look sees of a part's whitened difference, squared.

    Args:
        white: The difference.
        slopes: Of the expected brightness, see `Surprise`.
    """
    planes = white.planes
    return Glances(np.stack([*_answers(planes)])**2, np.stack([*_pooled(planes, 2)])**2,
                   np.stack([*_pooled(planes, _WIDE)])**2,
                   np.stack([*_shift_answers(white, slopes)])**2)


def learn_surprise(
    whitening: Whitening, glances: Sequence[Glances], slopes: np.ndarray, mean: np.ndarray,
    mask: np.ndarray,
) -> Surprise:
    """Learn the spreads from what was seen of good parts.

    Args:
        whitening: As the glances were made with.
        glances: One per good part.
        slopes: As the glances were made with.
        mean: Expected part [3, H, W].
        mask: Where the part is [H, W], bool.
    """
    count = len(glances)
    full, half, wide, shift = (np.mean([getattr(one, scale) for one in glances], axis=0)
                               for scale in ('full', 'half', 'wide', 'shift'))
    half_mask, wide_mask = (_shrunk(mask.astype(np.float32), by) == 1 for by in (2, _WIDE))
    edges = [edge_strength(mean, side) for side in (1, _SIDE_PX)]
    half_edges = np.stack([_shrunk(plane, 2) for plane in edge_strength(mean, 2 * _SIDE_PX + 1)])
    line_edges = np.stack([edges[1][0]] * (len(full) - 6))
    weights = [mask / learn_spread(full[:3], count, edges[0], mask, _POOLS_PX[0]),
               mask / learn_spread(full[3:6], count, edges[1], mask, _POOLS_PX[1]),
               mask / learn_spread(full[6:], count, line_edges, mask, _POOLS_PX[1])]
    # A long edge that lies a hundredth of a pixel beside its place looks like a line.
    steep = line_edges[0] > np.quantile(line_edges[0][mask], _STEEP_QUANTILE)
    weights[2] /= 1 + _LINE_EASE * steep
    half_weights = half_mask / learn_spread(half, count, half_edges, half_mask, _HALF_POOL_PX)
    wide_weights = np.zeros_like(wide)
    if wide_mask.any():
        wide_weights = wide_mask / learn_spread(
            wide, count, np.zeros_like(wide), wide_mask, _WIDE_POOL_PX)
    shift_weights = half_mask / learn_spread(
        shift, count, np.zeros_like(shift), half_mask, _HALF_POOL_PX)
    return Surprise(
        whitening, np.concatenate(weights).astype(np.float32), half_weights.astype(np.float32),
        wide_weights.astype(np.float32), slopes, shift_weights.astype(np.float32),
        _learn_unrest([(one.shift * shift_weights**2).sum(axis=0) for one in glances], half_mask))


def learn_slopes(mean: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the slopes of the expected brightness [2, H, W] for the evidence for shifts.

    Args:
        mean: Expected part [3, H, W].
        weights: 1 / spread per position [3, H, W].
    """
    sides = [cv2.Sobel(mean[0].astype(np.float32), cv2.CV_32F, *axis, ksize=3, scale=1 / 8)
             for axis in ((1, 0), (0, 1))]
    slopes = np.stack([side * weights[0] for side in sides]).astype(np.float32)
    power = np.stack([_summed_up(4 * _shrunk(side**2, 2)) for side in slopes])
    # Noise of spread 1 gives answers of about spread 1, wherever there are slopes.
    even = [cv2.resize(1 / np.sqrt(one + _LEAST_SLOPE), mean.shape[:0:-1]) for one in power]
    return slopes * np.stack(even)


def _learn_unrest(squares: Sequence[np.ndarray], half_mask: np.ndarray) -> np.ndarray:
    """Return the weights for unrest [2, H / 8, W / 8] from each good part's squared shifts."""
    near = np.maximum(_power(half_mask.astype(np.float32)), _LEAST_NEAR)
    enough = near > _LEAST_NEAR
    if not enough.any():
        return np.zeros((2, *near.shape), np.float32)
    powers = np.stack([_power(one) / near for one in squares])
    usual = powers.mean(axis=0)
    spread = learn_spread(((powers - usual)**2).mean(axis=0)[None], len(squares),
                          np.zeros_like(near)[None], enough, _WIDE_POOL_PX)[0]
    return np.stack([enough / (spread * near), enough * usual / spread]).astype(np.float32)


def tile_peaks(evidence: np.ndarray, tile: int) -> np.ndarray:
    """Return the largest value in each tile [H / tile, W / tile]."""
    height, width = evidence.shape
    # Rows first: one pass over whole rows is much faster than one over both sides of a tile.
    rows = evidence.reshape(height // tile, tile, width).max(axis=1)
    return rows.reshape(height // tile, width // tile, tile).max(axis=2)


def _answers(white: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """Answer at full size: each channel by pixel, in a small square; brightness along lines."""
    yield from white
    for plane in white:
        yield _sum_around(plane)
    yield from sums_along_lines(white[0])


def _pooled(white: Sequence[np.ndarray], by: int) -> Iterator[np.ndarray]:
    """Answer at a part of the size: each channel in a square of nine."""
    for plane in white:
        yield _sum_around(_shrunk(plane, by))


def _largest(weighted: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the largest size of the answers times their weights at each position."""
    largest: np.ndarray | None = None
    for answer, weight in weighted:
        deviation = cv2.multiply(answer, weight)
        np.abs(deviation, out=deviation)
        largest = deviation if largest is None else np.maximum(largest, deviation, out=largest)
    assert largest is not None
    return largest


def _sum_around(plane: np.ndarray) -> np.ndarray:
    return cv2.boxFilter(plane, -1, (_SIDE_PX, _SIDE_PX), normalize=False)


def _shift_answers(white: White, slopes: np.ndarray) -> Iterator[np.ndarray]:
    """Answer at half size: how well a shift to the right, and downwards, explains brightness.

    Small shifts are explained away for the other answers, wherever good parts show them. How
    much of a shift good parts show here is what these answers tell.
    """
    yield from map(_summed_up, _sums_along(white, slopes))


def _sums_along(white: White, slopes: np.ndarray) -> np.ndarray:
    """Return sums over four pixels of brightness times slope [2, H / 2, W / 2]."""
    return np.stack([4 * _shrunk(cv2.multiply(white.unsettled, slope), 2) for slope in slopes])


def _summed_up(sums: np.ndarray) -> np.ndarray:
    """Return sums over squares of ten pixels from those over four, at half the size."""
    return cv2.boxFilter(sums, -1, (5, 5), normalize=False)


def _power(squares: np.ndarray) -> np.ndarray:
    """Return sums around places at an eighth of the size from squares at half of it."""
    return cv2.boxFilter(_shrunk(squares.astype(np.float32), _WIDE // 2), -1, (5, 5),
                         normalize=False, borderType=cv2.BORDER_CONSTANT)


def _shrunk(plane: np.ndarray, by: int) -> np.ndarray:
    return cv2.resize(plane, (plane.shape[1] // by, plane.shape[0] // by),
                      interpolation=cv2.INTER_AREA)
