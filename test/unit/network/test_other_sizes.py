# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ant_ros.network.conversion import convert
from ant_ros.network.dense import run_dense
from ant_ros.network.other_sizes import at_size
from ant_ros.network.pruning import prune


class Pyramid(nn.Module):
    """Strided, depthwise and dilated convolutions, pooling, a gate, and a way back up."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.depth = nn.Conv2d(8, 8, 5, padding=4, dilation=2, groups=8)
        self.gate = nn.Conv2d(8, 8, 1)
        self.down = nn.Conv2d(8, 8, 3, 2, 1)

    def forward(self, x):
        fine = functional.relu(self.depth(self.stem(x)))
        fine = fine * torch.sigmoid(self.gate(fine.mean((2, 3), keepdim=True)))
        coarse = self.down(functional.max_pool2d(fine, 3, 1, 1))
        return fine + functional.interpolate(coarse, scale_factor=2), coarse


@pytest.mark.parametrize('size', [(32, 32), (48, 80), (16, 24)])
def test_the_same_weights_answer_for_another_size_as_the_module_does(size):
    torch.manual_seed(0)
    module = Pyramid().eval()
    graph = at_size(convert(module, torch.randn(1, 3, 32, 32)), *size)
    images = torch.randn(2, 3, *size)
    with torch.no_grad():
        wanted = module(images)
    for answer, one in zip(run_dense(graph, images), wanted):
        assert answer.shape == one.shape
        np.testing.assert_allclose(answer, one, atol=1e-5)


def test_the_size_that_it_has_changes_nothing():
    graph = convert(Pyramid().eval(), torch.randn(1, 3, 32, 32))
    assert at_size(graph, 32, 32) is graph


class Fixed(nn.Module):
    def forward(self, x):
        return functional.interpolate(functional.relu(x), size=(20, 20))


@pytest.mark.parametrize('module, reason', [
    (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 14 * 14, 2)), 'flattened'),
    (Fixed(), 'enlarges to a fixed size'),
    (nn.Conv2d(3, 4, 9), 'nothing left to read')])
def test_what_is_made_for_one_size_is_refused_with_the_reason(module, reason):
    graph = convert(module.eval(), torch.randn(1, 3, 16, 16))
    size = (8, 8) if reason.startswith('nothing') else (24, 24)
    with pytest.raises(ValueError, match=f'16 x 16 .*{size[0]} x {size[1]}.*{reason}'):
        at_size(graph, *size)


def test_a_pruned_module_takes_images_of_another_size_and_names_those_it_cannot():
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.ReLU(),
        nn.Conv2d(32, 8, 1)).eval()
    pruned = prune(module, 0.4, torch.randn(16, 3, 32, 32))
    images = torch.randn(2, 3, 48, 64)
    with torch.no_grad():
        answer, whole = pruned(images), module(images)
        assert answer.shape == whole.shape
        assert (answer - whole).square().mean() < 0.5 * whole.square().mean()
    graph = convert(pruned, images[:1])
    assert graph.nodes[0].shape == (3, 48, 64)
    np.testing.assert_allclose(run_dense(graph, images)[0], answer, atol=1e-5)
    with pytest.raises(ValueError, match='expected'):
        pruned(torch.randn(1, 4, 48, 64))
