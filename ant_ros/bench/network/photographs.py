# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Photographs that scikit-learn ships, and patches of one pasted into the other."""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

__all__ = ['PATCH', 'changed', 'contiguous', 'photograph', 'scattered']

PATCH = 16
"""Side of the patches of a scattered change, in pixels."""

# Mean and standard deviation of ImageNet's colours, that the networks were trained with.
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def photograph(name: str, side: int) -> np.ndarray:
    """Return the middle of a photograph [3, side, side], float32, scaled for ImageNet networks.

    Args:
        name: 'china.jpg' or 'flower.jpg'.
        side: Height and width.
    """
    image = Image.fromarray(load_sample_image(name))
    crop = min(image.size)
    left, top = (image.width - crop) // 2, (image.height - crop) // 2
    image = image.crop((left, top, left + crop, top + crop))
    image = image.resize((side, side), Image.Resampling.LANCZOS)
    pixels = np.asarray(image, np.float32) / 255
    return np.ascontiguousarray(((pixels - _MEAN) / _DEVIATION).transpose(2, 0, 1))


def contiguous(fraction: float, side: int, rng: np.random.Generator) -> np.ndarray:
    """Return a mask [side, side] of one square of that fraction of the image, anywhere."""
    mask = np.zeros((side, side), bool)
    length = round(side * fraction**0.5)
    top, left = rng.integers(0, side - length + 1, 2)
    mask[top:top + length, left:left + length] = True
    return mask


def scattered(fraction: float, side: int, rng: np.random.Generator) -> np.ndarray:
    """Return a mask [side, side] of that fraction in patches of 16 px on a grid, anywhere."""
    cells = side // PATCH
    chosen = np.zeros(cells * cells, bool)
    chosen[rng.choice(len(chosen), round(len(chosen) * fraction), replace=False)] = True
    return np.kron(chosen.reshape(cells, cells), np.ones((PATCH, PATCH), bool))


def changed(expected: np.ndarray, other: np.ndarray, masks: Sequence[np.ndarray],
            ) -> list[np.ndarray]:
    """Return an image per mask: the other photograph within it, the expected one elsewhere."""
    return [np.where(mask, other, expected) for mask in masks]
