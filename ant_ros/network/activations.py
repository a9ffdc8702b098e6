# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Activations of the compiled kernels, in a form that the compiler turns into vector code."""

import math

import numpy as np

from ant_ros.network.compiled import entry
from ant_ros.network.compiled import kernel
from ant_ros.network.graph import ACTIVATIONS

__all__ = ['activate', 'bounds']

(_NONE, _RELU, _RELU6, _SILU, _SIGMOID, _TANH, _HARDSWISH, _HARDSIGMOID, _LEAKY_RELU, _ELU,
 _GELU) = range(len(ACTIVATIONS))

_LOG2_E = np.float32(1.44269504)
# ln 2 in two parts, so that x - n ln 2 keeps its last bits (Cody and Waite 1980).
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(-2.12194440e-4)
_LARGEST = np.float32(88.0)
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


@kernel
def bounds(activation: int) -> tuple[np.float32, np.float32]:
    """Return the range that an activation cuts values to; infinite where it does not cut."""
    low = np.float32(0.0) if activation in (_RELU, _RELU6) else np.float32(-np.inf)
    return low, np.float32(6.0) if activation == _RELU6 else np.float32(np.inf)


@kernel
def _exp(x: np.float32) -> np.float32:
    """Return e**x to two units in the last place, between e**-88 and e**88.

    x = n ln 2 + r, and the Taylor series of e**r for |r| <= ln 2 / 2 to the order 7.
    """
    # NaN fails both comparisons and stays.
    x = _LARGEST if x > _LARGEST else x
    x = -_LARGEST if x < -_LARGEST else x
    n = np.floor(x * _LOG2_E + _HALF)
    r = x - n * _LN2_HIGH - n * _LN2_LOW
    p = np.float32(1 / 5040)
    p = p * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + _HALF
    p = p * r * r + r + _ONE
    return p * np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)


@entry
def activate(values: np.ndarray, start: int, stop: int, activation: int, slope: float) -> None:
    """Apply an activation to values[start:stop] in place."""
    if activation == _SILU:
        for i in range(start, stop):
            values[i] /= _ONE + _exp(-values[i])
    elif activation == _SIGMOID:
        for i in range(start, stop):
            values[i] = _ONE / (_ONE + _exp(-values[i]))
    elif activation == _TANH:
        for i in range(start, stop):
            values[i] = _ONE - np.float32(2.0) / (_ONE + _exp(values[i] + values[i]))
    elif activation == _ELU:
        for i in range(start, stop):
            below = slope * (_exp(values[i]) - _ONE)
            values[i] = values[i] if values[i] > 0 else below
    else:
        _activate_simply(values, start, stop, activation, slope)


@kernel
def _activate_simply(values: np.ndarray, start: int, stop: int, activation: int,
                        slope: float) -> None:
    """Apply an activation without an exponential."""
    sixth, three = np.float32(1 / 6), np.float32(3.0)
    if activation in (_HARDSWISH, _HARDSIGMOID):
        for i in range(start, stop):
            x = values[i]
            gate = min(max(x + three, np.float32(0.0)), np.float32(6.0)) * sixth
            values[i] = x * gate if activation == _HARDSWISH else gate
    elif activation == _LEAKY_RELU:
        for i in range(start, stop):
            values[i] = values[i] if values[i] > 0 else slope * values[i]
    elif activation in (_RELU, _RELU6):
        low, high = bounds(activation)
        for i in range(start, stop):
            values[i] = min(max(values[i], low), high)
    elif activation == _GELU:
        for i in range(start, stop):
            x = values[i]
            values[i] = _HALF * x * (_ONE + np.float32(math.erf(x * np.float32(math.sqrt(0.5)))))
