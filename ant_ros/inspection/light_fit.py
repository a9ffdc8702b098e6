# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The light that makes a part look most like the expected part, robust to defects (compiled)."""

import numpy as np

from ant_ros.inspection.median_size import median_size
from ant_ros.network.compiled import inlined
from ant_ros.network.compiled import kernel
from ant_ros.network.compiled import summing

__all__ = ['fit_light', 'fit_plane', 'match_colours', 'relit']

_ROUNDS = 3
_CAUCHY = 2.5
_SPREAD = 1.48   # of a normal distribution, in median sizes
_THIRD = np.float32(1 / 3)
_PULLS = (1.0, 30.0, 30.0, 9.0)
_LEAST_LEVEL = 0.2
_SLOPE_LIMIT = 0.2
_OFFSET_LIMIT = 10.0


@summing
def fit_plane(seen: np.ndarray, expected: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Fit expected = level * (1 + places @ slope) * seen + offset to brightness.

    The offset and the slope are drawn to 0: a part of one flat grey cannot tell offset from
    level, and light is level. Reweighted twice by Cauchy's weights (Holland and Welsch, Robust
    regression using iteratively reweighted least-squares, 1977).

    Args:
        seen: RGB samples of the part [N, 3], float32.
        expected: RGB of the expected part at the same places [N, 3], float32.
        places: Where the samples lie [N, 2], float32.

    Returns:
        Level, level times slope to the right and downwards, offset [4].
    """
    count = len(seen)
    terms, wanted = np.ones((4, count), np.float32), np.empty(count, np.float32)
    for one in range(count):
        brightness = _brightness(seen, one)
        terms[0, one] = brightness
        terms[1, one] = brightness * places[one, 0]
        terms[2, one] = brightness * places[one, 1]
        wanted[one] = _brightness(expected, one)
    middle = max(median_size(wanted, 1) / max(median_size(terms[0], 1), 1.0), 1e-3)
    answer = np.zeros(4)
    answer[0] = middle
    difference = np.empty(count, np.float32)
    for _ in range(_ROUNDS):
        for one in range(count):
            difference[one] = (
                answer[0] * terms[0, one] + answer[1] * terms[1, one]
                + answer[2] * terms[2, one] + answer[3] - wanted[one])
        _weigh(difference)
        normal = np.zeros((4, 5))
        for row in range(4):
            for column in range(row + 1):
                common = np.float32(0)
                for one in range(count):
                    common += difference[one] * terms[row, one] * terms[column, one]
                normal[row, column] = normal[column, row] = common
            common = np.float32(0)
            for one in range(count):
                common += difference[one] * terms[row, one] * wanted[one]
            normal[row, 4] = common
            normal[row, row] += count * _PULLS[row]
        normal[0, 4] += count * _PULLS[0] * middle
        _solve(normal, answer)
    return answer


@summing
def match_colours(lit: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return the factor per channel [3] that makes samples most like the expected ones.

    Args:
        lit: RGB samples of the part in the expected light [N, 3], float32.
        expected: RGB of the expected part at the same places [N, 3], float32.
    """
    count = len(lit)
    weights = np.empty(count, np.float32)
    for one in range(count):
        weights[one] = _brightness(lit, one) - _brightness(expected, one)
    _weigh(weights)
    factors = np.empty(3)
    for channel in range(3):
        common, power = np.float32(0), np.float32(0)
        for one in range(count):
            common += weights[one] * lit[one, channel] * expected[one, channel]
            power += weights[one] * lit[one, channel] * lit[one, channel]
        factors[channel] = common / max(float(power), 1e-6)
    return factors


@summing
def fit_light(
    seen: np.ndarray, expected: np.ndarray, places: np.ndarray
) -> tuple[np.ndarray, float, np.ndarray]:
    """Fit the light on a part, within bounds.

    Args:
        seen: RGB samples of the part [N, 3], float32.
        expected: RGB of the expected part at the same places [N, 3], float32.
        places: Where the samples lie [N, 2], float32.

    Returns:
        Slope of the factor to the right and downwards [2], float32; the offset; and the factor
        of each channel in the middle [3].
    """
    level, across, down, offset = fit_plane(seen, expected, places)
    level = min(max(level, _LEAST_LEVEL), 1 / _LEAST_LEVEL)
    slope = np.empty(2, np.float32)
    slope[0] = min(max(across / level, -_SLOPE_LIMIT), _SLOPE_LIMIT)
    slope[1] = min(max(down / level, -_SLOPE_LIMIT), _SLOPE_LIMIT)
    offset = min(max(offset, -_OFFSET_LIMIT), _OFFSET_LIMIT)
    lit = np.empty_like(seen)
    for one in range(len(seen)):
        factor = np.float32(level) * (
            1 + places[one, 0] * slope[0] + places[one, 1] * slope[1])
        for channel in range(3):
            lit[one, channel] = seen[one, channel] * factor + np.float32(offset)
    return slope, offset, match_colours(lit, expected) * level


@summing
def relit(
    canvas: np.ndarray, mixing: np.ndarray, slope: np.ndarray, lift: float,
    expected: np.ndarray, dimming: np.ndarray, blown: int,
) -> np.ndarray:
    """Return an image [H, W, 3] uint8 as three planes [3, H, W] in the expected light.

    Args:
        canvas: The image.
        mixing: From red, green and blue to the planes [3, 3], float32.
        slope: Change of the factor from the middle to the right and lower edge [2], float32.
        lift: Added to the first plane.
        expected: What is expected in the expected light [3, H, W], float32; as it would look
            in the image's light, it takes the place of values of at least `blown` where it is
            larger. Empty if there are none.
        dimming: From the expected light to that of the image, per channel [3], float32.
        blown: See `expected`.
    """
    height, width, _ = canvas.shape
    planes = np.empty((3, height, width), np.float32)
    across, ramp = np.empty(width, np.float32), np.empty(width, np.float32)
    rgb = np.empty((3, width), np.float32)
    for x in range(width):
        across[x] = np.float32(1) + slope[0] * np.float32(2 * x / max(width - 1, 1) - 1)
    for y in range(height):
        down = slope[1] * np.float32(2 * y / max(height - 1, 1) - 1)
        for x in range(width):
            ramp[x] = across[x] + down
            for channel in range(3):
                rgb[channel, x] = canvas[y, x, channel]
        for channel in range(3):
            _make_even(rgb[channel], ramp, blown, expected, y, channel, dimming[channel])
        for plane in range(3):
            red, green, blue = mixing[plane, 0], mixing[plane, 1], mixing[plane, 2]
            added = lift if plane == 0 else np.float32(0)
            row = planes[plane, y]
            for x in range(width):
                row[x] = red * rgb[0, x] + green * rgb[1, x] + blue * rgb[2, x] + added
    return planes


@inlined
def _make_even(
    row: np.ndarray, ramp: np.ndarray, blown: int, expected: np.ndarray, y: int, channel: int,
    dimming: float,
) -> None:
    """Take the slope out, and put what is expected where the sensor's range ended."""
    limit, many = np.float32(blown), np.int32(0)
    if len(expected):
        for x in range(len(row)):
            many += np.int32(row[x] >= limit)
    if not many:
        for x in range(len(row)):
            row[x] *= ramp[x]
        return
    wanted = expected[channel, y]
    for x in range(len(row)):
        even, least = row[x] * ramp[x], wanted[x] * dimming
        least = least if least > even else even
        row[x] = least if row[x] >= limit else even


@inlined
def _brightness(rgb: np.ndarray, one: int) -> float:
    return (rgb[one, 0] + rgb[one, 1] + rgb[one, 2]) * _THIRD


@kernel
def _weigh(difference: np.ndarray) -> None:
    """Turn differences into Cauchy's weights."""
    reach = np.float32(_CAUCHY * (_SPREAD * median_size(difference, 1) + 1))
    for one in range(len(difference)):
        share = difference[one] / reach
        difference[one] = 1 / (1 + share * share)


@kernel
def _solve(normal: np.ndarray, answer: np.ndarray) -> None:
    """Solve four equations with their right side [4, 5] by elimination."""
    for row in range(4):
        for below in range(row + 1, 4):
            factor = normal[below, row] / normal[row, row]
            for column in range(row, 5):
                normal[below, column] -= factor * normal[row, column]
    for row in range(3, -1, -1):
        rest = normal[row, 4]
        for column in range(row + 1, 4):
            rest -= normal[row, column] * answer[column]
        answer[row] = rest / normal[row, row]
