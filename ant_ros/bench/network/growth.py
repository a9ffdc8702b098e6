# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How time and memory grow with the image, the tiles, the layers and what has changed."""

from __future__ import annotations

from pathlib import Path
import time
from typing import Any

import numpy as np
import torch
from torch import nn

from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.networks import texture
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.conversion import convert
from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend

__all__ = ['draw', 'measure']

_PATCH = 32
_SIDE = 256


def measure(quick: bool = False) -> dict[str, Any]:
    """Measure one thing at a time; the rest stays as it is.

    The network describes patches of 33 px, except for the layers, which are 3x3 convolutions of
    16 channels. Events are always followed: no dense run takes over.

    Returns:
        Rows by what was varied: its value, milliseconds by events and densely in ONNX Runtime,
        units computed and memory held.
    """
    sides = (128, 256) if quick else (128, 192, 256, 384, 512, 768, 1024)
    repeats = 3 if quick else 9
    network = patch_descriptor()
    return {
        'image_side': [_row('image_side_px', side, network, side, _PATCH, None, repeats)
                       for side in sides],
        'image_side_same_fraction': [
            _row('image_side_px', side, network, side, side // 8, None, repeats)
            for side in sides],
        'tile': [_row('tile', tile, network, _SIDE, _PATCH, tile, repeats)
                 for tile in ((2, 8) if quick else (1, 2, 4, 8, 16, 32))],
        'layers': [_row('layers', layers, _chain(layers), _SIDE, _PATCH, None, repeats)
                   for layers in ((2, 4) if quick else (1, 2, 4, 8, 16))],
        'changed': [_row('changed_side_px', side, network, _SIDE, side, None, repeats)
                    for side in ((0, 32) if quick else (0, 8, 16, 32, 64, 96, 128, 192, 256))],
    }


def _row(name: str, value: int, module: nn.Module, side: int, patch: int, tile: int | None,
         repeats: int) -> dict[str, Any]:
    expected, other = texture(2, side, 7).numpy()
    network = AsyncNetwork(convert(module, expected), expected, tile=tile,
                           break_even=NEVER_DENSE)
    rival = OnnxRuntimeBackend(network.program)
    image = expected.copy()
    start = (side - patch) // 2
    place = (slice(None), slice(start, start + patch), slice(start, start + patch))
    image[place] = other[place]
    answer, _ = network.run(image), rival.dense(image)
    events, dense = [], []
    for _ in range(repeats):
        begun = time.perf_counter()
        network.run(image)
        half = time.perf_counter()
        rival.dense(image)
        events.append(half - begun)
        dense.append(time.perf_counter() - half)
    return {name: value, 'events_ms': float(np.median(events)) * 1e3,
            'dense_ms': float(np.median(dense)) * 1e3, 'units': answer.work.units,
            'units_total': answer.work.units_total,
            'macs_share': answer.work.macs / answer.work.macs_dense,
            'memory_mb': network.bytes / 1e6}


def _chain(layers: int) -> nn.Module:
    """Return 3x3 convolutions one after the other, after one of stride 2."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        parts: list[nn.Module] = [nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU()]
        for _ in range(layers - 1):
            parts += [nn.Conv2d(16, 16, 3, 1, 1), nn.ReLU()]
        return nn.Sequential(*parts).eval()


def draw(figures: dict[str, Any], file: Path) -> None:
    """Draw time and memory against each thing that was varied.

    Args:
        figures: What `measure` returned.
        file: The picture to write.
    """
    from matplotlib.figure import Figure
    figure = Figure(figsize=(4.0 * len(figures), 6.4), layout='constrained')
    panels = figure.subplots(2, len(figures), squeeze=False)
    for (times, memory), (title, rows) in zip(panels.T, figures.items()):
        name = next(iter(rows[0]))
        values = [row[name] for row in rows]
        for key, label in (('events_ms', 'events'), ('dense_ms', 'dense, ONNX Runtime')):
            times.plot(values, [row[key] for row in rows], marker='o', label=label)
        memory.plot(values, [row['memory_mb'] for row in rows], marker='o', color='grey')
        times.set(title=title.replace('_', ' '), ylabel='ms', ylim=(0, None))
        memory.set(xlabel=name.replace('_', ' '), ylabel='MB held', ylim=(0, None))
    panels[0, 0].legend()
    figure.savefig(file, dpi=120)
