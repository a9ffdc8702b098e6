# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Convolutions whose kernels are drawn from pairs of patches of unlabelled images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.sampled.finite import check_finite
from ant_ros.network.sampled.sampled_layer import Activation
from ant_ros.network.sampled.sampled_layer import SampledLayer

if TYPE_CHECKING:
    import torch

__all__ = ['SampledConv']

_PATCHES_PER_FILTER = 16


@dataclass(frozen=True)
class SampledConv:
    """A convolution `activation(conv(image, weight) + bias)`.

    Good at: image features from a handful of good parts, without labels or steps. Bad at:
    meaning; a unit knows one patch.

    Attributes:
        weight: `[K, C, kh, kw]`, float32.
        bias: `[K]`, float32.
        activation: `tanh` or `relu`.
    """

    weight: np.ndarray
    bias: np.ndarray
    activation: Activation = 'tanh'

    @classmethod
    def sample(
        cls, images: np.ndarray, filters: int, kernel: int | tuple[int, int] = 3, *,
        density: Literal['uniform', 'widest'] = 'widest', activation: Activation = 'tanh',
        seed: int = 0,
    ) -> SampledConv:
        """Draw kernels from pairs of patches taken anywhere in the images.

        Images without labels have no gradient that a pair could be preferred for. `widest`
        draws from the wider half of the pairs instead, as most patches of a good part differ by
        noise alone.

        Args:
            images: `[N, C, H, W]`; one image is enough.
            filters: Kernels wanted, K.
            kernel: Height and width of the kernels, pixels.
            density: As for `SampledLayer.from_pairs`.
            activation: `tanh` or `relu`.
            seed: Seed of the draw.

        Raises:
            ValueError: Images of another shape, smaller than the kernel, or with numbers that
                are not finite; an unknown density or activation.
        """
        height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
        images = np.asarray(images, np.float32)
        if images.ndim != 4 or 0 in images.shape:
            raise ValueError(f'images of shape {images.shape}: expected [N, C, H, W]')
        if height > images.shape[2] or width > images.shape[3] or min(height, width) < 1:
            raise ValueError(f'kernel of {height} x {width} px in images of {images.shape[2]} x '
                             f'{images.shape[3]} px: choose a kernel that fits into them')
        check_finite('images', images)
        rng = np.random.default_rng(seed)
        patches = _patches(images, _PATCHES_PER_FILTER * filters, height, width, rng)
        layer = SampledLayer.from_pairs(
            patches, filters, density=density, activation=activation, rng=rng)
        weight = layer.weights.reshape(filters, images.shape[1], height, width)
        return cls(weight, layer.biases, activation)

    def to_torch(self, *, stride: int = 1, padding: int = 0) -> torch.nn.Sequential:
        """Return the convolution and its activation as ordinary torch modules."""
        import torch
        filters, channels, height, width = self.weight.shape
        conv = torch.nn.Conv2d(
            channels, filters, (height, width), stride=stride, padding=padding)
        with torch.no_grad():
            conv.weight.copy_(torch.from_numpy(self.weight))
            assert conv.bias is not None
            conv.bias.copy_(torch.from_numpy(self.bias))
        activation = torch.nn.Tanh() if self.activation == 'tanh' else torch.nn.ReLU()
        return torch.nn.Sequential(conv, activation).eval()


def _patches(
    images: np.ndarray, count: int, height: int, width: int, rng: np.random.Generator
) -> np.ndarray:
    """Cut `count` patches out of the images, as rows `[count, C * kh * kw]`."""
    number, _, rows, columns = images.shape
    which = rng.integers(0, number, count)
    top = rng.integers(0, rows - height + 1, count)
    left = rng.integers(0, columns - width + 1, count)
    return np.stack([images[n, :, y:y + height, x:x + width].ravel()
                     for n, y, x in zip(which, top, left)])
