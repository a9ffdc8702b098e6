# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Values become spike times: integers in one cycle, one spike on a line or none."""

import numpy as np

__all__ = ['NEVER', 'check_times', 'latency', 'on_off']

NEVER = int(np.iinfo(np.int16).max)
"""Spike time of a line that stays silent in this cycle."""


def on_off(values: np.ndarray, threshold: float) -> np.ndarray:
    """Give every value two lines, of which one spikes at once and the other never.

    Args:
        values: Anything that can be compared with the threshold, `[..., D]`.
        threshold: From here on the value's first line spikes, below it the second.

    Returns:
        Spike times `[..., 2 D]`, int16: D lines that say on, then D lines that say off.

    Raises:
        ValueError: A value is NaN or infinite.
    """
    on = _finite(values) >= threshold
    return np.where(np.concatenate([on, ~on], axis=-1), 0, NEVER).astype(np.int16)


def latency(values: np.ndarray, low: np.ndarray | float, high: np.ndarray | float,
            levels: int) -> np.ndarray:
    """Let large values spike early on one line, and small ones early on a second.

    Both lines together carry the same strength whatever the value: the sum of what is left of
    the cycle after their spikes is `levels`. Values outside the range count as its ends.

    Args:
        values: `[..., D]`.
        low: Value that is silent on its first line; a number or `[D]`.
        high: Value that spikes at once on its first line; a number or `[D]`, above `low`.
        levels: Spike times there are; tick `levels` is silence.

    Returns:
        Spike times `[..., 2 D]`, int16.

    Raises:
        ValueError: NaN, a range that is empty, or fewer than one level.
    """
    if levels < 1:
        raise ValueError(f'levels is {levels}, expected at least 1')
    width = np.asarray(high, np.float64) - np.asarray(low, np.float64)
    if not (np.isfinite(width).all() and (width > 0).all()):
        raise ValueError(f'the range from low={low} to high={high} is empty or not finite: give '
                         'every value a highest above its lowest')
    strength = np.rint(np.clip((_finite(values) - low) / width, 0.0, 1.0) * levels)
    times = np.concatenate([levels - strength, strength], axis=-1)
    return np.where(times < levels, times, NEVER).astype(np.int16)


def check_times(times: np.ndarray, width: int, ticks: int) -> np.ndarray:
    """Return spike times `[..., width]` as int16, or say what is wrong with them.

    Args:
        times: Integers; 0 to `ticks` - 1, or `NEVER`.
        width: Lines expected.
        ticks: Length of the cycle.

    Raises:
        ValueError: Another width, numbers that are not integers, or times outside the cycle.
    """
    times = np.asarray(times)
    if times.ndim == 0 or times.shape[-1] != width:
        raise ValueError(f'spike times of shape {times.shape}: expected [..., {width}], one time '
                         'for every input line')
    if not np.issubdtype(times.dtype, np.integer):
        raise ValueError(f'spike times of type {times.dtype}: expected integers; make them with '
                         'on_off() or latency()')
    silent = times == NEVER
    outside = ((times < 0) | (times >= ticks)) & ~silent
    if outside.any():
        raise ValueError(f'spike time {times[outside][0]} is outside the cycle of {ticks} ticks: '
                         f'expected 0 to {ticks - 1}, or NEVER ({NEVER}) for no spike')
    return times.astype(np.int16, copy=False)


def _finite(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if not np.isfinite(values).all():
        bad = int(np.count_nonzero(~np.isfinite(values)))
        raise ValueError(f'{bad} of {values.size} values are NaN or infinite: replace them, or '
                         'leave the sample out')
    return values
