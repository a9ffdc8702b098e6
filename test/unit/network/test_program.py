# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The state of a network: load, send, restore, and what readers are told."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.conversion import convert
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Loop
from ant_ros.network.graph import Node
from ant_ros.network.program import passing_thresholds
from ant_ros.network.program import Program
from ant_ros.network.program import Unit
from ant_ros.network.torch_backend import TorchBackend


def _graph():
    rng = np.random.default_rng(0)
    tensors = {'a': rng.normal(size=(8, 3, 3, 3)).astype(np.float32),
               'b': rng.normal(size=(4, 8, 3, 3)).astype(np.float32)}
    nodes = (Node('image', 'input', (), (3, 17, 22)),
             Node('first', 'conv', (0,), (8, 9, 11), 'a', kernel=(3, 3), stride=(2, 2),
                  padding=(1, 1, 1, 1), activation='relu'),
             Node('second', 'conv', (1,), (4, 9, 11), 'b', kernel=(3, 3),
                  padding=(2, 2, 2, 2), dilation=(2, 2)))
    return Graph(nodes, (2,), ((1, 4, 9, 11),), tensors)


def _program(**options):
    expected = np.random.default_rng(1).normal(size=(3, 17, 22)).astype(np.float32)
    program = Program(_graph(), expected, **options)
    backend = CompiledBackend(program)
    program.rest(backend)
    return program, backend


def _changed(program, top=4, left=5, side=2):
    image = program.expected.copy()
    image[:, top:top + side, left:left + side] += 1
    return image


def test_at_rest_it_holds_the_response_to_the_expected_input():
    program, _ = _program()
    assert np.array_equal(program.values, program.reference)
    assert not program.eligible.any()
    assert np.array_equal(program.value(0), program.expected.transpose(1, 2, 0))
    for node in range(3):
        size = np.sqrt(np.mean(np.square(program.value(node))))
        assert program.scale[node] == pytest.approx(size, rel=1e-6)


def test_loading_wakes_exactly_the_readers_of_what_changed():
    program, _ = _program(tile=2)
    assert program.load(_changed(program, 4, 6), 0.0).tolist() == [2 * 11 + 3]
    # Pixels 4, 5 and 6, 7 are read by the positions 2, 3 and 3, 4 of stride 2 and padding 1.
    rows, columns = program.grid[1]
    eligible = program.eligible[program.first[1]:program.first[2]].reshape(rows, columns)
    assert np.argwhere(eligible).tolist() == [[1, 1], [1, 2]]
    assert not program.eligible[program.first[2]:].any()
    assert program.change[2 * 11 + 3] == pytest.approx(1.0, abs=1e-6)


def test_what_changes_too_little_is_not_sent():
    program, _ = _program(passing=0.5)
    outputs = np.zeros((1, 4, 4, 8), np.float32)
    outputs[0] = program.value(1)[:4, :4]
    outputs[0, 1, 1, 2] += 0.4 * program.scale[1]
    before = program.values.copy()
    program.eligible[program.first[1]] = 1
    assert program.send(1, np.array([0]), outputs).tolist() == [False]
    assert np.array_equal(program.values, before)
    assert not program.eligible.any()
    outputs[0, 1, 1, 2] += 0.2 * program.scale[1]
    assert program.send(1, np.array([0]), outputs).tolist() == [True]
    assert program.change[program.first[1]] == pytest.approx(0.6, rel=1e-4)
    assert np.array_equal(program.value(1)[:4, :4], outputs[0])
    assert program.eligible[program.first[2]]


def test_restoring_undoes_everything():
    program, backend = _program()
    program.load(_changed(program), 0.0)
    program.sweep(backend)
    assert not np.array_equal(program.values, program.reference)
    program.load(_changed(program, 10, 10), 0.0)
    program.restore()
    assert np.array_equal(program.values, program.reference)
    assert not program.eligible.any()


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_an_image_that_is_not_finite_changes_nothing(value):
    program, _ = _program()
    image = _changed(program)
    image[2, 16, 21] = value
    with pytest.raises(ValueError, match='NaN or infinity'):
        program.load(image, 0.0, follow=True)
    assert np.array_equal(program.values, program.reference)
    assert np.array_equal(program.expected, program.reference_value(0).transpose(2, 0, 1))
    assert not program.eligible.any()


def test_following_expects_what_was_seen():
    program, _ = _program()
    image = _changed(program)
    assert len(program.load(image, 0.0, follow=True)) > 0
    assert len(program.load(image, 0.0, follow=True)) == 0


def test_gathered_patches_carry_their_padding():
    program, _ = _program(tile=4)
    source = torch.from_numpy(program.value(1).transpose(2, 0, 1).copy())[None]
    padded = functional.pad(source, (2, 6, 2, 6))[0].numpy()
    patches = program.gather(2, np.array([0, 4, 8]))
    assert patches.shape == (3, 8, 8, 8)
    for patch, (row, column) in zip(patches, [(0, 0), (1, 1), (2, 2)]):
        wanted = padded[:, row * 4:row * 4 + 8, column * 4:column * 4 + 8]
        inside = wanted[:, :min(8, 13 - row * 4), :min(8, 15 - column * 4)]
        assert np.array_equal(patch[:, :inside.shape[1], :inside.shape[2]], inside)


def test_negative_paddings_cut_off_what_is_gathered_and_followed():
    rng = np.random.default_rng(0)
    tensors = {'a': rng.normal(size=(8, 3, 3, 3)).astype(np.float32),
               'fixed.one': np.ones((8, 1, 1, 1), np.float32)}
    nodes = (Node('image', 'input', (), (3, 17, 22)),
             Node('first', 'conv', (0,), (8, 14, 10), 'a', kernel=(3, 3), stride=(1, 2),
                  padding=(-2, 1, 1, -2)),
             Node('crop', 'depthwise', (1,), (8, 10, 9), 'fixed.one', padding=(-3, 2, -1, -3),
                  groups=8))
    graph = Graph(nodes, (2,), ((1, 8, 10, 9),), tensors)
    expected, image = rng.normal(size=(2, 3, 17, 22)).astype(np.float32)
    padded = functional.pad(torch.from_numpy(image)[None], (1, -2, -2, 1))
    dense = functional.conv2d(padded, torch.from_numpy(tensors['a']), stride=(1, 2))
    wanted = functional.pad(dense, (2, -3, -3, -1))[0].numpy()
    for make in (CompiledBackend, TorchBackend):
        program = Program(graph, expected)
        backend = make(program)
        program.rest(backend)
        program.load(image, 0.0)
        program.sweep(backend)
        np.testing.assert_allclose(program.split_answers(program.answers())[0][0], wanted,
                                   rtol=0, atol=1e-5 * np.abs(wanted).max())


def test_units_have_numbers_and_places():
    program, _ = _program(tile=4)
    assert program.unit(0) == Unit(0, 0, 0)
    assert program.unit(int(program.first[1]) + 4) == Unit(1, 1, 1)
    assert program.units_total == 9 + 9


def test_dense_work_is_that_of_all_positions():
    program, _ = _program()
    assert program.macs_dense == 9 * 11 * (8 * 27 + 4 * 72)
    assert program.macs_per_unit(1) == 8 * 27 * program.tile[1]**2
    assert program.floats_dense == 9 * 11 * (27 + 8 + 72 + 4)
    assert program.bytes > program.values.nbytes * 2


def test_answers_have_the_shapes_of_the_module():
    program, _ = _program()
    output, = program.split_answers(program.answers())
    assert output.shape == (1, 4, 9, 11)
    assert np.array_equal(output[0], program.value(2).transpose(2, 0, 1))


def test_thresholds_by_number_name_and_node():
    graph = _graph()
    assert passing_thresholds(graph, 0.1).tolist() == pytest.approx([0.1, 0.1, 0.0])
    assert passing_thresholds(graph, {'first': 0.2}).tolist() == pytest.approx([0, 0.2, 0])
    assert passing_thresholds(graph, [0, 0.3, 0.4]).tolist() == pytest.approx([0, 0.3, 0])
    looped = Graph(graph.nodes, graph.outputs, graph.output_shapes, graph.tensors,
                   (Loop(1, 2, 0.01, 5),))
    assert passing_thresholds(looped, 0).tolist() == pytest.approx([0, 0.01, 0.01])


@pytest.mark.parametrize('passing, message', [
    (-0.1, 'at least 0'), (np.nan, 'finite'), ([0.1, 0.2], '2 passing thresholds for 3 nodes'),
    ({'third': 1}, 'no such node; one of image, first, second')])
def test_thresholds_that_make_no_sense_are_refused(passing, message):
    with pytest.raises(ValueError, match=message):
        passing_thresholds(_graph(), passing)


@pytest.mark.parametrize('name', ['resnet_style', 'unet', 'dilated', 'patch_descriptor',
                                  'recurrent'])
def test_networks_give_what_torch_gives(name):
    module, (expected, image) = NETWORKS[name](), texture(2, 64, 3)
    program = Program(convert(module, expected), expected.numpy())
    backend = CompiledBackend(program)
    program.rest(backend)
    changed = expected.clone()
    changed[:, 20:40, 30:44] = image[:, 20:40, 30:44]
    program.load(changed.numpy(), 0.0)
    backend.run()
    with torch.no_grad():
        wanted = module(changed[None]).numpy()
    output, = program.split_answers(program.answers())
    np.testing.assert_allclose(output, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
