# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Gauss-Newton steps that move a map until a picture looks as expected (compiled)."""

import numpy as np

from ant_ros.inspection.brightness_samples import sample_brightness
from ant_ros.inspection.median_size import median_size
from ant_ros.network.compiled import kernel
from ant_ros.network.compiled import summing

__all__ = ['settle']

_SCALE_LIMIT = 1.15
_SETTLED_PX = 0.03
_CLIP_SPREADS = 2.5 * 1.48
_EVERY = 4


@summing
def settle(
    picture: np.ndarray, matrix: np.ndarray, halvings: int, points: np.ndarray,
    values: np.ndarray, spread: float, solver: np.ndarray, middle: tuple[float, float],
    mix: np.ndarray, scale: float, most_steps: int,
) -> tuple[np.ndarray, float]:
    """Refine a map of rotation, shift and scale on one level of a pyramid.

    Args:
        picture: The level [h, w], uint32, see `packed`.
        matrix: Map [2, 3] from the registered image to the whole picture, float64.
        halvings: How often the whole picture was halved for this level.
        points: Pixels of the expected part that are compared, x and y [2, N], float32.
        values: Their brightness less its mean [N], float32.
        spread: Standard deviation of it.
        solver: From differences of brightness to x, y, rotation and scale [4, N], float32.
        middle: What rotation and scale are about, in pixels of the expected part.
        mix: Weights of the channels in the brightness [4], float32.
        scale: Pixels of the expected part per pixel of the picture.
        most_steps: Steps after which it ends in any case.

    Returns:
        The refined map [2, 3] and the likeness, -1 .. 1, that it had before the last step.
    """
    factor = 2.0**halvings
    offset = (factor - 1) / 2
    at = matrix.copy()
    for row in range(2):
        at[row, 2] = (at[row, 2] + (at[row, 0] + at[row, 1] - 1) * offset) / factor
    reach = max(middle[0], middle[1]) + 0.5
    seen = np.empty(len(values), np.float32)
    likeness = 0.0
    for _ in range(most_steps):
        sample_brightness(picture, at.astype(np.float32), points[0], points[1], mix, seen)
        likeness = _compare(seen, values, spread)
        right, down, turn, grow = _solve(solver, seen)
        x = right - grow * middle[0] + turn * middle[1]
        y = down - turn * middle[0] - grow * middle[1]
        if not _move(at, turn, 1 + grow, x, y, scale):
            break
        if max(max(abs(turn), abs(grow)) * reach, max(abs(x), abs(y))) < _SETTLED_PX:
            break
    for row in range(2):
        at[row, 2] = at[row, 2] * factor - (at[row, 0] + at[row, 1] - 1) * offset
    return at, likeness


@kernel
def _compare(seen: np.ndarray, values: np.ndarray, spread: float) -> float:
    """Turn brightness into its bounded difference from what is expected; return the likeness."""
    power, common = np.float32(0), np.float32(0)
    for one in range(len(seen)):
        power += seen[one] * seen[one]
        common += seen[one] * values[one]
    seen_spread = np.sqrt(power / len(seen))
    gain = np.float32(spread / max(seen_spread, 1.0))
    for one in range(len(seen)):
        seen[one] = seen[one] * gain - values[one]
    bound = np.float32(_CLIP_SPREADS * median_size(seen, _EVERY) + 1)
    for one in range(len(seen)):
        seen[one] = min(max(seen[one], -bound), bound)
    return common / (len(seen) * max(seen_spread, 1e-3) * max(spread, 1e-3))


@kernel
def _solve(solver: np.ndarray, difference: np.ndarray) -> tuple[float, float, float, float]:
    """Return the shift to the right and downwards, the rotation and the growth."""
    right, down = np.float32(0), np.float32(0)
    turn, grow = np.float32(0), np.float32(0)
    for one in range(len(difference)):
        right += solver[0, one] * difference[one]
        down += solver[1, one] * difference[one]
        turn += solver[2, one] * difference[one]
        grow += solver[3, one] * difference[one]
    return float(right), float(down), float(turn), float(grow)


@kernel
def _move(
    at: np.ndarray, turn: float, grown: float, x: float, y: float, scale: float
) -> bool:
    """Undo a change of rotation, scale and shift on a map; False where it cannot be right."""
    size = grown * grown + turn * turn
    cos, sin = grown / size, turn / size
    shift_x, shift_y = -(grown * x + turn * y) / size, (turn * x - grown * y) / size
    moved = np.empty((2, 3))
    for row in range(2):
        moved[row, 0] = at[row, 0] * cos - at[row, 1] * sin
        moved[row, 1] = at[row, 0] * sin + at[row, 1] * cos
        moved[row, 2] = at[row, 0] * shift_x + at[row, 1] * shift_y + at[row, 2]
    length = np.hypot(moved[0, 0], moved[1, 0]) * scale
    if not 1 / _SCALE_LIMIT < length < _SCALE_LIMIT:
        return False
    for row in range(2):
        for column in range(3):
            at[row, column] = moved[row, column]
    return True
