# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The surroundings of a place in polar coordinates (compiled)."""

import numpy as np

from ant_ros.inspection.brightness_samples import gather
from ant_ros.inspection.brightness_samples import locate
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import summing

__all__ = ['polar_sample']


@summing
def polar_sample(
    grey: np.ndarray, x: float, y: float, reach: float, directions: np.ndarray,
    weights: np.ndarray, floor: float,
) -> np.ndarray:
    """Return each radius as it goes round a place [radii, angles], its mean 0, its spread even.

    Args:
        grey: [h, w], float32; beyond its border lies the border's.
        x: Where it is looked around.
        y: Where it is looked around.
        reach: Largest radius.
        directions: Cosine and sine of the angles [2, angles], float32.
        weights: Spread of each radius [radii], from the middle outwards, float32.
        floor: Added to the spread that a radius has before it is evened out.
    """
    radii, angles = len(weights), directions.shape[1]
    count = radii * angles
    places, shares = np.empty((2, radii, angles), np.float32), np.empty((2, count), np.float32)
    corners, pixels = np.empty(count, np.int32), np.empty((4, count), np.float32)
    for radius in range(radii):
        away = np.float32(reach * radius / radii)
        for angle in range(angles):
            places[0, radius, angle] = away * directions[0, angle]
            places[1, radius, angle] = away * directions[1, angle]
    at = np.array([[1, 0, x], [0, 1, y]], np.float32)
    locate(grey.shape, at, places[0].ravel(), places[1].ravel(), corners, shares[0], shares[1])
    gather(grey.ravel(), grey.shape[1], corners, pixels)
    view = np.empty((radii, angles), np.float32)
    for radius in range(radii):
        part = slice(radius * angles, (radius + 1) * angles)
        _even_out(pixels[:, part], shares[:, part], weights[radius], floor, view[radius])
    return view


@inlined
def _even_out(
    pixels: np.ndarray, shares: np.ndarray, weight: float, floor: float, row: np.ndarray
) -> None:
    """Write what lies between four pixels, its mean 0 and its spread as wanted."""
    total, power = np.float32(0), np.float32(0)
    for one in range(len(row)):
        u, v = shares[0, one], shares[1, one]
        upper = pixels[0, one] + u * (pixels[1, one] - pixels[0, one])
        lower = pixels[2, one] + u * (pixels[3, one] - pixels[2, one])
        row[one] = upper + v * (lower - upper)
        total += row[one]
    middle = total / np.float32(len(row))
    for one in range(len(row)):
        row[one] -= middle
        power += row[one] * row[one]
    factor = weight / np.float32(np.sqrt(power / len(row)) + floor)
    for one in range(len(row)):
        row[one] *= factor
