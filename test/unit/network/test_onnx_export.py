# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import texture
from ant_ros.network.conversion import convert
from ant_ros.network.dense import dense_maps
from ant_ros.network.dense import run_dense
from ant_ros.network.dense import run_node
from ant_ros.network.dense import torch_tensors
from ant_ros.network.graph import Graph
from ant_ros.network.onnx_export import node_to_onnx
from ant_ros.network.onnx_export import to_onnx


def run(model: object, **inputs: np.ndarray) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(None, inputs)


def assert_close(ours: np.ndarray, theirs: torch.Tensor) -> None:
    assert ours.shape == tuple(theirs.shape)
    largest = float(theirs.abs().max())
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-4 * max(largest, 1e-6))


@pytest.mark.parametrize('name', NETWORKS)
def test_networks(name: str) -> None:
    graph = convert(NETWORKS[name](), texture(1, 64, 0))
    x = texture(1, 64, 1)
    assert_close(run(to_onnx(graph), input=x.numpy())[0], run_dense(graph, x)[0])


class Mixed(nn.Module):
    """Everything that the networks do not have."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(4, 6, 3, 2, padding=(1, 0))
        self.activations = nn.ModuleList([
            nn.GELU(), nn.ELU(0.5), nn.Hardsigmoid(), nn.Hardswish(), nn.LeakyReLU(0.2),
            nn.ReLU6(), nn.SiLU(), nn.Tanh()])
        nn.init.normal_(self.norm.weight)

    def forward(self, x):
        x = self.norm(F.pad(x, (1, 2, 0, 3)))
        outputs = [layer(3 * x) for layer in self.activations]
        y = self.conv(F.pad(x, (-1, 2, 0, -2)))
        outputs += [
            F.max_pool2d(x, 3, 2, 1, ceil_mode=True), F.max_pool2d(x, 2, 1, dilation=3),
            F.avg_pool2d(x, 3, 2, 1), F.avg_pool2d(x, 2, divisor_override=3), y, y[:, 1:3],
            F.avg_pool2d(F.pad(y, (2, 2, 2, 2)), 2), F.max_pool2d(
                y, (1, 2), (1, 3), (0, 1), dilation=2, ceil_mode=True),
            F.max_pool2d(F.pad(y, (1, 1, 1, 1)), 2), x * x.mean((2, 3), keepdim=True),
            (x.mean((2, 3)), x.flatten(1)), x[..., 2:5, :-1]]
        for size in ((7, 5), (40, 31), (1, 1), (28, 30)):
            outputs += [F.interpolate(x, size=size), *(
                F.interpolate(x, size=size, mode='bilinear', align_corners=corners)
                for corners in (False, True))]
        return outputs


def mixed() -> Graph:
    torch.manual_seed(0)
    return convert(Mixed().eval(), torch.randn(1, 4, 11, 12))


def test_every_kind_and_activation() -> None:
    graph = mixed()
    x = torch.randn(1, 4, 11, 12)
    outputs = run(to_onnx(graph), input=x.numpy())
    expected = run_dense(graph, x)
    assert len(outputs) == len(expected) == 33
    for ours, theirs in zip(outputs, expected):
        assert_close(ours, theirs)


def test_maps_of_chosen_nodes() -> None:
    graph = convert(NETWORKS['settling'](), texture(1, 64, 0))
    x = texture(1, 64, 1)
    everything = tuple(range(len(graph.nodes)))
    outputs = run(to_onnx(graph, everything), input=x.numpy())
    for ours, theirs in zip(outputs, dense_maps(graph, x)):
        assert_close(ours, theirs)


def test_one_output_twice() -> None:
    graph = convert(nn.Conv2d(3, 2, 1).eval(), torch.zeros(1, 3, 4, 4))
    twice = Graph(graph.nodes, (1, 1), ((1, 2, 4, 4), (1, 32)), graph.tensors)
    x = torch.randn(1, 3, 4, 4)
    outputs = run(to_onnx(twice), input=x.numpy())
    for ours, theirs in zip(outputs, run_dense(twice, x)):
        assert_close(ours, theirs)


def test_nodes_on_batches_of_patches() -> None:
    """A node on padded patches gives what torch gives without padding, for any batch."""
    graph = mixed()
    tensors = torch_tensors(graph)
    seen = set()
    for index, node in enumerate(graph.nodes):
        if node.kind in ('input', 'resize'):
            continue
        seen.add(node.kind)
        model = node_to_onnx(graph, index)
        unpadded = replace(node, padding=(0, 0, 0, 0))
        for count, size in ((1, 9), (5, 13)):
            inputs = [torch.randn(count, graph.nodes[i].shape[0], size, size)
                      if graph.nodes[i].shape[1:] != (1, 1) else
                      torch.randn(count, graph.nodes[i].shape[0], 1, 1) for i in node.inputs]
            names = {f'x_{i}': x.numpy() for i, x in enumerate(inputs)}
            assert_close(run(model, **names)[0], run_node(unpadded, inputs, tensors))
    assert seen == {'conv', 'depthwise', 'maxpool', 'mul', 'mean'}


def test_sums_and_concatenations_of_patches() -> None:
    graph = convert(NETWORKS['recurrent'](), texture(1, 32, 0))
    tensors = torch_tensors(graph)
    for index, node in enumerate(graph.nodes):
        if node.kind in ('add', 'concat'):
            inputs = [torch.randn(3, graph.nodes[i].shape[0], 8, 8) for i in node.inputs]
            names = {f'x_{i}': x.numpy() for i, x in enumerate(inputs)}
            assert_close(run(node_to_onnx(graph, index), **names)[0],
                         run_node(node, inputs, tensors))


def test_resizing_has_no_form_for_patches() -> None:
    graph = mixed()
    index = next(i for i, node in enumerate(graph.nodes) if node.kind == 'resize')
    with pytest.raises(ValueError, match='resize_taps'):
        node_to_onnx(graph, index)


def test_old_runtimes_can_read_it() -> None:
    model = to_onnx(mixed())
    assert model.ir_version <= 8
    assert [opset.version for opset in model.opset_import] == [17]
