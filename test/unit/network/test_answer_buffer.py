# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of answers: used again only when nobody holds it, and then as if it were new."""

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.break_even import NEVER_DENSE

_EXPECTED = np.random.default_rng(0).normal(size=(3, 24, 24)).astype(np.float32)


@pytest.fixture
def network():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 8, 3)).eval()
    return AsyncNetwork.from_module(module, _EXPECTED, break_even=NEVER_DENSE)


def _changed(place):
    image = _EXPECTED.copy()
    image[:, place:place + 3, place:place + 3] += 1.0
    return image


def _fresh(network, image):
    """Return what a network that has never run before says."""
    return AsyncNetwork(network.graph, _EXPECTED, break_even=NEVER_DENSE).run(image).output


def test_answers_that_are_let_go_of_share_their_memory_and_nothing_else(network):
    places = set()
    for place in (2, 14, 8, 2, 20):
        answer = network.run(_changed(place))
        assert np.array_equal(answer.output, _fresh(network, _changed(place)))
        places.add(answer.output.__array_interface__['data'][0])
        del answer
    assert len(places) <= 2


def test_answers_that_are_held_stay_as_they_are(network):
    places = (2, 14, 8, 5, 20, 11)
    held = [network.run(_changed(place)).output for place in places]
    for place, output in zip(places, held):
        assert np.array_equal(output, _fresh(network, _changed(place)))


@pytest.mark.filterwarnings('ignore:The given NumPy array is not writable')
def test_a_view_or_a_tensor_holds_an_answer_too(network):
    part = network.run(_changed(2)).output[0, 1:3]
    tensor = torch.from_numpy(network.run(_changed(8)).output)
    kept = part.copy(), tensor.clone()
    for place in (14, 5, 20):
        network.run(_changed(place))
    assert np.array_equal(part, kept[0])
    assert torch.equal(tensor, kept[1])


def test_what_is_as_expected_is_answered_as_at_rest(network):
    rest = network.run(_EXPECTED).output.copy()
    for place in (2, 14, 8):
        network.run(_changed(place))
        assert np.array_equal(network.run(_EXPECTED).output, rest)


def test_a_run_that_fails_leaves_no_trace(network, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError('interrupted')

    network.run(_changed(2))
    with monkeypatch.context() as patch:
        patch.setattr(network._compiled, 'respond', fail)
        with pytest.raises(RuntimeError, match='interrupted'):
            network.run(_changed(8))
    for _ in range(3):
        assert np.array_equal(network.run(_changed(14)).output, _fresh(network, _changed(14)))
