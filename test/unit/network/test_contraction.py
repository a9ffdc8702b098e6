# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ant_ros.network.contraction import _LIPSCHITZ
from ant_ros.network.contraction import _name
from ant_ros.network.contraction import contract_
from ant_ros.network.contraction import contraction
from ant_ros.network.contraction import ContractionError
from ant_ros.network.contraction import convolution_norm


class Cell(nn.Module):
    """Any function of (x, h) with two convolutions at hand."""

    def __init__(self, function, channels: int = 3) -> None:
        super().__init__()
        self.function = function
        self.a = nn.Conv2d(channels, channels, 3, padding=1)
        self.b = nn.Conv2d(2 * channels, channels, 3, padding=1)

    def forward(self, x, h):
        return self.function(self, x, h)


def x_and_h(side: int = 5, channels: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    return (torch.randn(1, channels, side, side, generator=draw),
            torch.randn(1, channels, side, side, generator=draw))


def absolute_jacobian(cell: nn.Module, x: torch.Tensor, h: torch.Tensor) -> np.ndarray:
    jacobian = torch.autograd.functional.jacobian(lambda state: cell(x, state), h)
    return jacobian.reshape(h.numel(), h.numel()).abs().double().numpy()


def radius(matrix: np.ndarray) -> float:
    return float(np.abs(np.linalg.eigvals(matrix)).max())


FUNCTIONS = {
    'sum': lambda c, x, h: torch.tanh(x + c.a(h)),
    'leaky': lambda c, x, h: 0.5 * h - functional.leaky_relu(c.a(h), 0.3),
    'concat': lambda c, x, h: functional.silu(c.b(torch.cat([x, h], dim=1))),
    'twice': lambda c, x, h: torch.relu(c.a(functional.elu(c.a(h), 2.0) + x)),
    'gate of x': lambda c, x, h: torch.sigmoid(c.a(x)) * c.a(h),
    'gate of h': lambda c, x, h: torch.sigmoid(c.a(h)) * torch.tanh(c.b(torch.cat([h, x], 1))),
    'rest of a gate': lambda c, x, h: (1 - torch.sigmoid(x)) * h.tanh(),
    'pool': lambda c, x, h: functional.avg_pool2d(c.a(h), 3, 1, 1) + functional.max_pool2d(
        h, 3, 1, 1),
    'fetched': lambda c, x, h: functional.conv2d(h, c.a.weight, c.a.bias, 1, 2, 2) + x,
}


@pytest.mark.parametrize('name', FUNCTIONS)
def test_rate_is_an_upper_bound_on_any_map(name):
    torch.manual_seed(0)
    cell = Cell(FUNCTIONS[name]).eval()
    for side in (3, 8):
        x, h = x_and_h(side)
        found = contraction(cell, x, h)
        assert radius(absolute_jacobian(cell, x, h)) <= found.rate * (1 + 1e-6)
        assert found.rate == contraction(cell, *x_and_h(5)).rate


def test_rate_is_what_it_is_for_a_plain_convolution():
    torch.manual_seed(0)
    cell = Cell(lambda c, x, h: c.a(h))
    x, h = x_and_h(14)
    found = contraction(cell, x, h)
    assert radius(absolute_jacobian(cell, x, h)) > 0.9 * found.rate  # the border loses the rest
    assert found.scaled == ('a.weight',)
    assert contraction(Cell(lambda c, x, h: c.a(x)), x, h).rate == 0


def test_norm_of_the_convolution_is_not_that_of_its_reshaped_kernel():
    kernel = torch.full((1, 1, 3, 3), 0.2)
    assert torch.linalg.matrix_norm(kernel.reshape(1, -1), ord=2) == pytest.approx(0.6)
    assert convolution_norm(kernel) == pytest.approx(1.8)
    state = torch.ones(1, 1, 15, 15)
    for _ in range(10):  # one reads "0.6" and sees it grow
        state = functional.conv2d(state, kernel, padding=1)
    assert state.max() > 100


@pytest.mark.parametrize('groups', [1, 2])
def test_convolution_norm_against_the_whole_matrix(groups):
    torch.manual_seed(3)
    conv = nn.Conv2d(4, 6, 3, padding=1, groups=groups, bias=False)
    x = torch.zeros(1, 4, 12, 12)
    matrix = torch.autograd.functional.jacobian(conv, x).reshape(6 * 144, 4 * 144)
    norm = convolution_norm(conv.weight, groups)
    assert 0.93 * norm < torch.linalg.matrix_norm(matrix, ord=2) <= norm * (1 + 1e-4)


@pytest.mark.parametrize('name', ['relu', 'relu6', 'hardtanh', 'tanh', 'sigmoid', 'hardsigmoid',
                                  'hardswish', 'silu', 'gelu', 'elu', 'leaky_relu'])
def test_lipschitz_constants(name):
    z = torch.linspace(-8, 8, 400001, dtype=torch.float64, requires_grad=True)
    [slope] = torch.autograd.grad(getattr(functional, name)(z).sum(), z)
    constant = _LIPSCHITZ[name.replace('_', '')]
    assert slope.abs().max() <= constant + 1e-9
    assert constant < slope.abs().max() * 1.001


def test_enforcing_scales_only_what_reads_the_state():
    torch.manual_seed(0)
    cell = Cell(FUNCTIONS['concat'])
    with torch.no_grad():
        cell.b.weight.mul_(10)
    before = cell.b.weight.detach().clone()
    assert contraction(cell, *x_and_h()).rate > 1
    after = contract_(cell, *x_and_h(), rate=0.9)
    assert 0.89 < after.rate <= 0.9
    assert torch.equal(cell.b.weight[:, :3], before[:, :3])
    factor = cell.b.weight.detach()[:, 3:] / before[:, 3:]
    torch.testing.assert_close(factor, torch.full_like(factor, float(factor[0, 0, 0, 0])))
    assert contract_(cell, *x_and_h(), rate=0.95) == after  # contracts enough: left alone


def test_shortcut_past_the_weights_cannot_be_enforced():
    torch.manual_seed(0)
    cell = Cell(lambda c, x, h: h + c.a(h))
    before = cell.a.weight.detach().clone()
    with pytest.raises(ContractionError, match='by a way without weights'):
        contract_(cell, *x_and_h())
    assert torch.equal(cell.a.weight, before)
    with pytest.raises(ValueError, match=r'rate is 1\.0, expected between 0 and 1'):
        contract_(cell, *x_and_h(), rate=1.0)


@pytest.mark.parametrize(('function', 'message'), [
    (lambda c, x, h: h * h, 'without a bound'),
    (lambda c, x, h: c.a(x) * h, 'without a bound'),
    (lambda c, x, h: torch.exp(h), 'no bound is known for "exp"'),
    (lambda c, x, h: torch.add(x, h, alpha=3), 'adds with a factor'),
    (lambda c, x, h: torch.cat([h[:, :, :2], x], 2), 'no bound is known for "getitem"'),
    (lambda c, x, h: functional.batch_norm(h, None, None, training=True), 'BatchNorm2d'),
    (lambda c, x, h: functional.interpolate(h, scale_factor=1, mode='bicubic'), 'overshoots'),
    (lambda c, x, h: functional.dropout(h, 0.5, True), 'training mode'),
    (lambda c, x, h: functional.pad(h, (0, 0, 0, 0, 1, 0)), 'expected .* with 3 channels'),
])
def test_way_without_a_known_bound_is_refused(function, message):
    with pytest.raises(ContractionError, match=message):
        contraction(Cell(function), *x_and_h())


def test_batch_norm_in_training_is_refused():
    cell = Cell(lambda c, x, h: c.norm(h))
    cell.norm = nn.BatchNorm2d(3)
    with pytest.raises(ContractionError, match=r'call eval\(\) first'):
        contraction(cell.train(), *x_and_h())
    cell.norm.running_var.fill_(0.25)
    assert contraction(cell.eval(), *x_and_h()).rate == pytest.approx(2, rel=1e-4)


def test_cell_without_a_state_is_refused():
    with pytest.raises(ContractionError, match='takes 1 arguments, expected two'):
        contraction(nn.Sequential(nn.ReLU()), *x_and_h())


def test_operations_are_named_alike():
    class Three(nn.Module):
        def __init__(self):
            super().__init__()
            self.act = nn.LeakyReLU()

        def forward(self, x):
            return functional.leaky_relu(self.act(x)).relu_()

    traced = torch.fx.symbolic_trace(Three())
    names = [_name(node, traced) for node in traced.graph.nodes]
    assert names[1:4] == ['leakyrelu', 'leakyrelu', 'relu']
