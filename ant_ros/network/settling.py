# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Lateral and feedback connections: blocks that are repeated until they come to rest."""

from __future__ import annotations

from dataclasses import dataclass
import math
import warnings

import torch
from torch import nn

from ant_ros.network.contraction import contract_
from ant_ros.network.contraction import Contraction
from ant_ros.network.contraction import contraction
from ant_ros.network.contraction import ContractionError

__all__ = ['Settled', 'Settling']


@dataclass(frozen=True)
class Settled:
    """Where a block came to rest.

    Attributes:
        state: `[N, C, H, W]`.
        sweeps: Sweeps over the whole block.
        change: Largest change of the last sweep, in units of the state.
        settled: Whether that was below the tolerance; False: the bound of sweeps struck.
    """

    state: torch.Tensor
    sweeps: int
    change: float
    settled: bool


class Settling(nn.Module):
    """Repeat `h = cell(x, h)` from h = 0 until nothing changes any more.

    Good at: connections within a layer and back to it. Bad at: memory of what came before; the
    state at rest depends on `x` alone.

    Args:
        cell: Module of `(x, h)`, returns the next state in the shape of `h`.
        channels: Channels of the state; as many as `x` has if None. Its height and width are
            those of `x`.
        tolerance: A sweep that changes no value by this much is the last, in units of the state.
        max_sweeps: Bound of the sweeps.
        bounded: Accept a block that may never come to rest, and stop it at `max_sweeps`.

    Raises:
        ValueError: A tolerance or a bound that is not above 0.
    """

    def __init__(self, cell: nn.Module, channels: int | None = None, *, tolerance: float = 1e-5,
                 max_sweeps: int = 100, bounded: bool = False) -> None:
        super().__init__()
        if not tolerance > 0:
            raise ValueError(f'tolerance is {tolerance}, expected above 0, such as 1e-5')
        if max_sweeps < 1:
            raise ValueError(f'max_sweeps is {max_sweeps}, expected at least 1')
        self.cell = cell
        self.channels = channels
        self.tolerance = tolerance
        self.max_sweeps = max_sweeps
        self.bounded = bounded

    def start(self, x: torch.Tensor) -> torch.Tensor:
        """Return the state before the first sweep: zeros."""
        return x.new_zeros((x.shape[0], self.channels or x.shape[1], *x.shape[2:]))

    def settle(self, x: torch.Tensor) -> Settled:
        """Sweep until nothing changes or the bound strikes, and say which.

        Args:
            x: `[N, C, H, W]`.

        Raises:
            ValueError: The cell returns another shape than the state's.
        """
        state, change = self.start(x), math.inf
        for sweep in range(1, self.max_sweeps + 1):
            following = self.cell(x, state)
            if following.shape != state.shape:
                raise ValueError(
                    f'the cell turned a state of shape {tuple(state.shape)} into '
                    f'{tuple(following.shape)}; give Settling the channels of the state, and the '
                    'cell paddings that keep height and width')
            change = float((following - state).detach().abs().max())
            state = following
            if change < self.tolerance:
                return Settled(state, sweep, change, True)
        return Settled(state, self.max_sweeps, change, False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the state at rest `[N, C, H, W]`; warn where it is not and was not to be."""
        answer = self.settle(x)
        if not answer.settled and not self.bounded:
            warnings.warn(
                f'the block still changes by {answer.change:.2g} after {answer.sweeps} sweeps '
                f'(tolerance {self.tolerance:.2g}): raise max_sweeps, or make it contract with '
                'contract_()', stacklevel=2)
        return answer.state

    def contraction(self, x: torch.Tensor) -> Contraction:
        """Bound how strongly the next state depends on the state; see `contraction()`.

        Args:
            x: An input of the right shape.

        Raises:
            ContractionError: The state goes through an operation with no known bound.
        """
        return contraction(self.cell, x[:1], self.start(x[:1]))

    def contract_(self, x: torch.Tensor, rate: float = 0.9) -> Contraction:
        """Scale the feedback weights, in place, until the block contracts; see `contract_()`.

        Args:
            x: An input of the right shape.
            rate: Wanted rate of contraction, in (0, 1).

        Raises:
            ContractionError: No scaling of the feedback weights achieves it.
        """
        return contract_(self.cell, x[:1], self.start(x[:1]), rate)

    def verify(self, x: torch.Tensor) -> float:
        """Return the rate of contraction, infinite where unknown.

        Args:
            x: An input of the right shape.

        Raises:
            ContractionError: The rate is 1 or more or unknown, and the block is not `bounded`.
        """
        try:
            rate = self.contraction(x).rate
        except ContractionError:
            if not self.bounded:
                raise
            return math.inf
        if not rate < 1 and not self.bounded:
            raise ContractionError(
                f'the block may not settle: its rate of contraction is {rate:.3g}, expected below '
                '1. Scale its feedback weights with contract_(), or build it with '
                'Settling(..., bounded=True) to stop it after max_sweeps')
        return rate
