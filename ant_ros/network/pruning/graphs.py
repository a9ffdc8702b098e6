# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Remove channels from a graph and make up for them on data, without a step of training."""

from __future__ import annotations

import numpy as np
import torch

from ant_ros.network.graph import Graph
from ant_ros.network.pruning.channels import find_strands
from ant_ros.network.pruning.choice import choose
from ant_ros.network.pruning.choice import layers_that_read
from ant_ros.network.pruning.observation import observe
from ant_ros.network.pruning.rebuilding import rebuild

__all__ = ['prune_channels', 'prune_graph']

_MOST_IMAGES = 4096
_MOST_FLOATS = 2**25


def prune_graph(graph: Graph, fraction: float, images: np.ndarray | torch.Tensor) -> Graph:
    """Return a graph with `fraction` of the synapses gone, in whole channels.

    Args:
        graph: The network; stays as it is.
        fraction: Part of the synapses to remove, in (0, 1).
        images: `[N, C, H, W]` like those that the network will see; no labels. Of very many,
            4096 at even distances are taken, or as many as fit into memory.

    Raises:
        ValueError: images of another shape, none, or NaN; or too little can be removed.
    """
    return prune_channels(graph, fraction, images)[0]


def prune_channels(graph: Graph, fraction: float,
                   images: np.ndarray | torch.Tensor) -> tuple[Graph, list[np.ndarray]]:
    """Do the same and return which channels stay as well, per node, `[channels]` of bool."""
    x = _checked_images(images, graph.nodes[0].shape)
    strands = find_strands(graph)
    layers = layers_that_read(graph, strands)
    x = x[_evenly(len(x), _affordable(graph))]
    seen = observe(graph, x, layers)
    kept = choose(graph, strands, layers, seen, fraction)
    return rebuild(graph, kept, seen, x), kept


def _checked_images(images: np.ndarray | torch.Tensor,
                   shape: tuple[int, int, int]) -> torch.Tensor:
    """Return images as a float32 tensor `[N, C, H, W]`.

    Raises:
        TypeError: neither a NumPy array nor a torch tensor.
        ValueError: another shape, none at all, or NaN.
    """
    if not isinstance(images, (np.ndarray, torch.Tensor)):
        raise TypeError(f'data is a {type(images).__name__}: give a NumPy array or a torch tensor '
                        f'[N, {", ".join(map(str, shape))}]')
    x = torch.as_tensor(images).detach().cpu().float()
    if x.ndim != 4 or tuple(x.shape[1:]) != tuple(shape) or not len(x):
        raise ValueError(f'data of shape {list(x.shape)}: expected [N, '
                         f'{", ".join(map(str, shape))}] with at least one image')
    if not bool(torch.isfinite(x).all()):
        raise ValueError('data holds NaN or infinity: leave these images out')
    return x


def _affordable(graph: Graph) -> int:
    largest = max(int(np.prod(node.shape)) for node in graph.nodes)
    return max(min(_MOST_IMAGES, _MOST_FLOATS // largest), 1)


def _evenly(count: int, most: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)
