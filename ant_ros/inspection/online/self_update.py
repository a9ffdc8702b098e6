# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Let what is expected follow good parts that change slowly, a little and not far."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ant_ros.inspection.expectation import masked_blur
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.online.online_verdict import OnlineVerdict
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.verdict import Decision

__all__ = ['SelfUpdate', 'shift_from_bytes', 'shift_to_bytes', 'shifted']

_FAR_INSIDE = 0.7
_SHARE = 0.25
_MOST_STEP = 0.25
_MOST_SHIFT = 3.0
_SMOOTH_PX = 9
_KIND = 'self-update'
_MOST_BYTES = 64 << 20


class SelfUpdate:
    """Collect parts far inside the pass region, and say how what is expected shall follow them.

    A step is a quarter of their smoothed mean difference from what is expected, at most 0.25 grey
    levels at any position; all steps together move no position by more than 3. Good at: slow
    changes of shade. Bad at: telling a slow defect from them, which is why it is bounded.

    Args:
        every: Parts far inside the pass region between two steps.
        recipe: All that is known of the product, without any step.
    """

    def __init__(self, every: int, recipe: Recipe) -> None:
        if every < 1:
            raise ValueError(f'every is {every}: expected at least 1 part')
        self.every = every
        self._mask = recipe.mask
        self._shape = recipe.mean.shape
        self._sum = np.zeros(self._shape, np.float64)
        self._count = 0

    def add(self, verdict: OnlineVerdict) -> bool:
        """Take a part; return whether a step is due.

        Parts that are not far inside the pass region count for nothing.
        """
        evidence = verdict.evidence
        inside = (
            evidence is not None and verdict.decision is Decision.PASS
            and float(evidence.score.max()) <= _FAR_INSIDE * evidence.limit
            and (len(evidence.difference), *evidence.score.shape) == self._shape)
        if evidence is not None and inside:
            self._sum += np.stack(evidence.difference)
            self._count += 1
        return self._count >= self.every

    def step(self, shift: np.ndarray | None) -> np.ndarray:
        """Return the next shift of what is expected [3, H, W], float16, and begin anew.

        Args:
            shift: The one in force; None for none.
        """
        before = np.zeros(self._shape) if shift is None else shift.astype(np.float64)
        mean = self._sum / max(self._count, 1)
        smooth = np.stack([masked_blur(plane.astype(np.float32), self._mask, _SMOOTH_PX)
                           for plane in mean]) * self._mask
        step = np.clip(_SHARE * smooth, -_MOST_STEP, _MOST_STEP)
        self._sum[:], self._count = 0, 0
        return np.clip(before + step, -_MOST_SHIFT, _MOST_SHIFT).astype(np.float16)


def shifted(recipe: Recipe, shift: np.ndarray | None) -> Recipe:
    """Return a recipe with what is expected moved [3, H, W]; None: as it is."""
    if shift is None:
        return recipe
    return replace(recipe, mean=recipe.mean + shift.astype(recipe.mean.dtype))


def shift_to_bytes(shift: np.ndarray, source: str) -> bytes:
    """Return a shift as bytes.

    Args:
        shift: How what is expected was moved [3, H, W].
        source: Hash of the recipe that it belongs to.
    """
    return pack(_KIND, {'source': source}, {'shift': shift})


def shift_from_bytes(data: bytes, source: str, recipe: Recipe) -> np.ndarray:
    """Return the shift in bytes.

    Raises:
        MessageError: damaged, or of another recipe.
    """
    header, tensors = unpack(data, _KIND, _MOST_BYTES)
    shift = tensors.get('shift')
    if header.get('source') != source or shift is None or shift.shape != recipe.mean.shape or (
            not np.isfinite(shift).all()):
        raise MessageError('the self-update belongs to another recipe: restore the file that it '
                           'was saved with, or go back to an earlier version')
    return shift
