# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run one network in several orders: the same answer; then stop it early: the best so far.

Something appears in a picture that the network expects to be empty. The units that it wakes
compute in the order of the layers, in the order of surprise, or in any order. With a budget
the answer says that it was cut; what has not been reached yet is as expected.
"""

import numpy as np
import torch
from torch import nn

from ant_ros.network.async_network import AsyncNetwork


def main() -> None:
    """Print what the orders cost and how far budgets get."""
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 16, 3, 1, 1, groups=16), nn.ReLU(),
        nn.Conv2d(16, 8, 3, 1, 1)).eval()
    expected = np.random.default_rng(0).normal(size=(1, 3, 96, 96)).astype(np.float32)
    image = expected.copy()
    image[..., 40:52, 60:68] += 1.0
    with torch.no_grad():
        dense = module(torch.from_numpy(image)).numpy()
        empty = module(torch.from_numpy(expected)).numpy()

    network = AsyncNetwork.from_module(module, expected)
    for schedule, seed in (('batched', 0), ('priority', 0), ('random', 1), ('random', 2)):
        answer = network.run(image, schedule=schedule, seed=seed)
        error = np.abs(answer.output - dense).max() / np.abs(dense).max()
        print(f'{schedule:>8}: {answer.work.units:4} updates in a network of '
              f'{answer.work.units_total}, off by {error:.0e}')

    change = np.linalg.norm(dense - empty)
    for schedule in ('batched', 'priority'):
        for max_units in (40, 80, 160, 280):
            answer = network.run(image, schedule=schedule, max_units=max_units)
            missing = np.linalg.norm(answer.output - dense) / change
            print(f'{schedule:>8}, at most {max_units:3} updates: {missing:4.0%} of the change '
                  f'missing{", cut" if answer.cut else ""}')


if __name__ == '__main__':
    main()
