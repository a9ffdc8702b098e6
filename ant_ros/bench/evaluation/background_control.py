# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether what lies around the part tells good from bad: then a set is confounded.

A plain detector of its own sees nothing but background: the part's convex hull and a margin are
left out of every image, and of the rest only cells that lie around the part on nearly all good
images count, so that neither shape nor size of the part can be told from what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence

import cv2
import numpy as np

from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.image_set import Split
from ant_ros.bench.evaluation.split_run import Detector
from ant_ros.bench.evaluation.split_run import plainly
from ant_ros.bench.evaluation.split_run import Track
from ant_ros.inspection import ImageError
from ant_ros.inspection import read_image

__all__ = ['BackgroundDetector', 'describe_background', 'score_backgrounds']

_MARGIN = 0.05
_SIDE_PX = 256
_CELL_PX = 8
_NEARLY_ALL = 0.9
_LEAST_CELLS = 20
_PRIOR_IMAGES = 5.0
_TEXTURE_WEIGHT = 10.0

PartMask = Callable[[np.ndarray], 'np.ndarray | None']
Described = tuple[np.ndarray, np.ndarray]


def score_backgrounds(
    split: Split, detector: Detector, track: Track = plainly
) -> tuple[list[tuple[Sample, float]], str]:
    """Learn the background of the good parts, and score good and bad ones by theirs alone.

    Args:
        split: What to teach from and what to test with.
        detector: Says where the part is.
        track: Shows how far it is.

    Returns:
        Images with their scores; or none, and why.
    """
    part_mask = getattr(detector, 'part_mask', None)
    if part_mask is None:
        return [], 'the detector does not tell where the part is'
    good = [described for _, described in _describe(split.teach, part_mask)]
    if not good:
        return [], 'no part is told from its background'
    background = BackgroundDetector(good)
    if background.cells < _LEAST_CELLS:
        return [], 'hardly any background lies around the part'
    scored = []
    for sample, described in _describe(track(split.test, 'looking at backgrounds'), part_mask):
        score = background.score(described)
        if score is not None:
            scored.append((sample, score))
    return scored, '' if scored else 'no background of a good and of a bad part could be seen'


class BackgroundDetector:
    """A Gaussian of what each cell of the background looks like.

    Each cell has its own mean, drawn towards the mean of all; the covariance is one for all.

    Attributes:
        cells: How many cells count.

    Args:
        good: Descriptions of the backgrounds of good parts.
    """

    def __init__(self, good: Sequence[Described]) -> None:
        alike = [one for one in good if one[1].shape == good[0][1].shape]
        features = np.stack([cells for cells, _ in alike])
        seen = np.stack([free for _, free in alike]).astype(np.float32)[..., None]
        usual = (features * seen).sum(axis=(0, 1, 2)) / max(float(seen.sum()), 1.0)
        self._mean = ((features * seen).sum(axis=0) + _PRIOR_IMAGES * usual) / (
            seen.sum(axis=0) + _PRIOR_IMAGES)
        rest = (features - self._mean)[seen[..., 0] > 0]
        covariance = rest.T @ rest / max(1, len(rest)) + np.eye(features.shape[-1])
        self._whiten = np.linalg.inv(np.linalg.cholesky(covariance)).T
        self._counting = seen[..., 0].mean(axis=0) >= _NEARLY_ALL
        self.cells = int(self._counting.sum())

    def score(self, described: Described) -> float | None:
        """Return the largest distance of a cell that counts; None where no such cell is free.

        An image of another shape has none.
        """
        features, free = described
        if free.shape != self._counting.shape:
            return None
        distances = np.sqrt((((features - self._mean) @ self._whiten) ** 2).sum(axis=-1))
        counting = distances[free & self._counting]
        return float(counting.max()) if len(counting) else None


def describe_background(image: np.ndarray, mask: np.ndarray) -> Described:
    """Return colour, contrast and slope of each cell [rows, columns, 5], and which are free.

    Args:
        image: [H, W] or [H, W, 3].
        mask: Where the part is [H, W], bool.
    """
    shrink = _SIDE_PX / max(mask.shape)
    rows, columns = (max(1, round(side * shrink / _CELL_PX)) for side in mask.shape)
    size = (columns * _CELL_PX, rows * _CELL_PX)

    def per_cell(plane: np.ndarray) -> np.ndarray:
        return cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)

    small = cv2.resize(image.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    small = small if small.ndim == 3 else np.repeat(small[..., None], 3, axis=2)
    light = small.mean(axis=2)
    slope = sum(np.abs(cv2.Sobel(light, cv2.CV_32F, across, 1 - across, scale=0.25))
                for across in (0, 1))
    contrast = np.maximum(per_cell(light**2) - per_cell(light) ** 2, 0)
    hidden = cv2.resize(_generous(mask).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    features = np.dstack([per_cell(small), _TEXTURE_WEIGHT * np.log1p(contrast),
                          _TEXTURE_WEIGHT * np.log1p(per_cell(np.asarray(slope)))])
    return features, per_cell((hidden > 0).astype(np.float32)) == 0


def _describe(
    samples: Iterable[Sample], part_mask: PartMask
) -> Iterable[tuple[Sample, Described]]:
    """Yield what the backgrounds of the parts that are found look like, in 0 .. 255."""
    for sample in samples:
        try:
            image = read_image(sample.path)
            mask = part_mask(image)
        except ImageError:
            continue  # the run has it among its faults
        if mask is None or not mask.any():
            continue
        depth = 1.0 if image.dtype == np.uint8 else 255 / max(float(image.max()), 1e-6)
        yield sample, describe_background(image * np.float32(depth), mask)


def _generous(mask: np.ndarray) -> np.ndarray:
    """Return the convex hull of the largest thing in a mask, and a margin around it."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL,
                                   cv2.CHAIN_APPROX_SIMPLE)
    grown = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(grown, cv2.convexHull(max(outlines, key=cv2.contourArea)), 1)
    side = 2 * max(1, round(_MARGIN * max(mask.shape))) + 1
    return cv2.dilate(grown, np.ones((side, side), np.uint8)) > 0
