# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One way to prune every kind of network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from typing import TYPE_CHECKING

from ant_ros.network.graph import Graph

if TYPE_CHECKING:
    from ant_ros.network.async_network import AsyncNetwork
    from ant_ros.network.pruning.pruned_network import PrunedNetwork

__all__ = ['prune']


def prune(network: Any, fraction: float, data: Any, targets: Any = None) -> Any:
    """Return a network with `fraction` of the synapses really gone, so that time is saved.

    Whole channels, hidden units or steps of segments go. In convolution networks and sampled
    ones these are what `data` shows to be missed least once the others make up for it, which
    they do in closed form, without gradient descent; in columns the weakest synapses of every
    segment. Good at: networks that are larger than their task. Bad at: networks with no room to
    spare, and data unlike those at work.

    Args:
        network: A `torch.nn.Module` in evaluation mode, a `Graph`, an `AsyncNetwork`, a
            `SampledClassifier` or `SampledRegressor`, or a `TemporalColumn`; stays as it is.
        fraction: Part of the synapses (weights, not biases) to remove, in (0, 1).
        data: Inputs like those at work, some hundreds. Images `[N, C, H, W]`; points `[N, D]` of
            a sampled network; spike times `[N, inputs]` of a column.
        targets: Labels or targets `[N]` of the points of a sampled network, needed where it has
            several hidden layers; the neuron `[N]` that each label enables in a column. None for
            convolution networks.

    Returns:
        What was given, smaller: of a module a `PrunedNetwork`; of an `AsyncNetwork` one with the
        same options.

    Raises:
        TypeError: another kind of network, or data that are no array.
        ValueError: a fraction out of range, data of another shape, none or NaN, targets where
            there is no use for them, or a network too small to lose so many synapses.
    """
    if not 0.0 < fraction < 1.0:
        raise ValueError(f'fraction is {fraction}, expected above 0 and below 1, such as 0.3')
    names = {f'{kind.__module__}.{kind.__qualname__}' for kind in type(network).__mro__}
    for name, do in _KINDS.items():
        if name in names:
            return do(network, float(fraction), data, targets)
    raise TypeError(f'cannot prune a {type(network).__name__}: give a torch.nn.Module, a Graph, '
                    'an AsyncNetwork, a SampledClassifier, a SampledRegressor or a '
                    'TemporalColumn')


def _prune_graph(graph: Graph, fraction: float, images: Any, targets: Any) -> Graph:
    from ant_ros.network.pruning.graphs import prune_graph
    _refuse(targets)
    return prune_graph(graph, fraction, images)


def _prune_module(module: Any, fraction: float, images: Any, targets: Any) -> PrunedNetwork:
    from ant_ros.network.conversion import convert
    from ant_ros.network.pruning.graphs import prune_graph
    from ant_ros.network.pruning.pruned_network import PrunedNetwork
    _refuse(targets)
    if isinstance(module, PrunedNetwork):
        return PrunedNetwork(prune_graph(module.graph, fraction, images)).eval()
    if getattr(images, 'ndim', 0) != 4 or not len(images):
        raise ValueError(f'data of shape {list(getattr(images, "shape", ()))}: expected images '
                         '[N, C, H, W], at least one')
    graph = prune_graph(convert(module, images[:1]), fraction, images)
    return PrunedNetwork(graph).eval()


def _refuse_trainable(network: Any, *_: Any) -> None:
    raise TypeError('a TrainableNetwork is pruned as a graph: give network.to_graph()')


def _prune_async(network: AsyncNetwork, fraction: float, images: Any,
                 targets: Any) -> AsyncNetwork:
    from ant_ros.network.async_network import AsyncNetwork
    from ant_ros.network.network_options import network_options
    graph = _prune_graph(network.graph, fraction, images, targets)
    return AsyncNetwork(graph, **network_options(network))


def _prune_temporal(column: Any, fraction: float, times: Any, enabled: Any) -> Any:
    from ant_ros.network.temporal.pruning import prune_temporal
    return prune_temporal(column, fraction, times, enabled)


def _prune_sampled(network: Any, fraction: float, points: Any, targets: Any) -> Any:
    from ant_ros.network.pruning.sampled import prune_sampled
    return prune_sampled(network, fraction, points, targets)


def _refuse(targets: Any) -> None:
    if targets is not None:
        raise ValueError('targets were given: convolution networks are pruned on images alone, '
                         'leave them out')


_KINDS: dict[str, Callable[..., Any]] = {
    'ant_ros.network.graph.Graph': _prune_graph,
    'ant_ros.network.async_network.AsyncNetwork': _prune_async,
    'ant_ros.network.training.TrainableNetwork': _refuse_trainable,
    'torch.nn.modules.module.Module': _prune_module,
    'ant_ros.network.sampled.estimators.SampledClassifier': _prune_sampled,
    'ant_ros.network.sampled.estimators.SampledRegressor': _prune_sampled,
    'ant_ros.network.temporal.column.TemporalColumn': _prune_temporal,
}
"""By name, so that nothing is imported that the network at hand does without."""
