# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Distal segments on ordinary units: the context decides which units take part.

A unit that a context shuts neither answers nor learns, so that what it does in other contexts
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

__all__ = ['ContextGate', 'Contexts', 'select_context']

_SHUT = 3.0  # hardsigmoid is 0 from minus this on
_UNCHOSEN = ('no context was chosen: call select(), or select_context() on the whole network, '
             'before using it')


class ContextGate(nn.Module):
    """Multiply every unit by a gate that the context opens or shuts.

    Every unit has distal segments that read the context. The one that says most, for or against,
    speaks: its gate is `hardsigmoid(segment . context)`. (After Iyer, Grewal, Velu, Souza,
    Forest, Ahmad, Avoiding catastrophe: active dendrites enable multi-task learning in dynamic
    environments, Frontiers in Neurorobotics 2022. Theirs is a sigmoid, which is never quite
    shut; optimisers that normalise gradients, such as Adam, then move a shut unit's weights as
    fast as all others.) A share `open` of the gates is open in each context, as in Masse, Grant,
    Freedman, PNAS 2018, but dealt out so that contexts share as few units as they can: none, if
    `open` is at most one over their number. Open gates learn with the network, shut ones stay so.

    In evaluation the gates of the chosen context are constants: one scale for every unit, which
    `AsyncNetwork.from_module` folds into the layer before if no activation lies between. To
    change the context of a converted network, choose it in the module and convert again. Good
    at: tasks that come one after the other, with a context that tells them apart. Bad at: tasks
    without one; and every unit that is shut is lost to the task at hand.

    Args:
        units: Channels or features that are gated.
        contexts: Length of the context vector; the number of contexts if they are told apart
            by number.
        segments: Segments of a unit.
        open: Share of the units that is open in a context, in (0, 1]; one over the number of
            contexts if None.
        seed: Seed of the first weights.

    Raises:
        ValueError: No units, contexts or segments, or a share out of range.
    """

    segments: nn.Parameter
    context: torch.Tensor
    gates: torch.Tensor

    def __init__(self, units: int, contexts: int, *, segments: int = 2,
                 open: float | None = None, seed: int = 0) -> None:
        super().__init__()
        if min(units, contexts, segments) < 1:
            raise ValueError(f'{units} units with {segments} segments for {contexts} contexts: '
                             'expected at least 1 each')
        share = 1.0 / contexts if open is None else open
        if not 0.0 < share <= 1.0:
            raise ValueError(f'open is {share}, expected a share above 0 and up to 1, such as 0.3')
        generator = torch.Generator().manual_seed(seed)
        said = torch.randn(units, segments, contexts, generator=generator).abs()
        # The strongest of the segments speaks, whatever its sign: all of them get the same one.
        opened = _deal(units, contexts, share, generator)[:, None]
        self.segments = nn.Parameter(torch.where(opened, said, -said - _SHUT))
        self.register_buffer('context', torch.zeros(contexts))
        self.register_buffer('gates', torch.full((units,), torch.nan))

    def select(self, context: int | torch.Tensor) -> None:
        """Choose the context of all inputs from now on.

        Args:
            context: Its number, or a vector `[contexts]`.

        Raises:
            ValueError: A number that does not exist, another length, or NaN.
        """
        count = len(self.context)
        if isinstance(context, torch.Tensor) and context.ndim:
            if context.shape != self.context.shape or not bool(context.isfinite().all()):
                raise ValueError(f'the context is of shape {tuple(context.shape)}, or not finite: '
                                 f'expected {count} numbers')
            if not bool(context.any()):
                raise ValueError('the context is all zeros, on which segments cannot speak')
            self.context.copy_(context)
        else:
            if not 0 <= int(context) < count:
                raise ValueError(f'there is no context {int(context)}: there are {count}, '
                                 'numbered from 0; build the gates for as many as are needed')
            self.context.zero_()
            self.context[int(context)] = 1.0
        self._settle()

    def opened(self) -> torch.Tensor:
        """Return the gates `[units]` that the chosen context opens, each in 0 to 1."""
        if not bool(self.context.any()):
            raise RuntimeError(_UNCHOSEN)
        said = self.segments @ self.context
        strongest = said.abs().argmax(dim=1, keepdim=True)
        return nn.functional.hardsigmoid(said.gather(1, strongest)[:, 0])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return `x` gated.

        Args:
            x: `[N, units]` or `[N, units, H, W]`.

        Raises:
            RuntimeError: No context was chosen.
        """
        gates = self.opened() if self.training else self.gates
        if not self.training and bool(gates.isnan().any()):
            raise RuntimeError(_UNCHOSEN)
        return x * (gates if x.ndim == 2 else gates[:, None, None])

    def train(self, mode: bool = True) -> ContextGate:
        """Switch to training, or back; the gates of evaluation are computed then."""
        super().train(mode)
        self._settle()
        return self

    def _settle(self) -> None:
        if not self.training and bool(self.context.any()):
            with torch.no_grad():
                self.gates.copy_(self.opened())


class Contexts(nn.Module):
    """Infer the context of an input: the one whose mean input is nearest.

    Means come from the inputs of each context, learned one context after the other; they are
    exact whatever the order.

    Args:
        contexts: Contexts there can be.
        features: Numbers in an input.

    Raises:
        ValueError: No contexts or features.
    """

    sums: torch.Tensor
    counts: torch.Tensor

    def __init__(self, contexts: int, features: int) -> None:
        super().__init__()
        if contexts < 1 or features < 1:
            raise ValueError(f'{contexts} contexts of {features} features: expected at least 1 '
                             'each')
        self.register_buffer('sums', torch.zeros(contexts, features, dtype=torch.float64))
        self.register_buffer('counts', torch.zeros(contexts, dtype=torch.int64))

    def learn(self, context: int, inputs: torch.Tensor) -> None:
        """Add inputs of a context.

        Args:
            context: Its number.
            inputs: `[N, ...]`, flattened.

        Raises:
            ValueError: No such context, another size, or NaN.
        """
        if not 0 <= context < len(self.counts):
            raise ValueError(f'there is no context {context}: there are {len(self.counts)}, '
                             'numbered from 0')
        flat = self._flat(inputs)
        self.sums[context] += flat.sum(dim=0)
        self.counts[context] += len(flat)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the number of the context of every input `[N]`.

        Args:
            inputs: `[N, ...]`, flattened.

        Raises:
            RuntimeError: No context was learned.
            ValueError: Another size, or NaN.
        """
        known = torch.nonzero(self.counts)[:, 0]
        if not len(known):
            raise RuntimeError('no context was learned: give learn() the inputs of each')
        means = self.sums[known] / self.counts[known, None]
        return known[torch.cdist(self._flat(inputs), means).argmin(dim=1)]

    def _flat(self, inputs: torch.Tensor) -> torch.Tensor:
        flat = inputs.detach().flatten(start_dim=1).double()
        if flat.shape[1] != self.sums.shape[1]:
            raise ValueError(f'inputs of {flat.shape[1]} features, expected {self.sums.shape[1]}')
        if not bool(flat.isfinite().all()):
            raise ValueError('inputs that are NaN or infinite: leave them out')
        return flat


def select_context(network: nn.Module, context: int | torch.Tensor) -> None:
    """Choose the context of every `ContextGate` of a network.

    Args:
        network: Has at least one.
        context: Number of the context, or a vector `[contexts]`.

    Raises:
        ValueError: No gates, or a context that they do not have.
    """
    gates = list(_gates(network))
    if not gates:
        raise ValueError(f'{type(network).__name__} has no ContextGate: put one after each layer '
                         'that the context is to gate')
    for gate in gates:
        gate.select(context)


def _deal(units: int, contexts: int, share: float, generator: torch.Generator) -> torch.Tensor:
    """Return which units are open in which contexts `[units, contexts]`.

    Units are dealt out from a shuffled deck; only when all are gone is there a new one.
    """
    dealt = torch.zeros(units, contexts, dtype=torch.bool)
    deck: list[int] = []
    for context in range(contexts):
        for _ in range(max(round(share * units), 1)):
            if all(dealt[unit, context] for unit in deck):
                deck += torch.randperm(units, generator=generator).tolist()
            unit = next(unit for unit in deck if not dealt[unit, context])
            deck.remove(unit)
            dealt[unit, context] = True
    return dealt


def _gates(network: nn.Module) -> Iterator[ContextGate]:
    return (module for module in network.modules() if isinstance(module, ContextGate))
