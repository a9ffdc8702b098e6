# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Remove hidden units from sampled networks and solve their heads anew."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any
from typing import TypeVar

import numpy as np

from ant_ros.network.graph import Graph
from ant_ros.network.graph import Node
from ant_ros.network.pruning.graphs import prune_channels
from ant_ros.network.sampled.estimators import SampledClassifier
from ant_ros.network.sampled.estimators import SampledRegressor
from ant_ros.network.sampled.least_squares_head import LeastSquaresHead
from ant_ros.network.sampled.least_squares_head import LeastSquaresSums
from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = ['prune_sampled']

Sampled = TypeVar('Sampled', SampledClassifier, SampledRegressor)


def prune_sampled(network: Sampled, fraction: float, points: np.ndarray,
                  targets: np.ndarray | None = None) -> Sampled:
    """Return an estimator with `fraction` of the synapses gone, in whole hidden units.

    Sums of features and targets are all that a head needs: with one hidden layer the sums of
    the units that stay are kept, so that the head is the one of these units and of all samples
    ever learned, and goes on learning. With several, deeper layers are adjusted to what the
    ones before them lost, and the head is fitted to `points` and `targets`.

    Args:
        network: Fitted; stays as it is.
        fraction: Part of the synapses to remove, in (0, 1); those of the head count.
        points: `[N, D]` like those that it was fitted to.
        targets: Their labels or targets, as for `fit`; not needed with one hidden layer.

    Raises:
        ValueError: not fitted, boosted, points of another shape, NaN, a label that it does not
            know, no targets where they are needed, or too few units.
    """
    layers = _layers(network)
    points = _checked_points(points, layers[0])
    old = network.head_
    smaller, kept = prune_channels(
        _graph(layers, old), fraction, points[:, :, None, None].astype(np.float32))
    pruned = copy(network)
    if len(layers) == 1:
        layer, stays = layers[0], kept[1]
        chosen = [SampledLayer(layer.weights[stays], layer.biases[stays], layer.activation)]
        head = LeastSquaresHead(ridge=old.ridge, cutoff=old.cutoff)
        head.sums = _sums_of(old.sums, stays)
    else:
        chosen = _read_layers(smaller, layers)
        features = points.astype(layers[0].weights.dtype, copy=False)
        for layer in chosen:
            features = layer(features)
        head = LeastSquaresHead(ridge=old.ridge, cutoff=old.cutoff)
        head.fit(features, _rows(network, targets, len(points)))
    widths = tuple(layer.width for layer in chosen)
    pruned.set_params(width=widths[0] if isinstance(network.width, int) else widths)
    hidden: Any = copy(network._hidden)
    hidden.layers = tuple(chosen)
    pruned._hidden = hidden
    pruned.head_ = head
    return pruned


def _layers(network: SampledClassifier | SampledRegressor) -> Sequence[SampledLayer]:
    if not hasattr(network, 'head_'):
        raise ValueError(f'the {type(network).__name__} is not fitted: call fit first')
    layers: Sequence[SampledLayer] | None = getattr(network._hidden, 'layers', None)
    if layers is None:
        raise ValueError(f'a network boosted in {network.boosting_steps} steps cannot be pruned: '
                         'fit one with boosting_steps=0')
    return layers


def _checked_points(points: np.ndarray, first: SampledLayer) -> np.ndarray:
    points = np.asarray(points)
    inputs = first.weights.shape[1]
    if points.ndim != 2 or points.shape[1] != inputs or len(points) < 2:
        raise ValueError(f'data of shape {points.shape}: expected [N, {inputs}] with at least two '
                         'samples')
    if not np.isfinite(points).all():
        raise ValueError('data holds NaN or infinity: leave these samples out')
    return points


def _graph(layers: Sequence[SampledLayer], head: LeastSquaresHead) -> Graph:
    """Return the network as convolutions of a single position."""
    nodes = [Node('input', 'input', (), (layers[0].weights.shape[1], 1, 1))]
    tensors: dict[str, np.ndarray] = {}
    parts = [(layer.weights, layer.biases, layer.activation) for layer in layers]
    parts.append((head.weights.T, head.bias, 'none'))  # type: ignore[arg-type]
    for number, (weights, biases, activation) in enumerate(parts):
        tensors[f'{number}.weight'] = weights[:, :, None, None].astype(np.float32)
        tensors[f'{number}.bias'] = biases.astype(np.float32)
        nodes.append(Node(str(number), 'conv', (number,), (len(weights), 1, 1),
                          f'{number}.weight', f'{number}.bias', activation=activation))
    return Graph(tuple(nodes), (len(parts),), ((1, len(head.bias)),), tensors)


def _read_layers(graph: Graph, like: Sequence[SampledLayer]) -> list[SampledLayer]:
    layers = []
    for node, layer in zip(graph.nodes[1:], like):
        assert node.weight is not None and node.bias is not None
        layers.append(SampledLayer(
            graph.tensors[node.weight][:, :, 0, 0].astype(layer.weights.dtype),
            graph.tensors[node.bias].astype(layer.biases.dtype), layer.activation))
    return layers


def _sums_of(sums: LeastSquaresSums, stays: np.ndarray) -> LeastSquaresSums:
    return LeastSquaresSums(
        sums.count, sums.feature[stays], sums.target, sums.target_squared,
        sums.feature_feature[np.ix_(stays, stays)], sums.feature_target[stays])


def _rows(network: SampledClassifier | SampledRegressor, targets: np.ndarray | None,
          count: int) -> np.ndarray:
    """Return the targets as the head wants them `[N, C]`."""
    if targets is None:
        raise ValueError('a sampled network of several hidden layers needs targets: give those '
                         'of the data')
    targets = np.asarray(targets)
    if len(targets) != count:
        raise ValueError(f'{len(targets)} targets for {count} samples: give one for each')
    if isinstance(network, SampledRegressor):
        return targets.reshape(count, -1)
    unknown = np.setdiff1d(targets, network.classes_)
    if len(unknown):
        raise ValueError(f'labels {unknown.tolist()} are not among the classes that the network '
                         f'knows, {network.classes_.tolist()}')
    return (targets[:, None] == network.classes_).astype(np.float64)
