# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import math
from pathlib import Path
import runpy
import warnings

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
import pytest
import torch
from torch import nn

from ant_ros.network.settling import Settling

EXAMPLE = Path(__file__).parents[3] / 'examples' / 'settling.py'

class Lateral(nn.Module):
    """h = activation(drive(x) + feedback(h))."""

    def __init__(self, feedback: nn.Module, drive: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.feedback, self.drive, self.activation = feedback, drive, activation

    def forward(self, x, h):
        return self.activation(self.drive(x) + self.feedback(h))


class Mixing(nn.Module):
    """One convolution reads the input and the state together."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(inputs + channels, channels, 3, padding=1)
        self.spread = nn.Conv2d(channels, channels, 3, padding=2, dilation=2, groups=channels)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x, h):
        mixed = torch.relu(self.mix(torch.cat([x, h], 1)))
        return torch.tanh(self.norm(self.spread(mixed)))


def feedback(kind: str, channels: int) -> nn.Module:
    return {
        'conv': nn.Conv2d(channels, channels, 3, padding=1),
        'grouped': nn.Conv2d(channels, channels, 3, padding=1, groups=2),
        'separable': nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels), nn.ReLU6(),
            nn.Conv2d(channels, channels, 1)),
        'coarse': nn.Sequential(
            nn.Conv2d(channels, channels, 3, stride=2, padding=1), nn.SiLU(),
            nn.Upsample(scale_factor=2), nn.Conv2d(channels, channels, 1)),
    }[kind]


def settle_in_random_order(block: Settling, x: torch.Tensor, seed: int) -> torch.Tensor:
    """Update random positions of random channels, one share after the other, many times over."""
    draw = torch.Generator().manual_seed(seed)
    state = block.start(x)
    with torch.no_grad():
        for _ in range(400):
            chosen = torch.rand(state.shape, generator=draw) < 0.3
            state = torch.where(chosen, block.cell(x, state), state)
    return state


@settings(max_examples=10, deadline=None)
@given(kind=strategies.sampled_from(['conv', 'grouped', 'separable', 'coarse', 'mixing']),
       activation=strategies.sampled_from([nn.Tanh(), nn.GELU(), nn.LeakyReLU(0.2), nn.ELU(1.5)]),
       seed=strategies.integers(0, 1000))
def test_contracting_block_comes_to_the_same_rest_in_every_order(kind, activation, seed):
    torch.manual_seed(seed)
    cell = Mixing(3, 4) if kind == 'mixing' else Lateral(
        feedback(kind, 4), nn.Conv2d(3, 4, 1), activation)
    block = Settling(cell, 4, tolerance=1e-9, max_sweeps=1000).double().eval()
    with torch.no_grad():
        for weight in block.parameters():
            weight.mul_(3)
    x = torch.randn(1, 3, 6, 6, dtype=torch.float64)
    assert block.contract_(x, 0.8).rate <= 0.8
    assert block.verify(x) < 1
    rest = block.settle(x)
    assert rest.settled
    for order in (1, 2):
        torch.testing.assert_close(settle_in_random_order(block, x, order), rest.state,
                                   atol=1e-7, rtol=0)


def rotation(size: float) -> Settling:
    """Two channels that turn into each other; the 2-norm of the step is `size`."""
    turn = nn.Conv2d(2, 2, 1, bias=False)
    with torch.no_grad():
        turn.weight.copy_(size / math.sqrt(2) * torch.tensor(
            [[1.0, 1.0], [-1.0, 1.0]])[..., None, None])
    return Settling(Lateral(turn, nn.Identity(), nn.Identity()), max_sweeps=400).eval()


def test_block_whose_2_norm_alone_contracts_is_not_certified():
    block, x = rotation(0.9), torch.ones(1, 2, 1, 1)
    found = block.contraction(x)
    assert found.spectral_norm == pytest.approx(0.9, rel=1e-6)
    assert found.rate == pytest.approx(0.9 * math.sqrt(2), rel=1e-6)
    assert not found.certified
    assert block.settle(x).settled  # in lock-step
    with torch.no_grad():  # each channel in turn, until it rests: runs away
        state = block.start(x)
        for turn in range(40):
            for _ in range(60):
                state[:, turn % 2] = block.cell(x, state)[:, turn % 2]
    assert state.abs().max() > 1e4
    with pytest.raises(ValueError, match=r'rate of contraction is 1\.27, expected below 1'):
        block.verify(x)
    assert rotation(0.7).verify(x) == pytest.approx(0.7 * math.sqrt(2), rel=1e-6)


def test_block_that_may_not_settle_is_bounded_with_a_report():
    smear = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    nn.init.constant_(smear.weight, 0.2)
    x = torch.ones(1, 1, 9, 9)
    cell = Lateral(smear, nn.Identity(), nn.Identity())
    with pytest.raises(ValueError, match='bounded=True'):
        Settling(cell).verify(x)
    block = Settling(cell, max_sweeps=20, bounded=True)
    assert block.verify(x) == pytest.approx(1.8)
    answer = block.settle(x)
    assert (answer.settled, answer.sweeps) == (False, 20)
    assert answer.change > 1
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        block(x)
    with pytest.warns(UserWarning, match='after 20 sweeps'):
        Settling(cell, max_sweeps=20)(x)


def test_unknown_operation_is_refused_unless_bounded():
    cell = Lateral(nn.Softmax2d(), nn.Conv2d(3, 3, 1), nn.Tanh())
    x = torch.randn(1, 3, 4, 4)
    with pytest.raises(ValueError, match='no bound is known for "softmax2d" at feedback'):
        Settling(cell).verify(x)
    assert Settling(cell, bounded=True).verify(x) == math.inf


def test_gradients_flow_through_the_sweeps():
    torch.manual_seed(0)
    block = Settling(Mixing(2, 3), 3, tolerance=1e-12, max_sweeps=500).double().eval()
    x = torch.randn(1, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    block.contract_(x, 0.5)
    assert torch.autograd.gradcheck(block, x)


@pytest.mark.parametrize('setting', [{'tolerance': 0}, {'tolerance': math.nan},
                                     {'max_sweeps': 0}])
def test_bad_setting_is_refused(setting):
    with pytest.raises(ValueError, match=f'{next(iter(setting))} is .*, expected'):
        Settling(nn.Identity(), **setting)


def test_cell_that_changes_the_shape_is_refused():
    block = Settling(Lateral(nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 1), nn.ReLU()))
    with pytest.raises(ValueError, match=r'\(1, 3, 5, 5\) into \(1, 4, 5, 5\)'):
        block(torch.zeros(1, 3, 5, 5))
    with pytest.raises(ValueError, match=r'expected the same shape'):
        block.verify(torch.zeros(1, 3, 5, 5))


def test_example(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    assert 'refused: the block may not settle' in printed
    assert 'row with the gap: 0.9 0.9 1.0 1.0 0.9 0.9 0.5 0.5 0.5 0.5' in printed
