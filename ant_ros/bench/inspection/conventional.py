# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Two detectors of the usual kind, dense and pretrained: what a user would take instead.

Both see the whole image at 224 px through EfficientNet-Lite0 with its ImageNet weights, run
densely by ONNX Runtime on one thread. Each position of a grid of 14 x 14 is described by the
outputs of the fifth block (stride 8, pooled) and of the eleventh (stride 16): 152 numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import cv2
import numpy as np

from ant_ros.bench.evaluation.split_run import Teacher

__all__ = ['DenseFeatures', 'NearestNeighbours', 'PositionGaussian', 'usual_detectors']

SIDE_PX = 224
_GRID = 14
_MIDDLE = 127.0
_RANGE = 128.0
_RIDGE = 0.01
_BLUR = 4.0


class DenseFeatures:
    """Describe images by a pretrained network.

    Raises:
        ImportError: ONNX Runtime, or the packages with the network, are not installed.
    """

    def __init__(self) -> None:
        self._session = _session()

    def describe(self, image: np.ndarray) -> np.ndarray:
        """Return what each position looks like [196, 152], float32.

        Args:
            image: [H, W] or [H, W, 3] RGB, uint8 or uint16.
        """
        if image.dtype != np.uint8:
            image = cv2.convertScaleAbs(image, alpha=255 / max(float(image.max()), 1.0))
        if image.ndim == 2:
            image = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB)
        small = cv2.resize(image, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
        planes = (small.transpose(2, 0, 1).astype(np.float32) - _MIDDLE) / _RANGE
        fine, coarse = (one[0] for one in self._session.run(None, {'input': planes[None]}))
        pooled = fine.reshape(len(fine), _GRID, 2, _GRID, 2).mean(axis=(2, 4))
        return np.concatenate([pooled, coarse]).reshape(-1, _GRID**2).T


@dataclass(frozen=True)
class MapAnswer:
    """How unusual a part is, and where [H, W]."""

    score: float
    anomaly_map: np.ndarray


class PositionGaussian:
    """A Gaussian of the good parts' features at every position.

    T. Defard, A. Setkov, A. Loesch, R. Audigier, PaDiM: a Patch Distribution Modeling Framework
    for Anomaly Detection and Localization, ICPR workshops 2021; all of the features are kept.

    Args:
        good: Images of good parts.
        features: Describes images.
    """

    def __init__(self, good: Sequence[np.ndarray], features: DenseFeatures) -> None:
        self._features = features
        described = np.stack([features.describe(image) for image in good], axis=1)
        self._mean = described.mean(axis=1)
        centred = described - self._mean[:, None]
        covariance = centred.transpose(0, 2, 1) @ centred / max(1, len(good) - 1)
        covariance += _RIDGE * np.eye(described.shape[2], dtype=np.float32)
        self._precision = np.linalg.inv(covariance).astype(np.float32)

    def inspect(self, image: np.ndarray) -> MapAnswer:
        """Return the Mahalanobis distance of each position and the largest of them."""
        centred = self._features.describe(image) - self._mean
        whitened = (self._precision @ centred[..., None])[..., 0]
        squares = np.einsum('pc,pc->p', whitened, centred)
        return _answer(np.sqrt(np.maximum(squares, 0)), image.shape)


class NearestNeighbours:
    """Distance to the most similar features of good parts, wherever in the image.

    K. Roth et al., Towards Total Recall in Industrial Anomaly Detection (PatchCore), CVPR 2022;
    all features are remembered, and none are searched for but the nearest.

    Args:
        good: Images of good parts.
        features: Describes images.
    """

    def __init__(self, good: Sequence[np.ndarray], features: DenseFeatures) -> None:
        self._features = features
        memory = np.concatenate([features.describe(image) for image in good])
        self._memory = np.ascontiguousarray(memory.T)
        self._squares = (memory**2).sum(axis=1)

    def inspect(self, image: np.ndarray) -> MapAnswer:
        """Return the distance of each position to the memory and the largest of them."""
        described = self._features.describe(image)
        nearest = (self._squares - 2 * (described @ self._memory)).min(axis=1)
        squares = nearest + (described**2).sum(axis=1)
        return _answer(np.sqrt(np.maximum(squares, 0)), image.shape)


def usual_detectors() -> dict[str, Teacher]:
    """Return what makes each of the detectors, by name.

    Raises:
        ImportError: ONNX Runtime, or the packages with the network, are not installed.
    """
    features = DenseFeatures()
    return {'position_gaussian': partial(PositionGaussian, features=features),
            'nearest_neighbours': partial(NearestNeighbours, features=features)}


def _answer(distances: np.ndarray, shape: tuple[int, ...]) -> MapAnswer:
    coarse = distances.reshape(_GRID, _GRID).astype(np.float32)
    fine = cv2.resize(coarse, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_LINEAR)
    fine = np.asarray(cv2.GaussianBlur(fine, (0, 0), _BLUR))
    return MapAnswer(float(distances.max()),
                     cv2.resize(fine, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def _session() -> Any:
    import onnxruntime
    from torch import nn

    from ant_ros.bench.network.networks import efficientnet_lite0
    from ant_ros.network.conversion import convert
    from ant_ros.network.onnx_export import to_onnx

    class Both(nn.Module):
        """The outputs of the fifth and of the eleventh block."""

        def __init__(self) -> None:
            super().__init__()
            layers = list(efficientnet_lite0(16, SIDE_PX).children())
            self.fine = nn.Sequential(*layers[:8])
            self.coarse = nn.Sequential(*layers[8:])

        def forward(self, x: Any) -> Any:
            fine = self.fine(x)
            return fine, self.coarse(fine)

    graph = convert(Both().eval(), np.zeros((3, SIDE_PX, SIDE_PX), np.float32))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(to_onnx(graph).SerializeToString(), options,
                                        providers=['CPUExecutionProvider'])
