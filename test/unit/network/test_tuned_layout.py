# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A layout is measured, kept, and refused where it does not belong."""

from dataclasses import replace
import json
import math

import numpy as np
import pytest
import torch

from ant_ros.bench.network.networks import resnet_style
from ant_ros.bench.network.networks import settling
from ant_ros.bench.network.networks import texture
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.tuned_layout import graph_hash
from ant_ros.network.tuned_layout import LayoutError
from ant_ros.network.tuned_layout import tune_layout
from ant_ros.network.tuned_layout import TunedLayout

EXPECTED = texture(1, 32, 1).numpy()


def inputs(count=2):
    images = EXPECTED.repeat(count, 0)
    images[:, :, 8:16, 8:16] += 1.0
    return images


@pytest.fixture(scope='module')
def graph():
    return convert(resnet_style(), torch.from_numpy(EXPECTED))


@pytest.fixture(scope='module')
def layout(graph):
    return tune_layout(graph, inputs(), EXPECTED, backends=['torch'], threshold=0.1)


def test_the_fastest_is_chosen_and_all_are_told(graph, layout):
    assert layout.network == graph_hash(graph)
    assert layout.tile == layout.tried[0].tile
    assert len(layout.tile) == len(graph.nodes)
    assert 0.97 * layout.tried[0].ms <= min(one.ms for one in layout.tried)
    assert len({one.tile for one in layout.tried}) == len(layout.tried) > 4
    assert all(0 < one.ms <= one.events_ms + 1e-9 for one in layout.tried)
    assert 0 < layout.dense_ms < math.inf
    assert layout.break_even.dense_ns > 0
    text = layout.describe()
    assert 'backend torch' in text
    assert 'Measured with 2 inputs' in text
    assert f'{layout.tried[0].ms:.3g} ms per input' in text
    assert layout.tried[1].name in text


def test_a_network_with_it_answers_the_same(graph, layout):
    network = layout.apply(graph, EXPECTED)
    assert network.program.tile == layout.tile
    assert network.break_even is layout.break_even
    wanted = run_dense(graph, torch.from_numpy(inputs(1)))[0].numpy()
    assert np.allclose(network.run(inputs(1)[0]).output, wanted, atol=1e-4)


def test_an_asynchronous_network_keeps_its_other_options(graph):
    network = AsyncNetwork(graph, EXPECTED, backend='torch', threshold=0.2, passing=0.1,
                           mode='previous')
    layout = tune_layout(network, inputs(), backends=['torch'], budget_s=1e-6)
    assert math.isinf(layout.dense_ms)
    assert layout.given_up > 0
    assert 'no dense runs' in layout.describe()
    assert f'{layout.given_up} more' in layout.describe()
    assert 'Infinity' not in layout.to_json()
    again = TunedLayout.from_json(layout.to_json())
    assert again == layout
    again = again.apply(network)
    assert (again.threshold, again.mode) == (0.2, 'previous')
    assert np.array_equal(again.program.passing, network.program.passing)
    with pytest.raises(ValueError, match='leave them out'):
        layout.apply(network, EXPECTED)


def test_it_comes_back_from_text(layout):
    again = TunedLayout.from_json(layout.to_json())
    assert again == layout
    for text in ('{}', 'nothing', '[1]', json.dumps({'tile': [1]}),
                 layout.to_json().replace('"tried"', '"tired"')):
        with pytest.raises(LayoutError, match='no layout as to_json'):
            TunedLayout.from_json(text)


def test_other_weights_are_refused(graph, layout):
    key = graph.trainable[0]
    other = replace(graph, tensors={**graph.tensors, key: graph.tensors[key] + 1e-6})
    with pytest.raises(LayoutError, match=r'measured for .* measure anew'):
        layout.apply(other, EXPECTED)
    with pytest.raises(LayoutError, match='nodes'):
        layout.check(convert(settling(), torch.from_numpy(EXPECTED)))
    layout.check(graph)


def test_on_another_machine_the_break_even_is_measured_anew(graph, layout):
    network = replace(layout, machine='another one').apply(graph, EXPECTED)
    assert network.program.tile == layout.tile
    assert network.break_even is not layout.break_even


def test_bad_input_is_refused(graph, layout):
    with pytest.raises(ValueError, match='at least one'):
        tune_layout(graph, inputs()[:0], EXPECTED)
    with pytest.raises(ValueError, match='expected'):
        tune_layout(graph, inputs()[:, :1], EXPECTED)
    with pytest.raises(ValueError, match='float32'):
        tune_layout(graph, inputs().astype(np.float64), EXPECTED)
    with pytest.raises(ValueError, match='NaN'):
        tune_layout(graph, np.full_like(inputs(), np.nan), EXPECTED)
    with pytest.raises(ValueError, match='choose some'):
        tune_layout(graph, inputs(), EXPECTED, backends=['abacus'])
    with pytest.raises(ValueError, match='budget_s'):
        tune_layout(graph, inputs(), EXPECTED, budget_s=0)
    with pytest.raises(ValueError, match='give the expected'):
        tune_layout(graph, inputs())
    with pytest.raises(TypeError, match='from_module'):
        tune_layout(resnet_style(), inputs(), EXPECTED)
    with pytest.raises(ValueError, match='tile: the layout chooses'):
        layout.apply(graph, EXPECTED, tile=4)
