# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The pretrained deep stage as what a recipe's files hold: plain values and tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.inspection.crops import Crop
from ant_ros.inspection.feature_bank import Bank
from ant_ros.inspection.feature_maps import Projection
from ant_ros.inspection.gate import Gate
from ant_ros.inspection.normality import AnywhereMemory
from ant_ros.inspection.normality import PlacedMemory
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.position_memory import PositionMemory
from ant_ros.inspection.pretrained_stage import PretrainedStage
from ant_ros.inspection.pretrained_stage import Sight
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.texture_memory import TextureMemory

if TYPE_CHECKING:
    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['from_files', 'to_files']

_PREFIX = 'pretrained'
_LAYOUT = f'{_PREFIX}.layout'
"""JSON in UTF-8: thousands of numbers that nobody wants to see among the others."""


def to_files(stage: PretrainedStage) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the values for the description and the tensors; weights of the network are none."""
    values: dict[str, Any] = {
        'kind': stage.kind.value, 'backbone': stage.backbone, 'digest': stage.digest,
        'gate': None if stage.gate is None else asdict(stage.gate), 'limit': stage.limit,
        'reject_limit': stage.reject_limit, 'crop': None,
        'layout': None if stage.layout is None else stage.layout.describe(),
        'sights': [{'taps': list(sight.taps), 'size': list(sight.size), 'usual': sight.usual}
                   for sight in stage.sights]}
    tensors: dict[str, np.ndarray] = {}
    if stage.layout is not None:
        text = stage.layout.to_json().encode()
        tensors[_LAYOUT] = np.frombuffer(text, np.uint8)
    if stage.placed is not None:
        placed = stage.placed
        tensors.update(_projection(placed.projection, 'placed'))
        tensors[f'{_PREFIX}.placed.memory'] = placed.memory.astype(np.float16)
        tensors[f'{_PREFIX}.placed.level'] = placed.level
        tensors[f'{_PREFIX}.placed.weight'] = placed.weight
    for number, sight in enumerate(stage.sights):
        tensors.update(_projection(sight.memory.projection, f'sight{number}'))
        if isinstance(sight.memory, TextureMemory):
            continue
        if isinstance(sight.memory, PositionMemory):
            tensors[f'{_PREFIX}.sight{number}.middle'] = sight.memory.middle
            tensors[f'{_PREFIX}.sight{number}.whiten'] = sight.memory.whiten.astype(np.float16)
            continue
        bank = sight.memory.bank
        tensors[f'{_PREFIX}.sight{number}.bank'] = bank.features.astype(np.float16)
        tensors[f'{_PREFIX}.sight{number}.centres'] = bank.centres
        tensors[f'{_PREFIX}.sight{number}.starts'] = bank.starts
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
        ValueError: something is damaged.
    """
    kind = ShapeKind(values['kind'])
    placed = None
    if kind is ShapeKind.REGISTERED:
        placed = PlacedMemory(
            _rebuilt(tensors, 'placed'), tensors[f'{_PREFIX}.placed.memory'].astype(np.float32),
            tensors[f'{_PREFIX}.placed.level'], tensors[f'{_PREFIX}.placed.weight'])
    sights = []
    for number, one in enumerate(values['sights']):
        width, height = one['size']
        sights.append(Sight(
            tuple(int(tap) for tap in one['taps']), (int(width), int(height)),
            _memory(kind, tensors, f'sight{number}'), float(one['usual'])))
    return PretrainedStage(
        kind, str(values['backbone']), str(values['digest']),
        None if values['gate'] is None else Gate(**values['gate']),
        float(values['limit']), float(values['reject_limit']), placed, tuple(sights),
        _crop(values['crop'], tensors),
        _layout(tensors))


def _memory(
    kind: ShapeKind, tensors: Mapping[str, np.ndarray], name: str
) -> AnywhereMemory | PositionMemory | TextureMemory:
    projection = _rebuilt(tensors, name)
    if kind is ShapeKind.TEXTURE:
        return TextureMemory(projection)
    if f'{_PREFIX}.{name}.whiten' in tensors:
        return PositionMemory(projection, tensors[f'{_PREFIX}.{name}.middle'],
                              tensors[f'{_PREFIX}.{name}.whiten'].astype(np.float32))
    return AnywhereMemory(projection, Bank(
        tensors[f'{_PREFIX}.{name}.bank'].astype(np.float32),
        tensors[f'{_PREFIX}.{name}.centres'], tensors[f'{_PREFIX}.{name}.starts']))


def _layout(tensors: Mapping[str, np.ndarray]) -> TunedLayout | None:
    if _LAYOUT not in tensors:
        return None
    from ant_ros.network.tuned_layout import TunedLayout
    return TunedLayout.from_json(tensors[_LAYOUT].tobytes().decode())


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
