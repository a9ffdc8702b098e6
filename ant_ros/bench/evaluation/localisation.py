# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How well anomaly maps say where a defect is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

__all__ = ['FPR_LIMIT', 'LocatedDefects', 'locate']

FPR_LIMIT = 0.3
"""AUPRO is taken up to this false positive rate, as MVTec AD does."""

_LEVELS = 4096
_CONNECTED = np.ones((3, 3))
_MOST_PIXELS = 2_000_000


@dataclass(frozen=True)
class LocatedDefects:
    """Pixels of each image, counted by the level of their score, the highest level first.

    Attributes:
        good: Pixels outside of defects [images, levels].
        bad: Pixels of defects [images, levels].
        overlap: Shares of connected defects, added up [images, levels].
    """

    good: np.ndarray
    bad: np.ndarray
    overlap: np.ndarray

    def auroc(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the pixel AUROC.

        Args:
            weights: How often each image counts [D, images]; once without.

        Returns:
            [D], NaN where no pixel of a kind counts.
        """
        return _area(self._shares(self.good, weights), self._shares(self.bad, weights), 1.0)

    def aupro(self, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the area under the per-region overlap up to a false positive rate of 0.3.

        For every threshold, the share of each connected defect that is found, averaged over
        the defects, against the share of all other pixels that are; the area up to 0.3,
        divided by 0.3. P. Bergmann, K. Batzner, M. Fauser, D. Sattlegger, C. Steger, The MVTec
        Anomaly Detection Dataset, IJCV 129 (2021), section 5.

        Args:
            weights: How often each image counts [D, images]; once without.

        Returns:
            [D], NaN where no pixel of a kind counts.
        """
        return _area(self._shares(self.good, weights), self._shares(self.overlap, weights),
                     FPR_LIMIT)

    def _shares(self, counts: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
        """Return the share of what is counted [D, levels] from each level on."""
        if weights is None:
            weights = np.ones((1, len(counts)))
        grown = np.cumsum(np.asarray(weights, float) @ counts, axis=1)
        with np.errstate(invalid='ignore', divide='ignore'):
            return grown / grown[:, -1:]


def locate(maps: Sequence[np.ndarray], masks: Sequence[np.ndarray | None]) -> LocatedDefects:
    """Count the pixels of anomaly maps by score, inside and outside of defects.

    Scores are taken in 4096 levels of about equal population; up to so many different scores
    the figures are exact, beyond they are within 0.0002.

    Args:
        maps: Scores [H, W] of each image.
        masks: Where the defects are [H, W], bool; None for a good part.
    """
    edges = _levels(maps, masks)
    shape = (len(maps), len(edges) + 1)
    good, bad, overlap = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for number, (scores, mask) in enumerate(zip(maps, masks)):
        # From the highest level to the lowest; equal scores get an equal level.
        levels = len(edges) - np.searchsorted(edges, scores, side='right')
        if mask is None or not mask.any():
            good[number] = np.bincount(levels.ravel(), minlength=shape[1])
            continue
        good[number] = np.bincount(levels[~mask], minlength=shape[1])
        bad[number] = np.bincount(levels[mask], minlength=shape[1])
        labels, _ = ndimage.label(mask, _CONNECTED)
        shares = 1.0 / np.bincount(labels.ravel())
        overlap[number] = np.bincount(levels[mask], shares[labels[mask]], minlength=shape[1])
    return LocatedDefects(good, bad, overlap)


def _levels(maps: Sequence[np.ndarray], masks: Sequence[np.ndarray | None]) -> np.ndarray:
    """Return limits between levels of scores, as many for defects as for the rest."""
    inside = [scores[mask] for scores, mask in zip(maps, masks) if mask is not None]
    outside = [scores.ravel() if mask is None else scores[~mask]
               for scores, mask in zip(maps, masks)]
    edges = [_quantiles(np.concatenate(kind)) for kind in (inside, outside) if kind]
    return np.unique(np.concatenate(edges))


def _quantiles(scores: np.ndarray) -> np.ndarray:
    different = np.unique(scores[::max(1, len(scores) // _MOST_PIXELS)])
    if len(different) <= _LEVELS // 2:
        return different
    return np.quantile(scores[::max(1, len(scores) // _MOST_PIXELS)],
                       np.linspace(0, 1, _LEVELS // 2))


def _area(across: np.ndarray, up: np.ndarray, limit: float) -> np.ndarray:
    """Return the area [D] under curves [D, levels] from the origin to a limit, over the limit."""
    start = np.pad(across, ((0, 0), (1, 0)))[:, :-1]
    low = np.pad(up, ((0, 0), (1, 0)))[:, :-1]
    wide = across - start
    with np.errstate(invalid='ignore', divide='ignore'):
        reached = np.clip((limit - start) / wide, 0.0, 1.0)
        high = np.where(wide > 0, low + (up - low) * reached, up)
        area = np.where(wide > 0, wide * reached * (low + high) / 2, 0.0).sum(axis=1) / limit
    return np.where(np.isnan(across[:, -1] + up[:, -1]), np.nan, area)
