# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What of a registered part wakes the pretrained features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.calibration import wake_limit
from ant_ros.inspection.deep_stage import TILE
from ant_ros.inspection.surprise import tile_peaks

__all__ = ['GATES', 'Gate', 'learn_gate']

GATES = ('learned', 'open')

_USUAL_SHARE = 0.95
_MOST_DOUBTED = 4
_MOST_DOUBT = 5.5
_NEWS_SHARE = 0.64
_TILE = TILE // 2   # the first look sees half the size


@dataclass(frozen=True)
class Gate:
    """What wakes deep features, by the evidence of the first look.

    Good parts that differ from each other surprise in many tiles. What surprises more than 19 of
    20 tiles of good parts wakes; and, so that no part is judged by the first look alone that is
    not quite usual, the few most surprising tiles of each part. In these tiles the positions that
    surprise somewhat less are news as well, for what lies around a defect belongs to it; the
    others are as expected.

    Attributes:
        is_open: Everything is news, to compare with.
        wake: Evidence from which any tile wakes.
        doubt: Evidence from which the few most surprising tiles wake; 0.64 of it makes a
            position in a woken tile news.
    """

    is_open: bool
    wake: float
    doubt: float

    def news(self, surprise: np.ndarray) -> np.ndarray:
        """Return which positions of a part are news [H, W], bool.

        Args:
            surprise: Evidence of the first look at half the size [H, W]; 0 where the part is not.
        """
        if self.is_open:
            return np.ones(surprise.shape, bool)
        peaks = tile_peaks(surprise, _TILE)
        woken = peaks >= self.wake
        if peaks.size > _MOST_DOUBTED:
            few = np.partition(peaks, peaks.size - _MOST_DOUBTED, axis=None)[-_MOST_DOUBTED]
            woken |= peaks >= max(self.doubt, few)
        if not woken.any():
            return np.zeros(surprise.shape, bool)
        inside = woken.repeat(_TILE, axis=0).repeat(_TILE, axis=1)
        return inside & (surprise >= _NEWS_SHARE * self.doubt)

    def drowsiness(self, surprise: np.ndarray) -> np.ndarray:
        """Return how near each tile came to waking 0 .. 1, float32."""
        return np.minimum(tile_peaks(surprise, _TILE) / self.wake, 1).astype(np.float32)


def learn_gate(kind: str, surprises: Sequence[np.ndarray], mask: np.ndarray) -> Gate:
    """Learn from the good parts how much surprise is usual.

    Args:
        kind: One of GATES.
        surprises: Evidence at half the size [H, W] per good part, from a first look that was
            learned from others.
        mask: Where the part is at half the size [H, W], bool.
    """
    tiles = tile_peaks(mask.astype(np.uint8), _TILE) > 0
    peaks = np.stack([tile_peaks(one, _TILE) for one in surprises])[:, tiles]
    usual = float(np.quantile(peaks, _USUAL_SHARE))
    doubt = min(wake_limit(peaks), _MOST_DOUBT)
    return Gate(kind == 'open', max(usual, doubt), doubt)
