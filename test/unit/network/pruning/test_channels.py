# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which channels hang together."""

import torch
from torch import nn

from ant_ros.bench.network.networks import dilated
from ant_ros.bench.network.networks import settling
from ant_ros.network.conversion import convert
from ant_ros.network.pruning.channels import find_strands


class Joined(nn.Module):
    """A residual sum, a depthwise convolution, a gate, halves swapped, and a concatenation."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.depthwise = nn.Conv2d(4, 4, 3, groups=4)
        self.gate = nn.Conv2d(4, 4, 1)
        self.other = nn.Conv2d(4, 5, 1)
        self.head = nn.Conv2d(9, 2, 1)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = x + self.second(x)
        x = torch.relu(self.depthwise(x))
        x = x * self.gate(x.mean((2, 3), keepdim=True)).sigmoid()
        x = torch.cat([x[:, 2:], x[:, :2]], 1)
        return self.head(torch.cat([x, self.other(x).relu()], 1))


def test_what_is_added_gated_or_moved_hangs_together():
    torch.manual_seed(0)
    graph = convert(Joined().eval(), torch.randn(1, 3, 12, 12))
    strands = find_strands(graph)
    # Halves that are swapped run through nodes of their own.
    assert sorted(len(family) for family in strands.families) == [2, 2, 5]
    convs = [of for node, of in zip(graph.nodes, strands.of)
             if node.kind in ('conv', 'depthwise') and len(of) == 4 and node.shape[1] > 1]
    assert all((of == convs[0]).all() for of in convs)
    last = next(of for node, of in zip(graph.nodes[::-1], strands.of[::-1])
                if node.kind == 'concat')
    swapped = convs[0][[2, 3, 0, 1]]
    assert (last[:4] == swapped).all()


def test_input_and_outputs_stay():
    graph = convert(nn.Sequential(nn.Conv2d(3, 6, 1), nn.ReLU(), nn.Conv2d(6, 4, 1)).eval(),
                    torch.randn(1, 3, 4, 4))
    families = find_strands(graph).families
    assert len(families) == 1
    assert len(families[0]) == 6


def test_grouped_convolutions_and_settling_blocks_stay():
    graph = convert(dilated(), torch.randn(1, 3, 32, 32))
    strands = find_strands(graph)
    grouped = [i for i, node in enumerate(graph.nodes) if node.kind == 'conv' and node.groups > 1]
    assert grouped
    free = set().union(*(family.tolist() for family in strands.families))
    for index in grouped:
        assert not free & set(strands.of[index].tolist())
        assert not free & set(strands.of[graph.nodes[index].inputs[0]].tolist())
    assert find_strands(convert(settling(), torch.randn(1, 3, 32, 32))).families == ()


def test_layers_that_share_a_weight_lose_the_same():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.into = nn.Conv2d(3, 5, 1)
            self.same = nn.Conv2d(5, 5, 1)
            self.head = nn.Conv2d(5, 2, 1)

        def forward(self, x):
            return self.head(self.same(self.same(self.into(x).relu()).relu()).relu())

    graph = convert(Twice().eval(), torch.randn(1, 3, 4, 4))
    assert len(find_strands(graph).families) == 1
