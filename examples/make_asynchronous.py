# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make an ordinary PyTorch network asynchronous, and see what it still computes."""

import torch
from torch import nn

from ant_ros.network.async_network import AsyncNetwork


def main() -> None:
    """Answer for an image that is as expected but for a small patch."""
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU6(),
        nn.Conv2d(16, 16, 3, padding=1, groups=16), nn.SiLU(),
        nn.Conv2d(16, 8, 1)).eval()
    expected = torch.rand(1, 3, 128, 128)
    network = AsyncNetwork.from_module(module, expected)

    image = expected.clone()
    image[:, :, 40:56, 72:88] = torch.rand(1, 3, 16, 16)
    answer = network.run(image)

    with torch.no_grad():
        dense = module(image).numpy()
    difference = abs(answer.output - dense).max() / abs(dense).max()
    work = answer.work
    print(f'{answer.events} tiles of the image changed')
    print(f'{work.units} of {work.units_total} units computed, '
          f'{work.macs / work.macs_dense:.1%} of the multiply-accumulates')
    print(f'largest difference to the dense network: {difference:.0e} of the largest output')
    assert difference < 1e-5

    idle = network.run(expected)
    print(f'an image that is as expected: {idle.work.units} units')


if __name__ == '__main__':
    main()
