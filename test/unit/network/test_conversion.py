# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ant_ros.bench.network.networks import efficientnet_lite0
from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.conversion import ConversionError
from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.graph import ACTIVATIONS
from ant_ros.network.graph import Graph
from ant_ros.network.graph import KINDS
from ant_ros.network.settling import Settling


class Call(nn.Module):
    """A module of 6 channels at 8x12 positions around a function of module and map."""

    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function
        self.conv = nn.Conv2d(6, 6, 3, padding=1)
        self.point = nn.Conv2d(6, 6, 1)
        self.norm = nn.BatchNorm2d(6)
        self.linear = nn.Linear(6, 4)
        self.wide = nn.Linear(6 * 8 * 12, 5)
        self.gamma = nn.Parameter(torch.randn(1, 6, 1, 1))
        self.prelu = nn.PReLU(6)
        self.register_buffer('mean', torch.randn(6, 1, 1))
        self.register_buffer('std', torch.rand(6, 1, 1) + 0.5)

    def forward(self, x):
        return self.function(self, x)


def check(module: nn.Module, shape: tuple[int, ...] = (1, 6, 8, 12)) -> Graph:
    """Convert on one input, compare on another."""
    torch.manual_seed(0)
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            if layer.affine:
                nn.init.uniform_(layer.weight, 0.5, 1.5)
                nn.init.normal_(layer.bias)
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2.0)
    module.eval()
    graph = convert(module, torch.randn(shape))
    for node in graph.nodes:
        assert node.kind in KINDS
        assert node.activation in ACTIVATIONS
    x = 2 * torch.randn(shape)
    with torch.no_grad():
        expected = module(x.clone())
        expected = expected if isinstance(expected, tuple) else (expected,)
        outputs = run_dense(graph, x)
    assert len(outputs) == len(expected)
    for y, out in zip(expected, outputs):
        assert out.shape == y.shape
        assert float((out - y).abs().max()) <= 1e-5 * float(y.abs().max())
    return graph


LAYERS = {
    'strided': nn.Conv2d(6, 4, 3, 2, 1),
    'even': nn.Conv2d(6, 4, 4, 2),
    'depthwise': nn.Conv2d(6, 6, 5, padding=2, groups=6),
    'multiplier': nn.Conv2d(6, 12, 3, padding=1, groups=6),
    'grouped': nn.Conv2d(6, 4, 3, padding=1, groups=2),
    'dilated': nn.Conv2d(6, 4, 3, padding=(2, 3), dilation=(2, 3)),
    'oblong': nn.Conv2d(6, 4, (1, 5), (1, 2), (0, 2), bias=False),
    'same': nn.Conv2d(6, 4, (4, 3), padding='same', dilation=(1, 2)),
    'valid': nn.Conv2d(6, 4, 3, padding='valid'),
    'norm': nn.Sequential(nn.Conv2d(6, 4, 3, bias=False), nn.BatchNorm2d(4)),
    'norm_first': nn.Sequential(nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 4, 3, padding=1)),
    'norm_plain': nn.BatchNorm2d(6, affine=False),
    **{f'{type(layer).__name__}': nn.Sequential(nn.Conv2d(6, 4, 1), layer) for layer in (
        nn.ReLU(inplace=True), nn.ReLU6(), nn.SiLU(), nn.Sigmoid(), nn.Tanh(), nn.Hardswish(),
        nn.Hardsigmoid(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.GELU(), nn.SELU(), nn.PReLU(),
        nn.Hardtanh(0, 6), nn.Hardtanh(-1, 0.5), nn.Identity(), nn.Dropout(), nn.Dropout2d())},
    'activation_only': nn.Tanh(),
    'max_pool': nn.MaxPool2d(3, 2, 1),
    'max_pool_ceil': nn.MaxPool2d((3, 5), 2, (0, 1), ceil_mode=True),
    'max_pool_ceil_drops': nn.MaxPool2d(2, 3, 1, ceil_mode=True),
    'max_pool_dilated': nn.MaxPool2d(2, 1, dilation=3),
    'max_pool_activation': nn.Sequential(nn.MaxPool2d(2), nn.ReLU()),
    'avg_pool': nn.AvgPool2d(2),
    'avg_pool_padded': nn.AvgPool2d(3, 2, 1),
    'avg_pool_divisor': nn.AvgPool2d(2, divisor_override=3),
    'adaptive_1': nn.AdaptiveAvgPool2d(1),
    'adaptive_divisor': nn.AdaptiveAvgPool2d((4, 3)),
    'adaptive_none': nn.AdaptiveAvgPool2d((None, 3)),
    'adaptive_max': nn.AdaptiveMaxPool2d(2),
    'nearest': nn.Upsample(scale_factor=2),
    'nearest_odd': nn.Upsample(size=(13, 7)),
    'bilinear': nn.Upsample(scale_factor=2, mode='bilinear'),
    'bilinear_corners': nn.Upsample(size=(11, 5), mode='bilinear', align_corners=True),
    'upsampling_bilinear': nn.UpsamplingBilinear2d(scale_factor=2),
    'upsampling_nearest': nn.UpsamplingNearest2d(scale_factor=3),
    'pad': nn.ZeroPad2d((1, 2, 3, 0)),
    'pad_conv': nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(6, 4, 3, 2)),
    'pad_crop': nn.Sequential(nn.ZeroPad2d((-1, 2, -3, 0)), nn.Conv2d(6, 4, 3, padding=1)),
    'pad_pool': nn.Sequential(nn.ZeroPad2d(1), nn.MaxPool2d(3, 2)),
    'head': nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4), nn.ReLU(),
                          nn.Linear(4, 3, bias=False)),
    'norm_1d': nn.Sequential(nn.Flatten(), nn.Linear(576, 8), nn.BatchNorm1d(8), nn.ReLU()),
    'flat_head': nn.Sequential(nn.Conv2d(6, 2, 3), nn.Flatten(), nn.Linear(120, 4)),
}


@pytest.mark.parametrize('name', LAYERS)
def test_layers(name: str) -> None:
    check(LAYERS[name])


CALLS = {
    'conv_function': lambda m, x: F.conv2d(x, m.conv.weight, m.conv.bias, stride=2, padding=1),
    'conv_own_weights': lambda m, x: F.conv2d(x, m.conv.weight * 0.5, padding='same'),
    'norm_function': lambda m, x: F.batch_norm(
        x, m.norm.running_mean, m.norm.running_var, m.norm.weight, m.norm.bias, False, 0.1, 1e-3),
    'linear_function': lambda m, x: F.linear(x.mean((2, 3)), m.linear.weight, m.linear.bias),
    'linear_flat': lambda m, x: m.wide(x.view(x.size(0), -1)),
    'linear_flat_pooled': lambda m, x: m.linear(F.adaptive_avg_pool2d(x, 1).flatten(1)),
    'reshape_shape': lambda m, x: m.wide(x.reshape(x.shape[0], -1).relu()),
    'methods': lambda m, x: m.conv(x).relu().add(x).mul(0.5).sub(x).sigmoid().tanh().neg(),
    'relu_in_place': lambda m, x: _used_after(m.conv(x)),
    'relu_function': lambda m, x: F.relu(m.conv(x), inplace=True) + F.relu6(x),
    'clamp_06': lambda m, x: m.conv(x).clamp(0, 6),
    'clamp_range': lambda m, x: torch.clamp(m.conv(x), -0.5, 1.5),
    'clamp_min': lambda m, x: x.clamp(min=0.3),
    'clamp_max': lambda m, x: x.clamp(max=0.3),
    'hardtanh': lambda m, x: F.hardtanh(x, 0.0, 6.0),
    'swish': lambda m, x: m.conv(x) * torch.sigmoid(m.conv(x)) + _swish(m.point(x)),
    'hardswish': lambda m, x: x * F.relu6(x + 3) / 6,
    'prelu': lambda m, x: m.prelu(x),
    'abs_pow': lambda m, x: x.abs() + x ** 2 + torch.pow(x, 3),
    'add_alpha': lambda m, x: torch.add(x, m.conv(x), alpha=-0.3) + torch.sub(x, 1, alpha=2),
    'scalars': lambda m, x: 1 - (2 * x - 3) / 4 + (x / 0.5) * -1,
    'add_in_place': lambda m, x: _sum_in_place(m.conv(x), x),
    'three': lambda m, x: m.conv(x) + x + m.point(x),
    'same_twice': lambda m, x: x + x + x * x,
    'parameter_scale': lambda m, x: x * m.gamma + m.mean,
    'parameter_on_conv': lambda m, x: m.conv(x) * m.gamma,
    'normalise': lambda m, x: m.conv((x - m.mean) / m.std),
    'excite': lambda m, x: x * torch.sigmoid(m.point(x.mean((2, 3), keepdim=True))),
    'excite_vector': lambda m, x: _excite(m, x),
    'excite_expanded': lambda m, x: x * x.mean((2, 3), keepdim=True).expand_as(x),
    'excite_index': lambda m, x: x.mean((-1, -2))[:, :, None, None].sigmoid() * x,
    'spatial_gate': lambda m, x: x * x.mean(1, keepdim=True).sigmoid(),
    'broadcast_add': lambda m, x: x + x.mean((2, 3), keepdim=True) + x.sum(1, keepdim=True),
    'wide_constant': lambda m, x: x[:, :1] * m.gamma,
    'cat': lambda m, x: torch.cat([x, m.conv(x), x], dim=1),
    'cat_negative': lambda m, x: torch.cat((m.conv(x), x), -3),
    'cat_vectors': lambda m, x: torch.cat([x.mean((2, 3)), x.sum((2, 3))], 1),
    'cat_constant': lambda m, x: torch.cat([x, torch.zeros(1, 3, 8, 12)], 1),
    'split': lambda m, x: x.split([2, 4], dim=1)[1].tanh(),
    'chunk': lambda m, x: _gated(m.conv(x)),
    'channels': lambda m, x: m.conv(x)[:, 1:4] + x[:, -3:],
    'narrow': lambda m, x: x.narrow(1, 2, 3),
    'crop': lambda m, x: m.conv(x[:, :, 1:-2, 3:]),
    'crop_ellipsis': lambda m, x: x[..., 2:, :-1],
    'interpolate': lambda m, x: F.interpolate(x, scale_factor=(2, 3)),
    'interpolate_sizes': lambda m, x: F.interpolate(
        x, size=(x.shape[2] * 2 - 1, x.shape[3] // 2), mode='bilinear', align_corners=False),
    'interpolate_half': lambda m, x: F.interpolate(x, scale_factor=0.5, mode='bilinear'),
    'interpolate_recompute': lambda m, x: F.interpolate(x, scale_factor=1.3,
                                                        recompute_scale_factor=True),
    'pad_function': lambda m, x: F.conv2d(F.pad(x, [0, 1, 0, 1]), m.conv.weight, stride=2),
    'pad_shape': lambda m, x: F.avg_pool2d(F.pad(x, (0, -x.size(3) % 5, 0, -x.size(2) % 3)), 3),
    'pools': lambda m, x: F.max_pool2d(x, 2) + F.avg_pool2d(x, (2, 2)) + F.adaptive_max_pool2d(
        x, (4, 6)),
    'views': lambda m, x: m.linear(x.mean((2, 3), True).squeeze(-1).squeeze(-1)).unsqueeze(-1),
    'view_mean': lambda m, x: m.linear(x.view(1, 6, -1).mean(-1)),
    'squeeze_all': lambda m, x: x.mean((2, 3), keepdim=True).squeeze(),
    'mean_all': lambda m, x: x.mean(1, keepdim=True).mean(),
    'dropout': lambda m, x: F.dropout(m.conv(x), 0.5, training=m.training),
    'sizes': lambda m, x: m.conv(x) if x.shape[-1] > 4 and len(x.shape) == 4 else x,
    'ceil': lambda m, x: F.pad(x, [math.ceil(x.size(-1) / 5)] * 2),
    'tuple': lambda m, x: (m.conv(x), m.point(m.conv(x)), x.mean((2, 3))),
    'zeros': lambda m, x: m.conv(torch.zeros_like(x)) + m.conv(x) * torch.ones(1, 6, 1, 1),
    'input_output': lambda m, x: (x, m.conv(x)),
    'clone': lambda m, x: m.conv(x.clone().contiguous()).detach().to(torch.float32),
    'recurrence': lambda m, x: _unroll(m, x),
}


def _used_after(y):
    y.relu_()
    return y + 1


def _swish(y):
    return y.sigmoid() * y


def _sum_in_place(y, x):
    y += x
    y *= 2
    return y


def _excite(m, x):
    gate = F.relu(m.linear(x.mean(dim=[2, 3])))
    gate = torch.cat([gate, gate[:, :2]], 1).sigmoid().view(x.shape[0], 6, 1, 1)
    return x * gate.expand(-1, -1, *x.shape[2:])


def _gated(y):
    a, b = y.chunk(2, dim=1)
    return a * torch.sigmoid(b)


def _unroll(m, x):
    h = torch.zeros_like(x)
    for _ in range(3):
        h = torch.tanh(m.conv(h) + m.point(x))
    return h


@pytest.mark.parametrize('name', CALLS)
def test_calls(name: str) -> None:
    torch.manual_seed(1)
    check(Call(CALLS[name]))


@pytest.mark.parametrize('name', NETWORKS)
def test_networks(name: str) -> None:
    size = 64
    module = NETWORKS[name]()
    graph = convert(module, texture(1, size, 0)[0].numpy())
    x = texture(1, size, 1)
    with torch.no_grad():
        y, out = module(x), run_dense(graph, x)[0]
    assert float((out - y).abs().max()) <= 1e-5 * float(y.abs().max())


def test_whole_efficientnet() -> None:
    module = efficientnet_lite0(None, 96)
    x = texture(1, 96, 0)
    graph = convert(module, x)
    assert graph.output_shapes == ((1, 1000),)
    with torch.no_grad():
        y, out = module(x), run_dense(graph, x)[0]
    assert float((out - y).abs().max()) <= 1e-5 * float(y.abs().max())
    assert {node.kind for node in graph.nodes} == {'input', 'conv', 'depthwise', 'add', 'mean'}


class Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.feed = nn.Conv2d(3, 4, 3, padding=1)
        self.back = nn.Conv2d(4, 4, 3, padding=1)
        with torch.no_grad():
            self.back.weight *= 0.3

    def forward(self, x, h):
        return torch.tanh(self.feed(x) + self.back(h))


def test_settling_becomes_a_loop_with_a_back_edge() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 3, 1), Settling(Cell(), 4, tolerance=1e-6, max_sweeps=50),
                           nn.ReLU(), nn.Conv2d(4, 2, 1))
    graph = check(module, (1, 3, 8, 8))
    (loop,) = graph.loops
    assert (loop.tolerance, loop.max_sweeps) == (1e-6, 50)
    back = [(i, j) for i, node in enumerate(graph.nodes) for j in node.inputs if j >= i]
    assert len(back) == 1
    assert all(loop.first <= i <= j <= loop.last for i, j in back)
    assert graph.nodes[back[0][1]].activation == 'tanh'
    assert graph.nodes[loop.last + 1].activation == 'relu'


def test_two_settling_blocks() -> None:
    torch.manual_seed(0)
    graph = check(nn.Sequential(Settling(Cell(), 4), nn.Conv2d(4, 3, 1), Settling(Cell(), 4)),
                  (1, 3, 8, 8))
    assert len(graph.loops) == 2
    assert graph.loops[0].last < graph.loops[1].first


class Decision(nn.Module):
    def forward(self, x):
        return x if x.sum() > 0 else -x


class Reads(nn.Module):
    def forward(self, x):
        return x * x.max().item()


class Module(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), layer)

    def forward(self, x):
        return self.features(x)


@pytest.mark.parametrize(('module', 'message'), [
    (Module(nn.ConvTranspose2d(8, 4, 2, 2)),
     r"node 'features_1' \(ConvTranspose2d\).*use Upsample followed by Conv2d"),
    (Module(nn.GroupNorm(2, 8)), r"'features_1' \(GroupNorm\).*use BatchNorm2d"),
    (Module(nn.Conv2d(8, 4, 3, padding=1, padding_mode='reflect')), 'padding_mode'),
    (Module(nn.AvgPool2d(3, 2, 1, count_include_pad=False)), 'count_include_pad=True'),
    (Module(nn.AvgPool2d(3, 2, ceil_mode=True)), 'ceil_mode=False'),
    (Module(nn.AdaptiveAvgPool2d(5)), 'divides'),
    (Module(nn.Upsample(scale_factor=1.3)), 'recompute_scale_factor=True'),
    (Module(nn.Upsample(scale_factor=2, mode='bicubic')), "mode='nearest' or 'bilinear'"),
    (Module(nn.GELU('tanh')), "approximate='none'"),
    (Module(nn.Linear(12, 3)), 'flatten the map'),
    (Module(nn.Softmax(dim=1)), 'apply it to the answer'),
    (Module(nn.MaxPool2d(2, return_indices=True)), 'return_indices=False'),
    (Module(nn.BatchNorm2d(8, track_running_stats=False)), 'track_running_stats=True'),
    (Module(nn.PixelShuffle(2)), r"'features_1' \(PixelShuffle\).*replace it by"),
    (Call(lambda m, x: x.permute(0, 2, 3, 1)), r"'permute' \(permute\)"),
    (Call(lambda m, x: x / m.conv(x)), 'division by a map'),
    (Call(lambda m, x: F.dropout(x)), r'training=self\.training'),
    (Call(lambda m, x: F.pad(x, (1, 1, 1, 1), value=3.0)), 'pad with zeros'),
    (Call(lambda m, x: F.pad(x, (1, 1, 1, 1), mode='reflect')), 'pad with zeros'),
    (Call(lambda m, x: torch.cat([x, x], 2)), 'dim=1'),
    (Call(lambda m, x: x[:, :, ::2]), 'slices without a step'),
    (Call(lambda m, x: x + torch.randn(1, 6, 8, 12)), 'differs between positions'),
    (Call(lambda m, x: x.view(1, 12, 4, 12)), 'apart'),
    (Call(lambda m, x: F.conv2d(x, x[:, :, :3, :3])), 'kernel depends on the input'),
    (Call(lambda m, x: x.relu().exp()), r"'exp' \(exp\)"),
    (Call(lambda m, x: torch.zeros(3)), 'does not depend on its input'),
    (Decision(), 'control flow.*never on values'),
    (Reads(), 'read out of a map'),
    (nn.Conv2d(5, 3, 1), r'cannot be traced on an input of \[1, 6, 8, 12\]'),
])
def test_unsupported_is_named(module: nn.Module, message: str) -> None:
    torch.manual_seed(0)
    with pytest.raises(ConversionError, match=message):
        convert(module.eval(), torch.randn(1, 6, 8, 12))


def test_what_tracing_does_not_see_is_found_out() -> None:
    def view_changed(m, x):
        y = m.conv(x)
        y.view(1, -1).relu_()
        return y

    with pytest.raises(ConversionError, match='differs from the module'):
        convert(Call(view_changed).eval(), torch.randn(1, 6, 8, 12))


@pytest.mark.parametrize(('expected', 'message'), [
    (torch.zeros(2, 6, 8, 12), r'\[2, 6, 8, 12\]; give one map'),
    (torch.zeros(6, 8), r'shape \[6, 8\]'),
    (torch.zeros(0, 6, 8, 12), r'\[0, 6, 8, 12\]'),
    (torch.zeros(1, 6, 8, 12, dtype=torch.float64), 'float64; give float32'),
    (np.zeros((1, 6, 8, 12), np.uint8), 'uint8; give float32'),
    (torch.full((1, 6, 8, 12), torch.nan), 'NaN or Inf'),
    (torch.full((1, 6, 8, 12), torch.inf), 'NaN or Inf'),
    ([1.0], 'list'),
])
def test_bad_expectation(expected: object, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        convert(nn.Conv2d(6, 3, 1).eval(), expected)


def test_training_mode_is_refused() -> None:
    module = nn.Sequential(nn.Conv2d(6, 3, 1), nn.BatchNorm2d(3)).eval()
    module[1].train()
    with pytest.raises(ConversionError, match=r'training mode \(1\); call eval'):
        convert(module, torch.zeros(1, 6, 8, 12))


def test_bad_weights_are_refused() -> None:
    module = nn.Conv2d(6, 3, 1).eval()
    nn.init.constant_(module.bias, torch.nan)
    with pytest.raises(ConversionError, match='parameter bias holds NaN'):
        convert(module, torch.zeros(1, 6, 8, 12))
    with pytest.raises(ConversionError, match='float64'):
        convert(nn.Conv2d(6, 3, 1).double().eval(), torch.zeros(1, 6, 8, 12))
    with pytest.raises(ConversionError, match='not a torch'):
        convert(lambda x: x, torch.zeros(1, 6, 8, 12))


def test_parametrized_weights() -> None:
    graph = check(nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(6, 4, 3)),
                                nn.ReLU()))
    assert len(graph.nodes) == 2


def test_an_array_may_be_a_read_only_view() -> None:
    array = np.zeros((1, 6, 8, 24), np.float32)[..., ::-2]
    array.flags.writeable = False
    assert convert(nn.Conv2d(6, 3, 1).eval(), array).nodes[0].shape == (6, 8, 12)


def test_conversion_leaves_module_and_input_as_they_were() -> None:
    module = Call(lambda m, x: F.relu(x, inplace=True) + torch.ones(6, 1, 1)).eval()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    x = torch.randn(1, 6, 8, 12)
    kept = x.clone()
    convert(module, x)
    assert torch.equal(x, kept)
    assert module.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert not [name for name in vars(module) if name.startswith('_tensor')]
