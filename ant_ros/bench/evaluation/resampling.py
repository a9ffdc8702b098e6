# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How far figures would move had other images been taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ant_ros.bench.evaluation.image_set import Sample

__all__ = ['CONFIDENCE', 'LEAST_OF_A_KIND', 'Resampling']

CONFIDENCE = 0.95

LEAST_OF_A_KIND = 4
"""Images of a kind that a figure needs: of fewer a single one moves it by more than a quarter."""

_DRAWS = 1000
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Resampling:
    """How often each image is taken, in many draws with replacement.

    Good and bad images are drawn apart, and an image is taken as often in every split: splits
    share images and are no independent evidence.

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
        figures: Sequence[Callable[[np.ndarray], np.ndarray]], *, share: bool = False,
    ) -> tuple[float, float] | None:
        """Return the 95 % interval of a figure's mean over the splits.

        Args:
            splits: The samples of each split.
            figures: Of each split, from weights [draws, samples] to its figure [draws].
            share: The figure is a share. A share of 0 or 1 is that in every draw, which says
                nothing of images that were not seen: it gets the other end from as many images
                as there are of the rarer kind, all alike (Clopper, Pearson: The use of
                confidence or fiducial limits illustrated in the case of the binomial, 1934).

        Returns:
            Low and high; None where hardly any draw has the figure.
        """
        drawn = np.mean([figure(self.weights(samples))
                         for samples, figure in zip(splits, figures)], axis=0)
        drawn = drawn[~np.isnan(drawn)]
        if len(drawn) < _DRAWS / 2:
            return None
        low, high = np.quantile(drawn, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
        if share and (high < _ROUNDING or low > 1 - _ROUNDING):
            unseen = 1 - ((1 - CONFIDENCE) / 2) ** (1 / _of_the_rarer_kind(splits))
            low, high = (0.0, unseen) if high < 0.5 else (1 - unseen, 1.0)
        return float(low), float(high)


def _of_the_rarer_kind(splits: Sequence[Sequence[Sample]]) -> int:
    """Count the different images of the kind, good or bad, of which there are fewer."""
    kinds = Counter(bad for _, bad in {
        (one.path, one.bad) for samples in splits for one in samples})
    return min(kinds.values())
