# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The brightness of a picture between its pixels (compiled).

In three passes, of which only the one in the middle, which reads the pixels, is not done by
vectors.
"""

import numpy as np

from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel

__all__ = ['gather', 'locate', 'packed', 'sample_brightness']

_GREEN, _BLUE, _BYTE = np.uint32(8), np.uint32(16), np.uint32(255)


def packed(picture: np.ndarray) -> np.ndarray:
    """Return a picture [h, w, 4] uint8 with each pixel as one number [h, w], uint32."""
    return picture.view(np.uint32)[..., 0]


@kernel
def sample_brightness(
    picture: np.ndarray, at: np.ndarray, columns: np.ndarray, rows: np.ndarray, mix: np.ndarray,
    seen: np.ndarray,
) -> None:
    """Write the brightness at places [N] less its mean; beyond the border lies the border's.

    Args:
        picture: [h, w], see `packed`; at least 2 x 2.
        at: Map [2, 3] from the places to the picture, float32.
        columns: Where the places lie [N], float32.
        rows: Where the places lie [N], float32.
        mix: Weights of the channels in the brightness, red, green and blue first, float32.
        seen: Where to write [N], float32.
    """
    count = len(seen)
    shares = np.empty((2, count), np.float32)
    corners, pixels = np.empty(count, np.int32), np.empty((4, count), np.uint32)
    locate(picture.shape, at, columns, rows, corners, shares[0], shares[1])
    gather(picture.ravel(), picture.shape[1], corners, pixels)
    _blend(pixels, shares, mix, seen)


@inlined
def locate(
    shape: tuple[int, int], at: np.ndarray, columns: np.ndarray, rows: np.ndarray,
    corners: np.ndarray, beside: np.ndarray, below: np.ndarray,
) -> None:
    """Write the pixel above and to the left of each place [N], and how far beside it that lies.

    A place beyond the border is moved onto it; see `sample_brightness`.
    """
    right, bottom = np.float32(shape[1] - 1), np.float32(shape[0] - 1)
    last_left, last_top = np.int32(shape[1] - 2), np.int32(shape[0] - 2)
    stride, nothing = np.int32(shape[1]), np.float32(0)
    xx, xy, x0 = at[0, 0], at[0, 1], at[0, 2]
    yx, yy, y0 = at[1, 0], at[1, 1], at[1, 2]
    for one in range(len(corners)):
        x = xx * columns[one] + xy * rows[one] + x0
        y = yx * columns[one] + yy * rows[one] + y0
        x = x if x > nothing else nothing
        y = y if y > nothing else nothing
        x = x if x < right else right
        y = y if y < bottom else bottom
        left, top = np.int32(x), np.int32(y)
        left = left if left < last_left else last_left
        top = top if top < last_top else last_top
        beside[one], below[one] = x - np.float32(left), y - np.float32(top)
        corners[one] = top * stride + left


@inlined
def gather(flat: np.ndarray, width: int, corners: np.ndarray, pixels: np.ndarray) -> None:
    """Write the four pixels around each place [4, N]: the corner, after, below and below that."""
    for one in range(len(corners)):
        here = np.uint64(corners[one])
        beneath = here + np.uint64(width)
        pixels[0, one], pixels[1, one] = flat[here], flat[here + np.uint64(1)]
        pixels[2, one], pixels[3, one] = flat[beneath], flat[beneath + np.uint64(1)]


@inlined
def _blend(pixels: np.ndarray, shares: np.ndarray, mix: np.ndarray, seen: np.ndarray) -> None:
    """Write the brightness between four pixels, less its mean."""
    total, weights = np.float32(0), (mix[0], mix[1], mix[2])
    for one in range(len(seen)):
        u, v = shares[0, one], shares[1, one]
        upper, after = _brightness(pixels[0, one], weights), _brightness(pixels[1, one], weights)
        lower, behind = _brightness(pixels[2, one], weights), _brightness(pixels[3, one], weights)
        upper += u * (after - upper)
        lower += u * (behind - lower)
        seen[one] = upper + v * (lower - upper)
        total += seen[one]
    mean = total / np.float32(len(seen))
    for one in range(len(seen)):
        seen[one] -= mean


@inlined
def _brightness(pixel: int, weights: tuple[float, float, float]) -> np.float32:
    return (weights[0] * np.float32(np.int32(pixel & _BYTE))
            + weights[1] * np.float32(np.int32((pixel >> _GREEN) & _BYTE))
            + weights[2] * np.float32(np.int32((pixel >> _BLUE) & _BYTE)))
