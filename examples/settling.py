# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A layer with lateral connections that fills a gap in a line, in whatever order it is updated."""

import torch
from torch import nn

from ant_ros.network.settling import Settling


class Neighbours(nn.Module):
    """Each position is driven by the image and by what its neighbours in the row say."""

    def __init__(self) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(1, 1, (1, 5), padding=(0, 2), bias=False)
        nn.init.constant_(self.lateral.weight, 0.3)

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        return torch.tanh(x + self.lateral(h))


def main() -> None:
    line = torch.zeros(1, 1, 5, 16)
    line[..., 2, :6] = line[..., 2, 10:] = 1.0  # a row with a gap of four positions
    block = Settling(Neighbours()).eval()

    print(f'as built: {block.contraction(line).rate:.2f} (not below 1: it might never settle)')
    try:
        block.verify(line)
    except ValueError as error:
        print(f'refused: {error}')
    rate = block.contract_(line, 0.9).rate
    print(f'feedback scaled: {rate:.2f} (below 1: one state at rest, whatever the order)')

    with torch.no_grad():
        rest = block.settle(line)
        state = block.start(line)
        order = torch.Generator().manual_seed(0)
        for _ in range(2000):  # one position after the other, by chance, instead of in sweeps
            row, column = (int(torch.randint(0, size, (), generator=order)) for size in (5, 16))
            state[..., row, column] = block.cell(line, state)[..., row, column]
    print(f'at rest after {rest.sweeps} sweeps; one by one it ends within '
          f'{float((state - rest.state).abs().max()):.0e} of that')
    print('row with the gap:', ' '.join(f'{value:.1f}' for value in rest.state[0, 0, 2]))


if __name__ == '__main__':
    main()
