# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The rival: EfficientNet-Lite0 fine-tuned on labelled parts, and run on every part."""

from __future__ import annotations

from collections.abc import Sequence
import copy
import time
from typing import Any

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ant_ros.bench.network.networks import efficientnet_lite0
from ant_ros.inspection.rules import Disposition
from ant_ros.network.conversion import convert
from ant_ros.network.onnx_export import to_onnx

__all__ = ['RATES', 'FineTuned']

SIDE_PX = 224
_WORDS = (Disposition.ACCEPT, Disposition.REWORK, Disposition.SCRAP)
_HELD_OUT = 5  # one part in five
_BATCH = 10
RATES = (1e-4, 3e-4, 1e-3)
_HEAD_FASTER = 10
_SHIFT_PX = 6


class FineTuned:
    """A network with ImageNet weights that learns what is done with parts.

    All weights are trained, those of batch normalisation's statistics aside: so few images tell
    nothing of them. Training stops when the loss on every fifth part has not improved for a
    while, and the weights with the least one are kept; of several learning rates that with the
    least one. It runs in ONNX Runtime on one thread.

    Args:
        epochs: At most, with each learning rate.
        patience: Epochs without improvement after which it stops.
        rates: Learning rates to try; the new last layer's are ten times as high.

    Attributes:
        runs: The learning rates that were tried: each with its epochs, least loss on the parts
            held out, and CPU seconds.
        rate: The one that was taken.
    """

    def __init__(
        self, epochs: int = 30, patience: int = 6, rates: Sequence[float] = RATES,
    ) -> None:
        self._epochs = epochs
        self._patience = patience
        self._rates = rates
        self._session: Any = None
        self.runs: list[dict[str, float]] = []
        self.rate = 0.0

    def learn(self, images: Sequence[np.ndarray], words: Sequence[Disposition]) -> None:
        """Learn from images [H, W, 3] of labelled parts.

        Raises:
            ImportError: ONNX Runtime, or the packages with the network, are not installed.
        """
        self.runs = []
        kept: dict[float, Any] = {}
        with torch.random.fork_rng(devices=[]):
            inputs = torch.from_numpy(np.stack([_planes(image) for image in images]))
            targets = torch.tensor([_WORDS.index(word) for word in words])
            held = torch.arange(len(inputs)) % _HELD_OUT == 0
            for rate in self._rates:
                torch.manual_seed(0)
                kept[rate] = self._train(
                    rate, (inputs[~held], targets[~held]), (inputs[held], targets[held]))
        best = min(self.runs, key=lambda run: run['loss'])
        self.rate = best['rate']
        self._session = _session(kept[self.rate])

    def decide(self, image: np.ndarray) -> Disposition:
        """Say what is done with a part [H, W, 3]."""
        logits = self._session.run(None, {'input': _planes(image)[None]})[0]
        return _WORDS[int(np.argmax(logits))]

    def _train(
        self, rate: float, train: tuple[torch.Tensor, torch.Tensor],
        held: tuple[torch.Tensor, torch.Tensor],
    ) -> Any:
        """Train from ImageNet's weights, write the run down, and return the network."""
        started = time.process_time()
        network: Any = efficientnet_lite0(None, SIDE_PX)
        network._fc = nn.Linear(network._fc.in_features, len(_WORDS))
        head = {id(weight) for weight in network._fc.parameters()}
        steps = torch.optim.Adam([
            {'params': [one for one in network.parameters() if id(one) not in head]},
            {'params': network._fc.parameters(), 'lr': _HEAD_FASTER * rate}], lr=rate)
        best, kept, since = float('inf'), copy.deepcopy(network.state_dict()), 0
        epochs = 0
        while epochs < self._epochs and since < self._patience:
            epochs += 1
            for rows in torch.randperm(len(train[0])).split(_BATCH):
                steps.zero_grad()
                loss = functional.cross_entropy(network(_shifted(train[0][rows])), train[1][rows])
                loss.backward()
                steps.step()
            with torch.no_grad():
                error = float(functional.cross_entropy(network(held[0]), held[1]))
            since += 1
            if error < best:
                best, kept, since = error, copy.deepcopy(network.state_dict()), 0
        network.load_state_dict(kept)
        self.runs.append({'rate': rate, 'epochs': epochs, 'loss': best,
                          'cpu_s': time.process_time() - started})
        return network


def _planes(image: np.ndarray) -> np.ndarray:
    """Return an image as the network wants it [3, 224, 224]; what lies aside is not cut off."""
    small = cv2.resize(image, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray((small.transpose(2, 0, 1).astype(np.float32) - 127.0) / 128.0)


def _shifted(images: torch.Tensor) -> torch.Tensor:
    """Return images [N, 3, H, W] moved by some pixels, so that the place alone is not learned."""
    moved = [torch.roll(image, tuple(torch.randint(-_SHIFT_PX, _SHIFT_PX + 1, (2,)).tolist()),
                        (1, 2)) for image in images]
    return torch.stack(moved)


def _session(network: nn.Module) -> Any:
    import onnxruntime
    graph = convert(network.eval(), np.zeros((3, SIDE_PX, SIDE_PX), np.float32))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(to_onnx(graph).SerializeToString(), options,
                                        providers=['CPUExecutionProvider'])
