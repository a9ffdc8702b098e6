# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Refuse bad input with an error that says what was given, what is expected and what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

__all__ = ['checked_choice', 'checked_image', 'checked_limit', 'checked_spread',
           'checked_threshold']


def checked_image(image: np.ndarray | torch.Tensor, shape: tuple[int, int, int], name: str,
                  ) -> np.ndarray:
    """Return an image as [C, H, W], float32, without a gap in memory.

    Args:
        image: [C, H, W] or [1, C, H, W], float32, NumPy or torch.
        shape: C, H and W as they have to be.
        name: What to call it in an error.

    Raises:
        TypeError: neither a NumPy array nor a torch tensor.
        ValueError: another shape or type of numbers.
    """
    array = image
    if not isinstance(array, np.ndarray):
        if not hasattr(image, 'detach'):
            raise TypeError(f'{name} is a {type(image).__name__}: give a NumPy array or a torch '
                            'tensor')
        array = image.detach().cpu().numpy()
    if array.dtype != np.float32:
        raise ValueError(f'{name} holds {array.dtype}: give float32, scaled as in training')
    if array.ndim == 4:
        if len(array) != 1:
            raise ValueError(f'{name} is a batch of {len(array)}: give one image at a time')
        array = array[0]
    if array.shape != shape:
        raise ValueError(f'{name} has shape {tuple(image.shape)}: expected {list(shape)} or '
                         f'{[1, *shape]}, the size of the expected input')
    return np.ascontiguousarray(array)


def checked_spread(spread: np.ndarray | torch.Tensor | float | None,
                   shape: tuple[int, int, int]) -> np.ndarray | None:
    """Return a spread as [C, H, W], float32, or None where it is 1 everywhere.

    Raises:
        ValueError: not above 0, not finite, or of a shape that does not fit.
    """
    if spread is None:
        return None
    array = np.asarray(spread.detach().cpu() if hasattr(spread, 'detach') else spread, np.float32)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    try:
        array = np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f'the spread has shape {array.shape}: give a number or an array that '
                         f'fits {list(shape)}') from None
    if not (np.isfinite(array).all() and (array > 0).all()):
        raise ValueError('the spread has to be finite and above 0: raise it to a small minimum '
                         'where nothing varies')
    return np.ascontiguousarray(array)


def checked_threshold(threshold: float) -> float:
    """Return a threshold.

    Raises:
        ValueError: below 0 or not finite.
    """
    if not (math.isfinite(threshold) and threshold >= 0):
        raise ValueError(f'threshold {threshold}: expected a finite number of at least 0')
    return float(threshold)


def checked_limit(name: str, limit: float | None) -> None:
    """Check a budget.

    Raises:
        ValueError: below 0 or not a number.
    """
    if limit is not None and not limit >= 0:
        raise ValueError(f'{name} is {limit}: give a number of at least 0, or None for no limit')


def checked_choice(name: str, choice: str, choices: tuple[str, ...]) -> str:
    """Return one of several words.

    Raises:
        ValueError: it is none of them.
    """
    if choice not in choices:
        raise ValueError(f'no {name} {choice!r}: choose one of {", ".join(choices)}')
    return choice
