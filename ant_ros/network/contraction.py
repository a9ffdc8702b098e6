# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a block with feedback settles whatever the order of its updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
import math
from typing import Any

import numpy as np
import torch
from torch import fx
from torch import nn

__all__ = ['Contraction', 'ContractionError', 'contract_', 'contraction', 'convolution_norm']


class ContractionError(ValueError):
    """Say why a block is not known to settle, and what to do about it."""


@dataclass(frozen=True)
class Contraction:
    """How strongly a block contracts from state to state.

    Attributes:
        rate: Bound of the spectral radius of |A|, A the sensitivity of the next state to the
            state. Below 1 there is a weighted maximum norm in which each update of each unit
            contracts, and every order of the updates that leaves no unit out ends in the one
            fixed point (Chazan & Miranker 1969, Baudet 1978).
        spectral_norm: Bound of the 2-norm, infinite where unknown. Below 1 it makes sweeps over
            the whole block settle, and says nothing about other orders.
        scaled: Names of the weights through which the state enters first.
    """

    rate: float
    spectral_norm: float
    scaled: tuple[str, ...]

    @property
    def certified(self) -> bool:
        """Whether every order of updates leads to the same state."""
        return self.rate < 1


def contraction(cell: nn.Module, x: torch.Tensor, state: torch.Tensor) -> Contraction:
    """Bound how strongly the next state depends on the state, whatever the input's values.

    Each step from `h` to the next state is a matrix from channel to channel: the absolute
    weights of a convolution summed over its taps, times the Lipschitz constant of the
    activation. As no output position can change by more than that matrix times the largest
    change per channel, it holds for every map size, padding and stride.

    Args:
        cell: Module of `(x, state)`, in evaluation mode.
        x: An input of the right shape `[1, ...]`.
        state: A state of the right shape `[1, C, H, W]`.

    Raises:
        ContractionError: The state goes through an operation with no known bound.
    """
    return _Sensitivity(cell).measure(x, state)


def contract_(cell: nn.Module, x: torch.Tensor, state: torch.Tensor,
              rate: float = 0.9) -> Contraction:
    """Scale, in place, the weights that read the state until the block contracts.

    Only the columns that read the state shrink, so the way of `x` keeps its strength. A block
    that contracts enough is left as it is.

    Args:
        cell: Module of `(x, state)`, in evaluation mode.
        x: An input of the right shape `[1, ...]`.
        state: A state of the right shape `[1, C, H, W]`.
        rate: Wanted rate of contraction, in (0, 1).

    Returns:
        The contraction afterwards.

    Raises:
        ContractionError: No scaling of these weights achieves it, as with `h + conv(h)`.
        ValueError: A rate outside (0, 1).
    """
    if not 0 < rate < 1:
        raise ValueError(f'rate is {rate}, expected between 0 and 1')
    first = _Sensitivity(cell)
    found = first.measure(x, state)
    if found.rate <= rate:
        return found

    def rate_at(factor: float) -> float:
        return _Sensitivity(cell, factor, norms=False).measure(x, state).rate

    if rate_at(0.0) >= rate:
        raise ContractionError(
            'the state reaches the next one by a way without weights, so that no scaling brings '
            f'the rate from {found.rate:.3g} to {rate:.3g}; take out that shortcut or scale it by '
            'a constant below 1')
    low, high = 0.0, 1.0
    for _ in range(30):  # the rate grows with the factor; float32 ends after 24 halvings
        middle = (low + high) / 2
        low, high = (middle, high) if rate_at(middle) <= rate else (low, middle)
    with torch.no_grad():
        for weight, reads in first.readers.values():
            # Rounding must not lift the rate above what was asked for.
            weight.mul_(torch.where(reads, low * (1 - 1e-6), 1.0).to(weight))
    return contraction(cell, x, state)


def convolution_norm(weight: torch.Tensor, groups: int = 1, grid: int = 32) -> float:
    """Return the 2-norm of the convolution with `weight`, on a map much larger than the kernel.

    It is the largest singular value of the kernel's Fourier transform over all frequencies
    (Sedghi, Gupta & Long 2019), here over `grid` x `grid` of them. The norm of the kernel
    reshaped to a matrix is another number: smaller by up to the square root of the taps.

    Args:
        weight: `[out, in / groups, kh, kw]`.
        groups: Groups of the convolution.
        grid: Frequencies per axis.
    """
    kernel = weight.detach().double()
    size = [max(grid, side) for side in kernel.shape[2:]]
    symbol = torch.fft.rfft2(kernel, s=size)
    symbol = symbol.reshape(groups, -1, *symbol.shape[1:]).permute(0, 3, 4, 1, 2)
    return float(torch.linalg.matrix_norm(symbol, ord=2).max())


# A change of the argument by 1 changes the value by at most this much.
_LIPSCHITZ = {
    'identity': 1.0, 'dropout': 1.0, 'relu': 1.0, 'relu6': 1.0, 'hardtanh': 1.0, 'tanh': 1.0,
    'sigmoid': 0.25, 'hardsigmoid': 0.16667, 'hardswish': 1.5, 'silu': 1.09984, 'gelu': 1.12905,
    'leakyrelu': 1.0, 'elu': 1.0, 'abs': 1.0, 'neg': 1.0, 'clone': 1.0, 'contiguous': 1.0,
}
_RANGE = {'sigmoid': (0.0, 1.0), 'hardsigmoid': (0.0, 1.0), 'tanh': (-1.0, 1.0),
          'relu6': (0.0, 6.0)}
# Each output is a weighted mean or the maximum of inputs of the same channel.
_POOLING = {'avgpool2d', 'adaptiveavgpool2d', 'maxpool2d', 'interpolate', 'upsample',
            'upsamplingnearest2d', 'upsamplingbilinear2d', 'pad', 'zeropad2d'}
_SUMS = {'add', 'iadd', 'sub', 'isub'}
_PRODUCTS = {'mul', 'imul', 'multiply'}


@dataclass(frozen=True)
class _Bound:
    """What is known of a value: how it depends on the state, and its range."""

    matrix: np.ndarray | None  # [channels, channels of the state]; None: does not depend
    norm: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    weighted: bool = False  # whether a convolution lies between the state and it

    @property
    def size(self) -> float:
        return max(abs(self.low), abs(self.high))


class _Sensitivity(fx.Interpreter):
    """Run a cell and carry along how each value depends on the state."""

    def __init__(self, cell: nn.Module, factor: float = 1.0, *, norms: bool = True) -> None:
        self.traced = fx.symbolic_trace(cell)
        super().__init__(self.traced)
        self.extra_traceback = False  # our own errors say what is wrong
        self.factor = factor  # tried on the weights that read the state first
        self.norms = norms  # which take most of the time
        self.bounds: dict[fx.Node, _Bound] = {}
        self.readers: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def measure(self, x: torch.Tensor, state: torch.Tensor) -> Contraction:
        places = [each for each in self.traced.graph.nodes if each.op == 'placeholder']
        if len(places) != 2:
            raise ContractionError(
                f'the cell takes {len(places)} arguments, expected two: the input and the state')
        self.bounds = {places[0]: _Bound(None),
                       places[1]: _Bound(np.eye(state.shape[1]), 1.0)}
        with torch.no_grad():
            following = self.run(x.detach(), state.detach())
        if following.shape != state.shape:
            raise ContractionError(
                f'the cell turns a state of shape {tuple(state.shape)} into '
                f'{tuple(following.shape)}; expected the same shape')
        [last] = [node for node in self.traced.graph.nodes if node.op == 'output']
        bound = self.bounds[last.args[0]]
        if bound.matrix is None:
            return Contraction(0.0, 0.0, ())
        rate = float(np.abs(np.linalg.eigvals(bound.matrix)).max())
        return Contraction(rate, bound.norm, tuple(self.readers))

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op in ('placeholder', 'output'):
            return value
        name = _name(n, self.traced)
        if all(self.bounds[each].matrix is None for each in n.all_input_nodes):
            self.bounds[n] = self._constant(value, n, name)
            return value
        bound = self._rule(name, n)(n, name)
        assert bound.matrix is not None
        if value.ndim != 4 or len(bound.matrix) != value.shape[1]:
            raise ContractionError(
                f'{n.name} gives the shape {tuple(value.shape)}, expected [N, C, H, W] with '
                f'{len(bound.matrix)} channels, as "{name}" keeps them')
        self.bounds[n] = bound
        return value

    def _rule(self, name: str, node: fx.Node) -> Callable[[fx.Node, str], _Bound]:
        rules = {'conv2d': self._conv, 'batchnorm2d': self._batch_norm, 'cat': self._concat,
                 'concat': self._concat}
        for names, rule in ((_LIPSCHITZ, self._activation), (_POOLING, self._pooling),
                            (_SUMS, self._sum), (_PRODUCTS, self._product)):
            rules |= dict.fromkeys(names, rule)
        if name not in rules:
            raise ContractionError(
                f'no bound is known for "{name}" at {node.name}, through which the state goes; '
                'use convolutions, batch normalisation, activations, pooling, sums and products, '
                'or build the block with Settling(..., bounded=True)')
        return rules[name]

    def _constant(self, value: Any, node: fx.Node, name: str) -> _Bound:
        """Bound the range of a value that does not depend on the state."""
        if node.op == 'get_attr' and isinstance(value, torch.Tensor) and value.numel():
            return _Bound(None, low=float(value.min()), high=float(value.max()))
        if name in _SUMS | _PRODUCTS:
            return replace(self._rule(name, node)(node, name), matrix=None)
        low, high = _RANGE.get(name, (-math.inf, math.inf))
        return _Bound(None, low=low, high=high)

    def _operand(self, argument: Any) -> _Bound:
        if isinstance(argument, fx.Node):
            return self.bounds[argument]
        return _Bound(None, low=float(argument), high=float(argument))

    def _activation(self, node: fx.Node, name: str) -> _Bound:
        inner = self._operand(_arguments(node, 'input')[0])
        slope = _LIPSCHITZ[name]
        if name == 'leakyrelu':
            slope = max(slope, abs(self._setting(node, 'negative_slope', 1, 0.01)))
        if name == 'elu':
            slope = max(slope, abs(self._setting(node, 'alpha', 1, 1.0)))
        if name == 'dropout' and self._setting(node, 'training', 2, True):
            raise ContractionError('the block is in training mode; call eval() first')
        low, high = _RANGE.get(name, (-math.inf, math.inf))
        return _Bound(slope * _matrix(inner), slope * inner.norm, low, high, inner.weighted)

    def _setting(self, node: fx.Node, name: str, place: int, default: Any) -> Any:
        """Find a setting of a module or, by name or position, of a function."""
        if node.op == 'call_module':
            return getattr(self.traced.get_submodule(str(node.target)), name, default)
        return node.args[place] if place < len(node.args) else node.kwargs.get(name, default)

    def _pooling(self, node: fx.Node, name: str) -> _Bound:
        inner = self._operand(_arguments(node, 'input')[0])
        if self._setting(node, 'mode', 3, None) == 'bicubic':
            raise ContractionError(f'{node.name} overshoots: use nearest or bilinear')
        if name == 'avgpool2d' and self._setting(node, 'divisor_override', 6, None):
            raise ContractionError(f'{node.name} overrides the divisor of the mean: leave it out')
        return _Bound(_matrix(inner), math.inf, weighted=inner.weighted)

    def _sum(self, node: fx.Node, name: str) -> _Bound:
        left, right = (self._operand(each) for each in _arguments(node, 'input', 'other'))
        if node.kwargs.get('alpha', 1) != 1:
            raise ContractionError(f'{node.name} adds with a factor: multiply, then add')
        low, high = (left.low - right.high, left.high - right.low) if 'sub' in name else (
            left.low + right.low, left.high + right.high)
        return _Bound(_matrix(left) + _matrix(right), left.norm + right.norm, low, high,
                      left.weighted or right.weighted)

    def _product(self, node: fx.Node, name: str) -> _Bound:
        left, right = (self._operand(each) for each in _arguments(node, 'input', 'other'))
        matrix, norm = np.zeros(()), 0.0
        for changing, other in ((left, right), (right, left)):
            if changing.matrix is None:
                continue
            if not math.isfinite(other.size):
                raise ContractionError(
                    f'the product at {node.name} multiplies the state by something without a '
                    'bound; pass it through sigmoid or tanh first')
            matrix, norm = matrix + other.size * changing.matrix, norm + other.size * changing.norm
        size = left.size * right.size
        return _Bound(matrix, norm, -size, size, left.weighted or right.weighted)

    def _concat(self, node: fx.Node, name: str) -> _Bound:
        parts, axis = _arguments(node, 'tensors', 'dim')
        if axis not in (1, -3):
            raise ContractionError(f'{node.name} joins along dimension {axis}, expected channels')
        bounds = [self._operand(part) for part in parts]
        width = next(each.matrix.shape[1] for each in bounds if each.matrix is not None)
        rows = [np.zeros((self.env[part].shape[1], width)) if each.matrix is None else each.matrix
                for part, each in zip(parts, bounds)]
        return _Bound(np.concatenate(rows), math.hypot(*(each.norm for each in bounds)),
                      weighted=any(each.weighted for each in bounds))

    def _batch_norm(self, node: fx.Node, name: str) -> _Bound:
        module = self.traced.get_submodule(str(node.target)) if node.op == 'call_module' else None
        if not isinstance(module, nn.BatchNorm2d) or module.running_var is None:
            raise ContractionError(f'{node.name} normalises by the batch: use nn.BatchNorm2d')
        if module.training:
            raise ContractionError('the block is in training mode; call eval() first')
        gain = (module.running_var.double() + module.eps).rsqrt()
        if module.affine:
            gain = gain * module.weight.double().abs()
        gains, inner = gain.detach().cpu().numpy(), self._operand(node.args[0])
        return _Bound(gains[:, None] * _matrix(inner), float(gains.max()) * inner.norm,
                      weighted=inner.weighted)

    def _conv(self, node: fx.Node, name: str) -> _Bound:
        inner, key, weight, groups = self._convolution(node)
        before, taps = _matrix(inner), weight.double().abs().sum((2, 3)).cpu().numpy()
        factor = 1.0
        if not inner.weighted:
            factor, reads = self.factor, _readers(before, weight, groups)
            known = self.readers.get(key)
            self.readers[key] = (weight, reads if known is None else reads | known[1])
        out, width = len(taps) // groups, taps.shape[1]
        matrix = np.concatenate([
            taps[g * out:(g + 1) * out] @ before[g * width:(g + 1) * width]
            for g in range(groups)])
        norm = convolution_norm(weight, groups) * inner.norm if self.norms else math.nan
        return _Bound(factor * matrix, factor * norm, weighted=True)

    def _convolution(self, node: fx.Node) -> tuple[_Bound, str, torch.Tensor, int]:
        if node.op == 'call_module':
            module = self.traced.get_submodule(str(node.target))
            assert isinstance(module, nn.Conv2d)
            return (self._operand(node.args[0]), f'{node.target}.weight', module.weight.detach(),
                    module.groups)
        value, kernel, *_, groups = _arguments(
            node, 'input', 'weight', 'bias', 'stride', 'padding', 'dilation', 'groups')
        if self._operand(kernel).matrix is not None:
            raise ContractionError(f'{node.name} convolves with weights that depend on the state')
        return self._operand(value), str(kernel), self.env[kernel].detach(), groups or 1


def _matrix(bound: _Bound) -> np.ndarray:
    return np.zeros(()) if bound.matrix is None else bound.matrix


def _readers(before: np.ndarray, weight: torch.Tensor, groups: int) -> torch.Tensor:
    """Mark the taps `[out, in / groups, 1, 1]` whose input channel depends on the state."""
    reads = before.any(axis=1).reshape(groups, -1)
    mask = np.repeat(reads, weight.shape[0] // groups, axis=0)
    return torch.from_numpy(mask[:, :, None, None]).to(weight.device)


def _name(node: fx.Node, module: fx.GraphModule) -> str:
    """Name an operation alike as module, function and method: 'leakyrelu', 'add', 'conv2d'."""
    if node.op == 'call_module':
        name = type(module.get_submodule(str(node.target))).__name__
    else:
        name = getattr(node.target, '__name__', str(node.target))
    name = name.lower().strip('_').replace('_', '')
    return {'dropout2d': 'dropout', 'batchnorm': 'batchnorm2d'}.get(name, name)


def _arguments(node: fx.Node, *names: str) -> list[Any]:
    """Find arguments by position or name."""
    return [node.args[place] if place < len(node.args) else node.kwargs.get(name)
            for place, name in enumerate(names)]
