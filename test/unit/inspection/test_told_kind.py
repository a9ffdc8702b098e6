# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is inspected can be told instead of being recognised."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from ant_ros.inspection import Inspector
from ant_ros.inspection import TeachError
from ant_ros.inspection import teaching
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.good_looks import look_at_taught
from ant_ros.inspection.shape_kind import KINDS
from ant_ros.inspection.shape_kind import ShapeKind


@pytest.fixture(scope='module')
def textures() -> list[np.ndarray]:
    """Return six pieces of a texture, [128, 160] uint8."""
    rng = np.random.default_rng(0)
    return [cv2.blur(rng.normal(120, 60, (128, 160)).astype(np.float32), (5, 5)).astype(np.uint8)
            for _ in range(6)]


def test_kinds_are_called_as_shape_kinds_are():
    assert KINDS == ('auto', 'registered', 'free shape', 'texture')


@pytest.mark.parametrize(('kind', 'registered'), [
    ('auto', True), ('registered', True), ('free shape', False), ('texture', False)])
def test_a_part_is_taken_for_what_was_told(teach_images, plate, kind, registered, edges):
    inspector = Inspector.teach(teach_images[:6], kind=kind, backbone=edges())

    expected = ShapeKind.REGISTERED if kind == 'auto' else ShapeKind(kind)
    assert inspector.recipe.pretrained.kind is expected
    assert (inspector.recipe.background is not None) is registered
    assert inspector.inspect(plate(1000)).score > 0


@pytest.mark.parametrize(('kind', 'expected'), [
    ('auto', ShapeKind.TEXTURE), ('registered', ShapeKind.REGISTERED)])
def test_a_texture_is_taken_for_what_was_told(textures, kind, expected, edges):
    recipe = Inspector.teach(textures, kind=kind, backbone=edges()).recipe
    assert recipe.pretrained.kind is expected


def test_a_texture_told_is_not_registered_by_what_stands_out_on_it(teach_images):
    assert Inspector.teach(
        teach_images[:5], kind='texture', backbone=SAMPLED).recipe.background is None


def test_the_inspector_that_learns_is_told_too(teach_images):
    online = OnlineInspector.teach(teach_images[:6], kind='texture', backbone=SAMPLED)
    assert online.recipe.background is None


def test_those_that_look_at_parts_they_were_not_taught_from_see_the_same_kind(monkeypatch):
    told = []

    def refuse(images, **options):
        told.append(options['kind'])
        raise TeachError('too few')
    monkeypatch.setattr(Inspector, 'teach', refuse)
    stage = SimpleNamespace(kind=ShapeKind.FREE)
    taught = SimpleNamespace(
        name='leaf', recipe=SimpleNamespace(pretrained=stage, backbone=EFFICIENTNET))

    assert look_at_taught(taught, [np.zeros((40, 40))] * 10, 'auto') == []
    assert set(told) == {'free shape'}  # fewer parts alone might be taken for another kind


@pytest.mark.parametrize(('options', 'cause'), [
    ({'kind': 'round'}, "kind is 'round', expected one of auto, registered, free shape, texture"),
    ({'kind': 'free shape', 'backbone': SAMPLED}, "teach with backbone 'auto' or")])
def test_what_cannot_be_wished_for(teach_images, options, cause):
    with pytest.raises(TeachError, match=cause):
        Inspector.teach(teach_images, **options)


def test_free_shape_without_what_it_needs_says_what_to_install(teach_images, monkeypatch):
    monkeypatch.setattr(teaching, 'missing_packages', lambda: ['onnxruntime'])
    with pytest.raises(TeachError, match=f'{EFFICIENTNET}.*pip install onnxruntime'):
        Inspector.teach(teach_images, kind='free shape')


def test_free_shape_needs_a_part_that_stands_out(textures, edges):
    with pytest.raises(TeachError, match=r'stands out.*teach it as texture'):
        Inspector.teach(textures, kind='free shape', backbone=edges())
