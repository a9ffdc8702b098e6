# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
import re
import runpy

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.network import AsyncNetwork
from ant_ros.network.context import ContextGate
from ant_ros.network.context import Contexts
from ant_ros.network.context import select_context

EXAMPLE = Path(__file__).parents[3] / 'examples' / 'context_against_forgetting.py'

def network(seed=0, contexts=3):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), ContextGate(8, contexts, seed=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(8 * 36, 16), ContextGate(16, contexts, seed=2), nn.ReLU(),
        nn.Linear(16, 4))


def test_gates_are_one_scale_for_every_unit():
    gate = ContextGate(5, 2).eval()
    gate.select(1)
    x = torch.randn(3, 5, 4, 4)
    assert torch.equal(gate(x), x * gate.gates[:, None, None])
    assert torch.equal(gate(x[:, :, 0, 0]), x[:, :, 0, 0] * gate.gates)
    assert ((gate.gates >= 0) & (gate.gates <= 1)).all()


def test_the_segment_that_says_most_speaks():
    gate = ContextGate(2, 2, segments=2).eval()
    with torch.no_grad():
        gate.segments.copy_(torch.tensor([[[1.0, 0.0], [-2.0, 0.0]], [[1.5, 0.0], [1.0, 3.0]]]))
    gate.select(0)
    assert gate.gates.tolist() == pytest.approx([1 / 6, 0.75])
    gate.select(torch.tensor([1.0, 0.5]))
    assert gate.gates.tolist() == pytest.approx([1 / 6, 11 / 12])


def shares(**change):
    gate = ContextGate(60, 4, **change).eval()
    opened = []
    for context in range(4):
        gate.select(context)
        opened.append(gate.gates > 0)
    return torch.stack(opened)


def test_contexts_share_no_units_unless_they_must():
    assert shares().sum(dim=0).tolist() == [1] * 60
    assert shares(open=0.1).sum(dim=1).tolist() == [6] * 4
    assert int(shares(open=0.1).sum(dim=0).max()) == 1
    more = shares(open=0.5)
    assert more.sum(dim=1).tolist() == [30] * 4
    assert more.sum(dim=0).tolist() == [2] * 60
    assert not torch.equal(shares(), shares(seed=1))


def test_shut_units_neither_answer_nor_learn():
    net = nn.Sequential(nn.Linear(3, 40), ContextGate(40, 2, open=0.3))
    select_context(net, 0)
    answer = net(torch.ones(2, 3))
    answer.sum().backward()
    shut = net[1].opened() == 0.0
    assert int(shut.sum()) == 28
    assert (answer[:, shut] == 0).all()
    assert (net[0].weight.grad[shut] == 0).all()
    assert (net[0].weight.grad[~shut] != 0).all()


def test_segments_learn_and_only_those_of_the_context():
    gate = ContextGate(40, 3)
    gate.select(2)
    gate(torch.ones(2, 40)).sum().backward()
    assert (gate.segments.grad[:, :, :2] == 0).all()
    assert (gate.segments.grad[:, :, 2] != 0).any()


def test_evaluation_uses_what_training_left():
    gate = ContextGate(4, 3)
    gate.select(0)
    with torch.no_grad():
        gate.segments += 1.0
    trained = gate(torch.ones(1, 4)).detach()
    gate.eval()
    assert torch.equal(gate(torch.ones(1, 4)), trained)
    again = ContextGate(4, 3, seed=7).eval()
    again.load_state_dict(gate.state_dict())
    assert torch.equal(again(torch.ones(1, 4)), trained)


def test_a_network_in_a_context_becomes_asynchronous():
    net, expected = network().eval(), torch.zeros(1, 1, 6, 6)
    x = torch.randn(1, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    answers = []
    for context in range(3):
        select_context(net, context)
        made = AsyncNetwork.from_module(net, expected, backend='torch')
        answers.append(made.run(x).output)
        dense = net(x).detach().numpy()
        assert np.abs(answers[-1] - dense).max() <= 1e-5 * max(np.abs(dense).max(), 1.0)
        plain = nn.Sequential(*(m for m in net if not isinstance(m, ContextGate))).eval()
        rival = AsyncNetwork.from_module(plain, expected, backend='torch')
        assert made.run(x).work.macs_dense == rival.run(x).work.macs_dense
    assert not np.allclose(answers[0], answers[1])


def test_the_nearest_mean_tells_the_context():
    rng = torch.Generator().manual_seed(0)
    centres = torch.eye(3)
    contexts = Contexts(3, 3)
    for i in (2, 0):
        contexts.learn(i, centres[i] + 0.1 * torch.randn(20, 3, generator=rng))
    assert contexts(centres).tolist()[::2] == [0, 2]
    contexts.learn(1, centres[1:2].reshape(1, 3, 1))
    assert contexts(centres).tolist() == [0, 1, 2]


def test_without_a_context_nothing_runs():
    for mode in (True, False):
        with pytest.raises(RuntimeError, match='no context was chosen'):
            ContextGate(4, 2).train(mode)(torch.ones(1, 4))
    with pytest.raises(RuntimeError, match='no context was learned'):
        Contexts(2, 3)(torch.zeros(1, 3))


@pytest.mark.parametrize(('context', 'message'), [
    (3, 'there is no context 3: there are 3'), (-1, 'there is no context -1'),
    (torch.ones(2), 'expected 3 numbers'), (torch.tensor([0.0, torch.nan, 1.0]), 'not finite'),
    (torch.zeros(3), 'all zeros')])
def test_contexts_that_do_not_exist_are_refused_and_change_nothing(context, message):
    net = network()
    select_context(net, 1)
    with pytest.raises(ValueError, match=message):
        select_context(net, context)
    assert net[1].context.tolist() == [0.0, 1.0, 0.0]


def test_a_network_without_gates_is_refused():
    with pytest.raises(ValueError, match='Linear has no ContextGate'):
        select_context(nn.Linear(2, 2), 0)


@pytest.mark.parametrize(('change', 'message'), [
    ({'units': 0}, '0 units'), ({'contexts': 0}, 'for 0 contexts'), ({'segments': 0}, 'with 0'),
    ({'open': 0.0}, 'open is 0.0'), ({'open': 1.1}, 'open is 1.1')])
def test_bad_sizes_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        ContextGate(**{'units': 2, 'contexts': 2} | change)


@pytest.mark.parametrize(('context', 'inputs', 'message'), [
    (2, torch.zeros(1, 3), 'no context 2'), (0, torch.zeros(1, 4), 'inputs of 4 features'),
    (0, torch.full((1, 3), torch.nan), 'NaN')])
def test_bad_inputs_are_refused_and_change_nothing(context, inputs, message):
    contexts = Contexts(2, 3)
    with pytest.raises(ValueError, match=message):
        contexts.learn(context, inputs)
    assert int(contexts.counts.sum()) == 0


def test_the_example_forgets_without_segments_and_not_with_them(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    without, gated = ([int(share) for share in re.findall(r'(\d+)%', line)]
                      for line in printed.splitlines()[:2])
    assert min(without[:3]) < 80
    assert min(gated) > 90
    answer, module = (json.loads(text) for text in re.findall(r'\[[^]]*\]', printed))
    assert answer == pytest.approx(module, abs=1.1e-3)
