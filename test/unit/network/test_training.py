# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
import math
from pathlib import Path
import re
import runpy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.settling import Settling
from ant_ros.network.training import TrainableNetwork

EXAMPLE = Path(__file__).parents[3] / 'examples' / 'train_with_events.py'
SIDE = 24


class Net(nn.Module):
    """Strides, a skip that is joined, a gate, pooling and a head; one convolution used twice."""

    def __init__(self, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.twice = nn.Conv2d(4, 4, 3, padding=1)
        self.joined = nn.Conv2d(8, 6, 1)
        self.head = nn.Linear(6, 3)
        self.activation = activation()

    def forward(self, x):
        first = self.activation(self.stem(x))
        second = self.activation(self.twice(self.activation(self.twice(first))) + first)
        joined = self.activation(self.joined(torch.cat([first, second], 1)))
        return self.head(joined.mean((2, 3)))


class Lateral(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.drive = nn.Conv2d(1, 3, 3, stride=2, padding=1)
        self.settling = Settling(Cell(), tolerance=1e-4, max_sweeps=60)
        self.head = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        return self.head(self.settling(self.drive(x)))


class Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.feedback = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x, h):
        return torch.tanh(x + self.feedback(h))


def make(module: nn.Module, seed: int = 0, **options) -> tuple[TrainableNetwork, torch.Tensor]:
    """Return the network and images that differ from the expected one in a patch each."""
    draw = torch.Generator().manual_seed(seed)
    expected = torch.rand(1, SIDE, SIDE, generator=draw)
    images = expected.repeat(6, 1, 1, 1)
    for image, (row, column) in zip(images, torch.randint(0, SIDE - 6, (6, 2), generator=draw)):
        image[:, row:row + 6, column:column + 6] = torch.rand(1, 6, 6, generator=draw)
    images[0] = expected
    return TrainableNetwork.from_module(module.eval(), expected, **options), images


def a_net(activation: type[nn.Module] = nn.ReLU, **options):
    torch.manual_seed(0)
    return make(Net(activation), **options)


def a_lateral_net(rate: float = 0.6, **options):
    torch.manual_seed(0)
    module = Lateral().eval()
    module.settling.contract_(torch.zeros(1, 3, SIDE // 2, SIDE // 2), rate)
    return make(module, **options)


def test_at_threshold_0_it_is_the_dense_network():
    network, images = a_net(threshold=0.0, passing=0.0)
    ran = network(images)
    torch.testing.assert_close(ran.outputs, network.run_dense(images), atol=1e-6, rtol=0)
    assert ran.units[0] == 0
    assert (ran.units[1:] > 10).all()
    torch.testing.assert_close(ran.computed.sum(1), ran.units)


# A loop's reference is at rest to within its tolerance only, here and in the engine.
@pytest.mark.parametrize(('maker', 'within', 'units_within'), [
    (a_net, 1e-5, 0), (a_lateral_net, 1e-4, 0.25)])
@pytest.mark.parametrize('passing', [0.0, 0.1])
def test_it_executes_what_the_event_engine_executes(maker, within, units_within, passing):
    network, images = maker(threshold=0.05, passing=passing)
    engine = network.to_async()
    ran = network(images)
    for image, output, units in zip(images, ran.outputs[0], ran.units):
        answer = engine.run(image.numpy(), record=True)  # so that it does not run densely
        np.testing.assert_allclose(answer.output.reshape(output.shape), output.detach(), rtol=0,
                                   atol=within)
        assert abs(answer.work.units - units) <= units_within * units


@pytest.mark.parametrize('schedule', ['batched', 'priority', 'random'])
@pytest.mark.parametrize('maker', [a_net, a_lateral_net])
def test_recorded_run_is_replayed_with_its_gradients(schedule, maker):
    network, images = maker(threshold=0.05, passing=0.1)
    answer = network.to_async().run(images[3].numpy(), schedule=schedule, record=True)
    again = network.replay(images[3], answer.log)
    np.testing.assert_allclose(again.outputs[0].detach().reshape(-1), answer.output.reshape(-1),
                               rtol=0, atol=1e-4)
    assert int(again.units) == answer.work.units
    again.outputs[0].square().sum().backward()
    assert network.weights[0].grad.abs().sum() > 0
    if schedule != 'batched' or maker is a_lateral_net:
        return
    replayed = [weight.grad.clone() for weight in network.weights]
    network.zero_grad()
    network(images[3:4]).outputs[0].square().sum().backward()
    for weight, gradient in zip(network.weights, replayed):
        torch.testing.assert_close(weight.grad, gradient, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(('maker', 'options'), [
    (a_net, {'activation': nn.SiLU, 'threshold': 0.0, 'passing': 0.0}),
    (a_net, {'activation': nn.SiLU, 'threshold': 1e-3, 'passing': 1e-6}),
    # A loop ends with changes at its tolerance; a tiny one makes that end smooth enough.
    (a_lateral_net, {'rate': 0.2, 'threshold': 0.0, 'passing': 0.0}),
])
def test_gradcheck_where_no_change_is_near_a_threshold(maker, options):
    network, images = maker(**options)
    network, images = network.double(), images[:3].double()
    network.graph = replace(network.graph, loops=tuple(
        replace(loop, tolerance=1e-11) for loop in network.graph.loops))

    def outputs(*weights: torch.Tensor) -> torch.Tensor:
        named = {f'weights.{place}': weight for place, weight in enumerate(weights)}
        return torch.func.functional_call(network, named, (images,)).outputs[0]

    assert torch.autograd.gradcheck(outputs, tuple(network.weights), fast_mode=True)


def test_gradients_flow_through_executed_events_only():
    network, images = a_net(nn.SiLU, threshold=1e9, passing=0.01)
    images.requires_grad_()
    ran = network(images)  # no tile of the input is an event
    assert ran.units.sum() == 0
    assert torch.autograd.grad(ran.outputs[0].sum(), images, allow_unused=True) == (None,)
    network.log_thresholds.data[0] = math.log(0.01)
    outputs = network(images).outputs[0]
    [gradient] = torch.autograd.grad(outputs.sum(), images)
    assert not gradient[0].any()
    changed = (images - network.expected).abs().amax(1) > 0
    side = network.layout.tile[0]
    tiles = functional.max_pool2d(changed.float(), side) > 0
    tiles = tiles.repeat_interleave(side, 1).repeat_interleave(side, 2)
    assert gradient.abs().amax(1)[tiles].gt(0).any()
    assert not gradient.abs().amax(1)[~tiles].any()


def test_price_moves_thresholds_up_and_units_down():
    network, images = a_net(threshold=0.05, passing=0.3)
    before = network.thresholds.detach().clone()
    first = network(images)
    optimiser = torch.optim.Adam([network.log_thresholds], 0.05)
    for _ in range(25):
        optimiser.zero_grad()
        network(images).units.sum().backward()
        optimiser.step()
    assert network(images).units.sum() < 0.95 * first.units.sum()
    assert (network.thresholds >= before - 1e-6).all()
    assert (network.thresholds[1:4] > before[1:4]).any()


def test_threshold_0_stays_0():
    network, images = a_net(threshold=0.0, passing=0.0)
    optimiser = torch.optim.Adam(network.parameters(), 0.01)
    ran = network(images)
    (ran.outputs[0].square().sum() + ran.units.sum()).backward()
    optimiser.step()
    assert not network.thresholds.any()
    assert all(weight.isfinite().all() for weight in network.weights)


def test_shared_weights_stay_shared():
    network, _ = a_net()
    assert sum('twice' in key and 'weight' in key for key in network.keys) == 1
    used = [node.weight for node in network.graph.nodes if node.weight and 'twice' in node.weight]
    assert len(used) == 2
    assert len(set(used)) == 1


def test_training_under_the_schedule_lowers_loss_and_reaches_the_engine():
    network, images = a_net(threshold=0.05, passing=0.05)
    images[1::2, :, 4:20, 4:20] += 3.0  # tell these from the others
    target = torch.tensor([0, 1, 0, 1, 0, 1])
    optimiser = torch.optim.Adam(network.parameters(), 0.02)
    losses = []
    for _ in range(30):
        ran = network(images)
        loss = functional.cross_entropy(ran.outputs[0], target)
        optimiser.zero_grad()
        (loss + 1e-4 * ran.units.mean()).backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]
    engine = network.to_async()
    assert isinstance(engine, AsyncNetwork)
    for image, output in zip(images, network(images).outputs[0]):
        answer = engine.run(image.numpy(), record=True)
        np.testing.assert_allclose(answer.output.reshape(-1), output.detach(), rtol=1e-4)


@pytest.mark.parametrize(('options', 'message'), [
    ({'threshold': -1.0}, 'threshold is -1.0, expected at least 0'),
    ({'threshold': math.nan}, 'threshold is nan'),
    ({'passing': -0.5}, 'passing threshold -0.5'),
    ({'passing': {'nowhere': 1.0}}, "'nowhere': no such node"),
    ({'spread': 0.0}, 'smallest spread is 0.0, expected above 0'),
])
def test_bad_setting_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        a_net(**options)


def test_bad_input_is_refused():
    network, images = a_net()
    with pytest.raises(ValueError, match=r'expected \[N, 1, 24, 24\]'):
        network(images[:, :, :20])
    with pytest.raises(ValueError, match=r'expected \[N, 1, 24, 24\]'):
        network(images[:0])
    with pytest.raises(ValueError, match=r'finite values of shape \[1, 24, 24\]'):
        TrainableNetwork(network.graph, torch.zeros(1, 20, 24))
    other = a_net(tile=2)[0].to_async().run(images[1].numpy(), record=True)
    with pytest.raises(ValueError, match='another network or other tiles'):
        network.replay(images[1], other.log)


def test_example(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    before, after = (float(each) for each in re.findall(r'(\S+) units per picture\n', printed)[:2])
    assert after < 0.7 * before
    assert re.search(r'trained under its schedule: right +(9[5-9]|100)%', printed)
    assert re.search(r'pictures: (9[5-9]|100) right', printed)
