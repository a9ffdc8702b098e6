# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Maps of several depths joined to one feature per position, and made short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.inspection.backbone import BackboneError

__all__ = ['DEPTH', 'Projection', 'join_maps', 'learn_projection']

DEPTH = 64
_SAMPLES = 20_000
_MOST_PLANES = 128


@dataclass(frozen=True)
class Projection:
    """Brings features to unit spread, each map counting the same, and keeps what varies most.

    Attributes:
        mean: [C].
        basis: [C, DEPTH].
    """

    mean: np.ndarray
    basis: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Return features [..., DEPTH] of features [..., C], float32."""
        return (features - self.mean) @ self.basis


def join_maps(maps: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Join maps [1, C, h, w] at the size of the first.

    Returns:
        Features [h, w, C], float32, and how many of them each map gives.

    Raises:
        BackboneError: they are no maps.
    """
    for one in maps:
        if one.ndim not in (3, 4) or (one.ndim == 4 and len(one) != 1):
            raise BackboneError(f'the backbone gives {list(one.shape)}, expected maps '
                                '[1, C, h, w]: cut it before it flattens them')
    first = maps[0].shape[-2:]
    joined = []
    for one in maps:
        planes = np.ascontiguousarray(one.reshape(one.shape[-3:]).transpose(1, 2, 0))
        if planes.shape[:2] != first:
            # OpenCV 5 takes no more planes together.
            planes = np.concatenate([
                cv2.resize(planes[..., start:start + _MOST_PLANES], first[::-1],
                           interpolation=cv2.INTER_LINEAR).reshape(*first, -1)
                for start in range(0, planes.shape[2], _MOST_PLANES)], axis=2)
        joined.append(planes)
    return np.concatenate(joined, axis=2), tuple(planes.shape[2] for planes in joined)


def learn_projection(features: np.ndarray, counts: Sequence[int], *, seed: int = 0) -> Projection:
    """Learn from the good parts' features [N, C] what to keep.

    Args:
        features: Of as many positions as there are, float32.
        counts: How many of them each map gives.
        seed: Seed of the positions that are looked at where they are many.
    """
    if len(features) > _SAMPLES:
        chosen = np.random.default_rng(seed).choice(len(features), _SAMPLES, replace=False)
        features = features[np.sort(chosen)]
    mean = features.mean(axis=0)
    scale = np.concatenate([np.full(count, 1 / np.sqrt(count)) for count in counts])
    scale = scale / (features.std(axis=0) + 1e-6)
    covariance = np.cov(((features - mean) * scale).T)
    _, vectors = np.linalg.eigh(np.atleast_2d(covariance))
    strongest = vectors[:, ::-1][:, :DEPTH]
    basis = np.zeros((features.shape[1], DEPTH))
    basis[:, :strongest.shape[1]] = scale[:, None] * strongest
    return Projection(mean.astype(np.float32), basis.astype(np.float32))
