# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The pretrained deep stage as what a recipe's files hold: plain values and tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ant_ros.inspection.crops import Crop
from ant_ros.inspection.feature_maps import Projection
from ant_ros.inspection.normality import AnywhereMemory
from ant_ros.inspection.normality import PlacedMemory
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.pretrained_stage import PretrainedStage
from ant_ros.inspection.pretrained_stage import Sight
from ant_ros.inspection.shape_kind import ShapeKind

__all__ = ['from_files', 'to_files']

_PREFIX = 'pretrained'


def to_files(stage: PretrainedStage) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the values for the description and the tensors; weights of the network are none."""
    values: dict[str, Any] = {
        'kind': stage.kind.value, 'backbone': stage.backbone, 'digest': stage.digest,
        'gate': stage.gate, 'limit': stage.limit,
        'reject_limit': stage.reject_limit, 'crop': None,
        'sights': [{'taps': list(sight.taps), 'size': list(sight.size), 'usual': sight.usual}
                   for sight in stage.sights]}
    tensors: dict[str, np.ndarray] = {}
    if stage.placed is not None:
        placed = stage.placed
        tensors.update(_projection(placed.projection, 'placed'))
        tensors[f'{_PREFIX}.placed.memory'] = placed.memory.astype(np.float16)
        tensors[f'{_PREFIX}.placed.level'] = placed.level
        tensors[f'{_PREFIX}.placed.weight'] = placed.weight
    for number, sight in enumerate(stage.sights):
        tensors.update(_projection(sight.memory.projection, f'sight{number}'))
        tensors[f'{_PREFIX}.sight{number}.bank'] = sight.memory.bank.astype(np.float16)
    if stage.crop is not None:
        background = stage.crop.background
        values['crop'] = {
            'half_px': stage.crop.half_px, 'frame_size': list(stage.crop.frame_size),
            'background': None if background is None else {
                'limit': background.limit, 'area_px': background.area_px}}
        if background is not None:
            tensors[f'{_PREFIX}.background.whiten'] = background.whiten
            tensors[f'{_PREFIX}.background.colour'] = background.colour
    return values, tensors


def from_files(
    values: Mapping[str, Any], tensors: Mapping[str, np.ndarray]
) -> PretrainedStage:
    """Return the stage; the inverse of `to_files`.

    Raises:
        KeyError: something is missing.
    """
    kind = ShapeKind(values['kind'])
    placed = None
    if kind is ShapeKind.REGISTERED:
        placed = PlacedMemory(
            _rebuilt(tensors, 'placed'), tensors[f'{_PREFIX}.placed.memory'].astype(np.float32),
            tensors[f'{_PREFIX}.placed.level'], tensors[f'{_PREFIX}.placed.weight'])
    sights = []
    for number, one in enumerate(values['sights']):
        bank = tensors[f'{_PREFIX}.sight{number}.bank'].astype(np.float32)
        width, height = one['size']
        sights.append(Sight(
            tuple(int(tap) for tap in one['taps']), (int(width), int(height)),
            AnywhereMemory(_rebuilt(tensors, f'sight{number}'), bank), float(one['usual'])))
    return PretrainedStage(
        kind, str(values['backbone']), str(values['digest']), str(values['gate']),
        float(values['limit']), float(values['reject_limit']), placed, tuple(sights),
        _crop(values['crop'], tensors))


def _crop(values: Mapping[str, Any] | None, tensors: Mapping[str, np.ndarray]) -> Crop | None:
    if values is None:
        return None
    background = None
    if values['background'] is not None:
        background = Background(
            tensors[f'{_PREFIX}.background.whiten'], float(values['background']['limit']),
            tensors[f'{_PREFIX}.background.colour'], float(values['background']['area_px']))
    width, height = values['frame_size']
    return Crop(background, float(values['half_px']), (int(width), int(height)))


def _projection(projection: Projection, name: str) -> dict[str, np.ndarray]:
    return {f'{_PREFIX}.{name}.mean': projection.mean,
            f'{_PREFIX}.{name}.basis': projection.basis}


def _rebuilt(tensors: Mapping[str, np.ndarray], name: str) -> Projection:
    return Projection(tensors[f'{_PREFIX}.{name}.mean'], tensors[f'{_PREFIX}.{name}.basis'])
