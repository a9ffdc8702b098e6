# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Units computed by ONNX Runtime from patches: the same as the whole maps."""

import sys

import numpy as np
import pytest
import torch
from torch import nn

from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.conversion import convert
from ant_ros.network.dense import dense_maps
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend
from ant_ros.network.program import Program


@pytest.mark.parametrize('name', [name for name in NETWORKS if 'efficientnet' not in name])
def test_every_tile_of_every_node_is_that_of_the_dense_map(name):
    image = texture(1, 48, 0)
    graph = convert(NETWORKS[name](), image)
    program = Program(graph, image[0].numpy(), tile=3)
    program.rest(OnnxRuntimeBackend(program))

    slack = max((2 * loop.tolerance for loop in graph.loops), default=0.0)
    for node, dense in enumerate(dense_maps(graph, image)):
        whole = dense[0].permute(1, 2, 0).numpy()
        np.testing.assert_allclose(program.value(node), whole, rtol=0,
                                   atol=1e-5 * np.abs(whole).max() + slack)


@pytest.mark.parametrize('name', ['resnet_style', 'settling'])
def test_dense_gives_the_answers_of_the_module_in_its_shapes(name):
    image = texture(1, 48, 0)
    module = NETWORKS[name]()
    backend = OnnxRuntimeBackend(Program(convert(module, image), image[0].numpy()))
    answers = backend.dense(texture(1, 48, 1)[0].numpy())

    with torch.no_grad():
        expected = module(texture(1, 48, 1)).numpy()
    assert len(answers) == 1 and answers[0].shape == expected.shape
    np.testing.assert_allclose(answers[0], expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_a_resized_map_keeps_its_activation():
    image = texture(1, 8, 0)
    graph = Graph((Node('image', 'input', (), (3, 8, 8)),
                   Node('up', 'resize', (0,), (3, 18, 18), resize='bilinear',
                        activation='tanh')), (1,), ((1, 3, 18, 18),), {})
    program = Program(graph, image[0].numpy())
    program.rest(OnnxRuntimeBackend(program))
    expected = torch.tanh(nn.functional.interpolate(image, size=18, mode='bilinear'))

    np.testing.assert_allclose(program.value(1), expected[0].permute(1, 2, 0), rtol=0, atol=1e-5)


@pytest.mark.parametrize('missing', ['onnx', 'onnxruntime'])
def test_without_the_package_the_error_says_how_to_get_it(missing, monkeypatch):
    image = texture(1, 8, 0)
    graph = Graph((Node('image', 'input', (), (3, 8, 8)),), (0,), ((1, 3, 8, 8),), {})
    program = Program(graph, image[0].numpy())
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError, match=rf'needs {missing}, .*: pip install {missing}, or'):
        OnnxRuntimeBackend(program)
