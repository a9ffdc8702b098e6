# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far figures would move had other images been taken."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ant_ros.bench.evaluation.image_set import Sample

__all__ = ['CONFIDENCE', 'Resampling']

CONFIDENCE = 0.95
_DRAWS = 1000


@dataclass(frozen=True)
class Resampling:
    """How often each image is taken, in many draws with replacement.

    Good and bad images are drawn apart, and an image is taken as often in every split: splits
    share images and are no independent evidence. (An AUROC of 1 stays 1 in every draw: the
    interval then says nothing of the images that were not seen.)

    Attributes:
        counts: How often each image is taken, by path [draws].
    """

    counts: dict[Path, np.ndarray]

    @classmethod
    def draw(cls, samples: Sequence[Sample], seed: int) -> Resampling:
        """Draw from the different images among the samples."""
        rng = np.random.default_rng((seed, 95))
        counts: dict[Path, np.ndarray] = {}
        for bad in (False, True):
            paths = sorted({one.path for one in samples if one.bad is bad})
            if paths:
                drawn = rng.multinomial(len(paths), np.full(len(paths), 1 / len(paths)), _DRAWS)
                counts.update(zip(paths, drawn.T))
        return cls(counts)

    def weights(self, samples: Sequence[Sample]) -> np.ndarray:
        """Return how often each sample is taken [draws, samples]."""
        return np.stack([self.counts[one.path] for one in samples], axis=1)

    def interval(
        self, splits: Sequence[Sequence[Sample]],
        figures: Sequence[Callable[[np.ndarray], np.ndarray]],
    ) -> tuple[float, float] | None:
        """Return the 95 % interval of a figure's mean over the splits.

        Args:
            splits: The samples of each split.
            figures: Of each split, from weights [draws, samples] to its figure [draws].

        Returns:
            Low and high; None where hardly any draw has the figure.
        """
        drawn = np.mean([figure(self.weights(samples))
                         for samples, figure in zip(splits, figures)], axis=0)
        drawn = drawn[~np.isnan(drawn)]
        if len(drawn) < _DRAWS / 2:
            return None
        low, high = np.quantile(drawn, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
        return float(low), float(high)
