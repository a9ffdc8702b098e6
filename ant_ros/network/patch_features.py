# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutional patch features with sampled weights, computed on tiles."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.sampled.sampled_conv import SampledConv

if TYPE_CHECKING:
    import torch

__all__ = ['PatchFeatures']


class PatchFeatures:
    """Describe the neighbourhood of every fourth pixel by sampled tanh units.

    Good at: everything is exact on a tile with its halo, so that a woken tile gets the
    numbers that a dense run gives. Bad at: meaning; a unit knows a patch of 9 px, no more.

    torch is imported when the first features are computed.

    Args:
        weights: Filters [K, C, 9, 9], float32.
        biases: Biases [K], float32.
    """

    PATCH = 9
    STRIDE = 2
    POOL = 2
    HALO = 4

    def __init__(self, weights: np.ndarray, biases: np.ndarray) -> None:
        self.weights = weights
        self.biases = biases
        self._filters: tuple[torch.Tensor, torch.Tensor] | None = None

    @classmethod
    def sample(cls, images: np.ndarray, count: int, *, seed: int = 0) -> PatchFeatures:
        """Draw `count` filters from pairs of patches of `images` [N, C, H, W].

        Args:
            images: Where the patches are taken from, float32.
            count: Filters wanted.
            seed: Seed of the draw.

        Returns:
            The features.
        """
        conv = SampledConv.sample(images, count, cls.PATCH, seed=seed)
        return cls(conv.weight, conv.bias)

    @property
    def count(self) -> int:
        """Number of features per position."""
        return len(self.weights)

    @property
    def stride(self) -> int:
        """Pixels between two positions."""
        return self.STRIDE * self.POOL

    def macs(self, tiles: int, tile: int) -> int:
        """Return the multiply-accumulates for `tiles` tiles of `tile` x `tile` pixels."""
        positions = (tile // self.STRIDE) ** 2
        return tiles * positions * self.weights.size

    def compute(self, tiles: np.ndarray) -> np.ndarray:
        """Compute the features of tiles that carry a halo of `HALO` pixels.

        Args:
            tiles: [N, C, T + 2 HALO, T + 2 HALO], float32, T a multiple of the stride.

        Returns:
            Features [N, K, T / stride, T / stride], float32.
        """
        torch = _torch()
        if self._filters is None:
            self._filters = (torch.from_numpy(self.weights), torch.from_numpy(self.biases))
        with torch.inference_mode():
            hidden = torch.nn.functional.conv2d(
                torch.from_numpy(tiles), *self._filters, stride=self.STRIDE)
            size = (tiles.shape[-1] - 2 * self.HALO) // self.STRIDE
            hidden = torch.tanh(hidden[..., :size, :size])
            return torch.nn.functional.avg_pool2d(hidden, self.POOL).numpy()


def _torch() -> ModuleType:
    """Import torch with one thread: a handful of tiles is too little to share."""
    import torch
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    return torch
