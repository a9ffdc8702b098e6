# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn four recipes one after the other, and still know the first.

Each recipe sorts the same kind of parts into two bins, but by a rule of its own, so that what
one teaches the next one overwrites. With distal segments the recipe's number decides which units
take part. At the end the network runs asynchronously in the context of the first recipe.
"""

import torch
from torch import nn

from ant_ros.network import AsyncNetwork
from ant_ros.network.context import ContextGate
from ant_ros.network.context import select_context

RECIPES = 4
FEATURES = 12
HIDDEN = 64
WIDER = 72  # as many weights without segments


def parts(recipe: int, count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return features `[count, 12, 1, 1]` of parts and the bin of each `[count]`."""
    rule = torch.randn(FEATURES, generator=torch.Generator().manual_seed(recipe))
    x = torch.randn(count, FEATURES, generator=torch.Generator().manual_seed(1000 + seed))
    return x[:, :, None, None], (x @ rule > 0).long()


def network(gated: bool) -> nn.Sequential:
    """Return a network of two hidden layers, gated, or wider instead."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    width = HIDDEN if gated else WIDER
    for number, inputs in enumerate((FEATURES, width)):
        layers.append(nn.Conv2d(inputs, width, 1))
        if gated:
            layers.append(ContextGate(width, RECIPES, seed=number))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(width, 2))


def learn(net: nn.Sequential, recipe: int, gated: bool) -> None:
    """Train on one recipe alone."""
    x, bins = parts(recipe, 600, recipe)
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    net.train()
    if gated:
        select_context(net, recipe)
    for _ in range(20):
        for batch in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[batch]), bins[batch]).backward()
            optimizer.step()
    net.eval()


def right(net: nn.Sequential, recipe: int, gated: bool) -> float:
    """Return the share of new parts that go to the right bin."""
    x, bins = parts(recipe, 500, 99)
    if gated:
        select_context(net, recipe)
    with torch.no_grad():
        return float((net(x).argmax(dim=1) == bins).float().mean())


def main() -> None:
    """Learn all recipes in turn, with and without segments, then go asynchronous."""
    for gated in (False, True):
        net = network(gated)
        weights = sum(p.numel() for p in net.parameters() if p.ndim > 1)
        for recipe in range(RECIPES):
            learn(net, recipe, gated)
        shares = ', '.join(f'{right(net, recipe, gated):.0%}' for recipe in range(RECIPES))
        print(f'{"with" if gated else "without":>7} segments, {weights} weights, in the end '
              f'right on recipes 1 to {RECIPES}: {shares}')

    select_context(net, 0)
    part = parts(0, 1, 7)[0]
    answer = AsyncNetwork.from_module(net, torch.zeros_like(part), backend='torch').run(part)
    print(f'asynchronously, recipe 1: {answer.output.round(3).tolist()[0]}, '
          f'module: {net(part).detach().numpy().round(3).tolist()[0]}')


if __name__ == '__main__':
    main()
