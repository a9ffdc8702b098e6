# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sampling between pixels that blurs evenly, at little more than linear interpolation (compiled).

A picture that is sampled linearly is blurred the more the further a sample lies from the middles
of pixels: at a fraction f between two of them with a variance of f(1 - f) px². So the same edge
looks different on each part. Half of a variance times the second derivative is what a blur adds:
less that, linear interpolation along one axis is cubic convolution exactly (Keys, Cubic
convolution interpolation for digital image processing, 1981). The usual blur is left everywhere
instead: registration samples linearly, and what it compares with must be as blurred as that, or
parts would drift off a little with each round of teaching.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from ant_ros.inspection.pyramid import sample
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import summing

__all__ = ['sample_evenly', 'usual_blur']


def sample_evenly(
    picture: np.ndarray, matrix: np.ndarray, size: tuple[int, int],
    blur: tuple[float, float] | None,
) -> np.ndarray:
    """Return the image [H, W, 3] of `size` whose pixels a map leads to a picture.

    Args:
        picture: [h, w, 4], uint8.
        matrix: The map, [2, 3] or [3, 3], of about one pixel of the picture per pixel.
        size: Width and height, at least 3.
        blur: What is left of it everywhere, see `usual_blur`; None for linear sampling.
    """
    seen = sample(picture, matrix, size)
    if blur is not None:
        seen = _evened(seen, np.ascontiguousarray(matrix[:2], np.float64), *map(np.float32, blur))
    return cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB)


def usual_blur(matrices: Sequence[np.ndarray], size: tuple[int, int]) -> tuple[float, float]:
    """Return half the mean variance of linear sampling's blur along x and y, in px² of a picture.

    Args:
        matrices: Maps [2, 3] from images of `size` to pictures.
        size: Width and height.
    """
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    points = np.stack([columns, rows, np.ones_like(rows)])
    # One after the other: the places of many parts together would take hundreds of megabytes.
    fractions = (np.tensordot(matrix, points, 1) % 1 for matrix in matrices)
    x, y = np.mean([(0.5 * one * (1 - one)).mean(axis=(1, 2)) for one in fractions], axis=0)
    return float(x), float(y)


@summing
def _evened(
    seen: np.ndarray, matrix: np.ndarray, left_x: np.float32, left_y: np.float32
) -> np.ndarray:
    """Return a linearly sampled image [H, W, C] uint8 evenly blurred; its border stays.

    The second derivatives along the picture's axes come from those along the image's, which may
    be turned against them. All channels of a row are one vector.
    """
    height, width, channels = seen.shape
    length, behind = channels * width, channels * (width - 1)
    sharp = seen.copy()
    image, written = seen.reshape(height, length), sharp.reshape(height, length)
    columns = np.repeat(np.arange(width), channels).astype(np.float32)[channels:behind]
    # What a step of one pixel of the picture to the right, and downwards, is in the image.
    size = matrix[0, 0] * matrix[1, 1] - matrix[0, 1] * matrix[1, 0]
    xx_right, xy_right, yy_right = _products(matrix[1, 1] / size, -matrix[1, 0] / size)
    xx_down, xy_down, yy_down = _products(-matrix[0, 1] / size, matrix[0, 0] / size)
    across, below = np.float32(matrix[0, 0]), np.float32(matrix[1, 0])
    for y in range(1, height - 1):
        left = np.float32(matrix[0, 1] * y + matrix[0, 2])
        top = np.float32(matrix[1, 1] * y + matrix[1, 2])
        nw, n, ne = _neighbours(image[y - 1], channels)
        w, here, e = _neighbours(image[y], channels)
        sw, s, se = _neighbours(image[y + 1], channels)
        row = written[y, channels:behind]
        for x in range(len(row)):
            right = _half_variance(across * columns[x] + left) - left_x
            down = _half_variance(below * columns[x] + top) - left_y
            middle = np.float32(here[x])
            twice = middle + middle
            bend_xx = np.float32(w[x]) + np.float32(e[x]) - twice
            bend_yy = np.float32(n[x]) + np.float32(s[x]) - twice
            bend_xy = (np.float32(nw[x]) + np.float32(se[x])
                       - np.float32(ne[x]) - np.float32(sw[x]))
            value = middle - (
                right * (xx_right * bend_xx + xy_right * bend_xy + yy_right * bend_yy)
                + down * (xx_down * bend_xx + xy_down * bend_xy + yy_down * bend_yy))
            row[x] = np.uint8(min(max(value + np.float32(0.5), np.float32(0)), np.float32(255)))
    return sharp


@inlined
def _half_variance(place: float) -> float:
    """Return half the variance by which linear interpolation blurs at a place."""
    fraction = place - np.floor(place)
    return np.float32(0.5) * fraction * (np.float32(1) - fraction)


@inlined
def _products(x: float, y: float) -> tuple[np.float32, np.float32, np.float32]:
    """Return the factors of the bends xx, xy and yy in the one along a step."""
    # Differences between four corners are four times the mixed derivative.
    return np.float32(x * x), np.float32(0.5 * x * y), np.float32(y * y)


@inlined
def _neighbours(row: np.ndarray, channels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a row without its ends, with what lies to the left and to the right of that."""
    end = len(row)
    return row[:end - 2 * channels], row[channels:end - channels], row[2 * channels:]
