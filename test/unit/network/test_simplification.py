# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import pytest
import torch
from torch import nn

from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.graph import Graph
from ant_ros.network.settling import Settling


class _Layers(nn.Module):
    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function
        self.conv = nn.Conv2d(6, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)

    def forward(self, x):
        return self.function(self, x)


def check(module: nn.Module) -> Graph:
    """Convert with weights that make every merging matter, and compare with the module."""
    torch.manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias)
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
    module.eval()
    graph = convert(module, torch.randn(1, 6, 8, 12))
    x = 2 * torch.randn(1, 6, 8, 12)
    with torch.no_grad():
        expected = module(x)
        expected = expected if isinstance(expected, tuple) else (expected,)
        for y, out in zip(expected, run_dense(graph, x)):
            torch.testing.assert_close(out, y, rtol=1e-5, atol=1e-5)
    return graph


def _swish(y):
    return y.sigmoid() * y


def test_batch_norm_and_activation_go_into_the_convolution() -> None:
    graph = check(nn.Sequential(nn.Conv2d(6, 4, 3), nn.BatchNorm2d(4), nn.ReLU()))
    assert [(node.kind, node.activation) for node in graph.nodes] == [
        ('input', 'none'), ('conv', 'relu')]


def test_what_others_read_too_is_not_merged() -> None:
    graph = check(_Layers(lambda m, x: (lambda y: m.norm(y) + y)(m.conv(x))))
    assert [node.kind for node in graph.nodes] == ['input', 'conv', 'depthwise', 'add']


def test_an_output_is_not_merged() -> None:
    graph = check(_Layers(lambda m, x: (lambda y: (y, y.relu()))(m.conv(x))))
    assert [node.activation for node in graph.nodes] == ['none', 'none', 'relu']


def test_padding_goes_into_the_convolution() -> None:
    graph = check(nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(6, 4, 3, 2)))
    assert graph.nodes[1].padding == (0, 0, 1, 1)
    assert len(graph.nodes) == 2


def test_shared_weights_stay_shared() -> None:
    graph = check(_Layers(lambda m, x: m.conv(m.conv(x)).relu()))
    assert graph.nodes[1].weight == graph.nodes[2].weight == 'conv.weight'


def test_shared_weights_with_their_norm_stay_shared() -> None:
    graph = check(_Layers(lambda m, x: m.norm(m.conv(m.norm(m.conv(x))))))
    assert len(graph.nodes) == 3
    assert graph.nodes[1].weight == graph.nodes[2].weight == 'conv.weight*norm.scale'


def test_shared_weights_with_different_norms_are_not_folded() -> None:
    graph = check(_Layers(lambda m, x: m.norm(m.conv(x)) + m.conv(x)))
    assert [node.weight for node in graph.nodes if node.kind == 'conv'] == ['conv.weight'] * 2


def test_trainable_are_the_parameters_only() -> None:
    graph = check(nn.Sequential(nn.Conv2d(6, 4, 1), nn.AvgPool2d(2)))
    assert graph.trainable == ('0.weight', '0.bias')
    assert set(graph.tensors) - set(graph.trainable) == {'fixed.average'}


def test_silu_written_out_is_one_activation() -> None:
    graph = check(_Layers(lambda m, x: _swish(m.conv(x))))
    assert [node.activation for node in graph.nodes] == ['none', 'silu']


@pytest.mark.parametrize('activation', [nn.Sigmoid(), nn.ReLU()])
def test_padding_and_activation_in_any_order(activation: nn.Module) -> None:
    graph = check(nn.Sequential(activation, nn.ZeroPad2d(1), nn.Conv2d(6, 4, 3)))
    assert [node.kind for node in graph.nodes] == ['input', 'depthwise', 'conv']
    graph = check(nn.Sequential(nn.ZeroPad2d(1), activation, nn.Conv2d(6, 4, 3)))
    assert graph.nodes[1].padding == (1, 1, 1, 1)
    assert graph.nodes[2].padding == (0, 0, 0, 0)


def test_crop_before_a_padded_convolution_is_not_merged() -> None:
    graph = check(nn.Sequential(nn.ZeroPad2d(-1), nn.Conv2d(6, 4, 3, padding=1)))
    assert [node.padding[0] for node in graph.nodes] == [0, -1, 1]


def test_norm_after_padding() -> None:
    graph = check(nn.Sequential(nn.ZeroPad2d(1), nn.BatchNorm2d(6), nn.Conv2d(6, 4, 3)))
    assert graph.nodes[1].padding == (1, 1, 1, 1)


def test_padding_that_others_read_too_stays() -> None:
    graph = check(nn.Sequential(nn.ZeroPad2d(1), _Layers(lambda m, x: m.conv(x) + x)))
    assert [node.kind for node in graph.nodes] == ['input', 'depthwise', 'conv', 'add']


def test_activation_of_pooling_and_sums_is_merged() -> None:
    graph = check(nn.Sequential(nn.MaxPool2d(2), nn.Tanh(), _Layers(
        lambda m, x: (m.conv(x) + x).relu())))
    assert [(node.kind, node.activation) for node in graph.nodes] == [
        ('input', 'none'), ('maxpool', 'tanh'), ('conv', 'none'), ('add', 'relu')]


def test_norm_of_pooling_is_not_merged() -> None:
    graph = check(nn.Sequential(nn.MaxPool2d(2), nn.BatchNorm2d(6), nn.ReLU()))
    assert [(node.kind, node.activation) for node in graph.nodes] == [
        ('input', 'none'), ('maxpool', 'none'), ('depthwise', 'relu')]


def test_nothing_unread_is_left() -> None:
    def unread(m, x):
        m.norm(m.conv(x)).sigmoid()
        return m.conv(x).relu()

    graph = check(_Layers(unread))
    assert len(graph.nodes) == 2
    assert set(graph.tensors) == {'conv.weight', 'conv.bias'}


class _Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.back = nn.Conv2d(6, 6, 1)
        nn.init.constant_(self.back.weight, 0.05)

    def forward(self, x, h):
        return self.back(h) + x


def test_nothing_is_merged_across_the_border_of_a_settling_block() -> None:
    graph = check(nn.Sequential(nn.Conv2d(6, 6, 1), Settling(_Cell()), nn.BatchNorm2d(6)))
    (loop,) = graph.loops
    assert [node.kind for node in graph.nodes] == ['input', 'conv', 'conv', 'add', 'depthwise']
    assert (loop.first, loop.last) == (2, 3)
    assert graph.nodes[2].inputs == (3,)
