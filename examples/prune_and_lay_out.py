# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Remove 40 % of a digit reader's synapses, then choose its tiles and backend by measuring.

The network is trained as usual and pruned without further training: it sees the images once
more, without their labels. Its layout is measured for digits on a plain ground, kept as text,
read back, and refused by a network with other weights.
"""

import numpy as np
from sklearn.datasets import load_digits
import torch
from torch import nn

from ant_ros.network import AsyncNetwork
from ant_ros.network import prune
from ant_ros.network import tune_layout
from ant_ros.network import TunedLayout
from ant_ros.network.tuned_layout import LayoutError

SIDE = 24  # px; a digit of 8 px stands somewhere on it


def pictures(chosen: np.ndarray, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return pictures `[N, 1, 24, 24]` with a digit each, and which it is `[N]`."""
    digits, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(seed)
    images = np.zeros((len(chosen), 1, SIDE, SIDE), np.float32)
    for image, digit in zip(images, digits[chosen].reshape(-1, 8, 8) / 16.0):
        row, column = rng.integers(0, SIDE - 8, 2)
        image[0, row:row + 8, column:column + 8] = digit
    return torch.from_numpy(images), torch.from_numpy(labels[chosen])


def trained(images: torch.Tensor, labels: torch.Tensor) -> nn.Module:
    """Train a convolution network as usual."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for before, channels, stride in ((1, 16, 1), (16, 32, 2), (32, 32, 1)):
        layers += [nn.Conv2d(before, channels, 3, stride, 1, bias=False),
                   nn.BatchNorm2d(channels), nn.ReLU()]
    net = nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(net.parameters(), 5e-3)
    for _ in range(6):
        for batch in torch.randperm(len(images)).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images[batch]), labels[batch]).backward()
            optimizer.step()
    return net.eval()


def right(net: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of pictures that are read rightly."""
    with torch.no_grad():
        return float((net(images).argmax(1) == labels).float().mean())


def main() -> None:
    """Train, prune, lay out, keep, and use."""
    order = np.random.default_rng(0).permutation(1797)
    images, labels = pictures(order[:1200], 0)
    test, truth = pictures(order[1200:], 1)
    net = trained(images, labels)
    small = prune(net, 0.4, images)
    for name, one in (('whole', net), ('pruned', small)):
        weights = sum(p.numel() for p in one.parameters() if p.ndim > 1)
        print(f'{name:>6}: {weights} synapses, {right(one, test, truth):.1%} right')

    blank = np.zeros((1, SIDE, SIDE), np.float32)
    layout = tune_layout(small.graph, test[:4].numpy(), blank, budget_s=3.0)
    print(layout.describe())
    kept = layout.to_json()

    network = TunedLayout.from_json(kept).apply(small.graph, blank)
    answer = network.run(test[0])
    print(f'asynchronously: a {answer.output.argmax()}, in truth a {truth[0]}; '
          f'{answer.work.units} of {answer.work.units_total} units computed')
    try:
        layout.apply(AsyncNetwork.from_module(net, blank))
    except LayoutError as error:
        print(f'the whole network refuses the layout: {error}')


if __name__ == '__main__':
    main()
