# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import math

import pytest
import torch
from torch import nn

from ant_ros.network.conversion_error import ConversionError
from ant_ros.network.lowering.tracing import trace


class Function(nn.Module):
    def __init__(self, function) -> None:
        super().__init__()
        self.function = function
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, *inputs):
        return self.function(self, *inputs)


X = torch.arange(90.0).reshape(1, 3, 5, 6)


def targets(module: nn.Module, *examples: torch.Tensor, **options) -> list[str]:
    traced = trace(module.eval(), *examples, **options)
    return [node.name for node in traced.graph.nodes if node.op not in ('placeholder', 'output')]


def test_every_node_carries_its_value() -> None:
    traced = trace(Function(lambda m, x: m.conv(x).relu() * 2).eval(), X)
    values = {node.name: node.meta['value'] for node in traced.graph.nodes if node.op != 'output'}
    torch.testing.assert_close(values['x'], X)
    torch.testing.assert_close(values['mul'], traced(X))


def test_sizes_are_numbers() -> None:
    def by_size(m, x):
        height, width = x.shape[-2:]
        assert len(x) == 1
        assert (x.dim(), x.ndim, x.numel()) == (4, 4, 90)
        assert x.dtype == torch.float32
        assert x.device.type == 'cpu'
        if math.ceil(height / 2) < width and x.size(1) == 3:
            return x.relu()
        return x.sigmoid()

    assert targets(Function(by_size), X) == ['relu']


def test_parts_can_be_unpacked() -> None:
    def parts(m, x):
        first, *others = x.split(1, dim=1)
        return first + others[1]

    assert targets(Function(parts), X) == ['split', 'getitem', 'getitem_1', 'getitem_2', 'add']


def test_two_inputs() -> None:
    traced = trace(Function(lambda m, x, h: m.conv(x) + h).eval(), X, X + 1)
    torch.testing.assert_close(traced(X, X), traced.network.conv(X) + X)


def test_leaves_stay_one_node() -> None:
    inner = Function(lambda m, x: m.conv(x).relu())
    assert targets(nn.Sequential(inner), X) == ['network_0_conv', 'relu']
    assert targets(nn.Sequential(inner), X, leaves=(Function,)) == ['network_0']


@pytest.mark.parametrize('function', [
    lambda m, x: x if x.mean() > 0 else -x, lambda m, x: x * float(x.max()),
    lambda m, x: x[int(x.sum())], lambda m, x: x * x.max().item(), lambda m, x: x.tolist()])
def test_decisions_on_values_are_refused(function) -> None:
    with pytest.raises(ConversionError, match=r'Function cannot be traced.*never on values'):
        trace(Function(function).eval(), X)


def test_an_error_of_the_module_is_given_on() -> None:
    with pytest.raises(ConversionError, match=r'input of \[1, 3, 5, 6\].*IndexError: none'):
        trace(Function(lambda m, x: _fail(IndexError('none'))).eval(), X)


def _fail(error: Exception) -> None:
    raise error


def test_the_module_is_left_alone() -> None:
    module = Function(lambda m, x: x.relu_() + torch.ones(3, 1, 1)).eval()
    kept = X.clone()
    trace(module, X)
    assert torch.equal(X, kept)
    assert set(vars(module)) == set(vars(Function(None)))
