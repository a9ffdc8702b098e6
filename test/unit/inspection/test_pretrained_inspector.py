# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector with a pretrained backbone, or one that was brought."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection import RecipeError
from ant_ros.inspection import TeachError
from ant_ros.inspection import teaching
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.network.tuned_layout import TunedLayout


def draw_blob(seed: int, *, bitten: bool = False) -> np.ndarray:
    """Draw a lump of dough of no fixed shape on a dark tray, [160, 200, 3] uint8."""
    rng = np.random.default_rng([11, seed])
    rows, columns = np.indices((160, 200), np.float32)
    x, y = 100 + rng.uniform(-20, 20), 80 + rng.uniform(-12, 12)
    angle = np.arctan2(rows - y, columns - x)
    edge = 40 + sum(rng.uniform(3, 9) * np.cos(k * angle + rng.uniform(0, 7)) for k in (2, 3, 4))
    inside = (np.hypot(rows - y, columns - x) < edge).astype(np.uint8)
    crumbs = np.zeros((160, 200), np.uint8)
    if bitten:
        turn = rng.uniform(0, 2 * np.pi)
        corner = np.array([[x, y]]) + 70 * np.array(
            [[0, 0], [np.cos(turn), np.sin(turn)], [np.cos(turn + 0.8), np.sin(turn + 0.8)]])
        cv2.fillPoly(inside, [corner.astype(np.int32)], 0)
    for _ in range(7):
        right, down = rng.uniform(-25, 25, 2)
        cv2.circle(crumbs, (int(x + right), int(y + down)), int(rng.integers(3, 8)), 1, -1)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (160, 200)).astype(np.float32), (0, 0), 2)
    colour = np.where(crumbs[..., None] > 0, (75.0, 45.0, 35.0), (205.0, 165.0, 110.0))
    picture = np.where(inside[..., None] > 0, colour + 60 * grain[..., None],
                       (45.0, 45.0, 48.0))
    return np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope='module')
def deep(teach_images: list[np.ndarray]) -> Inspector:
    """Return an inspector of plates with EfficientNet-Lite0."""
    return Inspector.teach(teach_images, name='plate', backbone=EFFICIENTNET)


@pytest.fixture(scope='module')
def blobs() -> Inspector:
    """Return an inspector of parts of free shape."""
    return Inspector.teach([draw_blob(seed) for seed in range(8)], name='blob')


def test_defects_are_told_from_good_plates(deep, plate: Callable[..., np.ndarray]):
    good = [deep.inspect(plate(seed)).score for seed in range(1000, 1010)]
    bad = [deep.inspect(plate(seed, defect=defect)).score
           for seed in range(2000, 2002) for defect in ('spot', 'dent', 'missing')]

    assert deep.recipe.backbone == EFFICIENTNET
    assert min(bad) > max(good)
    assert sorted(good)[7] < 1


def test_defect_is_found_where_it_is(deep, plate):
    whole, spoilt = plate(2004, yaw_deg=0), plate(2004, defect='spot', yaw_deg=0)
    verdict = deep.inspect(spoilt)
    rows, columns = np.nonzero(np.abs(spoilt.astype(int) - whole).sum(axis=2) > 60)
    row, column = np.unravel_index(np.argmax(verdict.anomaly_map), verdict.anomaly_map.shape)

    assert verdict.decision is not Decision.PASS
    assert np.hypot(row - rows.mean(), column - columns.mean()) < 12
    assert verdict.anomaly_map.max() == pytest.approx(verdict.score, rel=0.1)


def test_what_is_as_expected_wakes_little(deep, plate):
    work = deep.inspect(plate(1003)).work

    assert work.macs < 0.2 * work.macs_dense


def test_what_does_not_surprise_does_not_wake_the_network(deep):
    mean, mask = deep.recipe.mean, deep.recipe.mask
    stage, eye = deep.recipe.pretrained, deep._sight.placed
    calm = np.where(mask[::2, ::2], np.float32(0.9 * stage.gate.doubt), np.float32(0))

    gazes = eye.look(list(mean), calm, stage.placed, stage.limit)

    assert (gazes.work.units, gazes.work.macs, gazes.work.seconds) == (0, 0, 0)
    assert gazes.work.macs_dense > 0
    assert 0 < gazes.score < eye.look(
        list(mean), 2 * calm, stage.placed, stage.limit).score


def test_another_layout_is_counted_by_its_own_totals(deep, tuned):
    height, width = deep.recipe.mask.shape
    eye, calm = tuned._sight.placed, np.zeros((height // 2, width // 2), np.float32)
    planes, layout = list(deep.recipe.mean), tuned.recipe.layout
    before = eye.see(planes, calm)[2]
    other = eye.laid_out(replace(layout, tile=(layout.tile[0], *(1 for _ in layout.tile[1:]))))
    after = other.see(planes, calm)[2]

    assert before.units_total == eye.network.run(eye._expected).work.units_total
    assert after.units_total == other.network.run(eye._expected).work.units_total
    assert after.units_total != before.units_total


def test_a_part_that_surprises_all_over_is_seen_densely(deep):
    mean, stage = deep.recipe.mean, deep.recipe.pretrained
    everywhere = np.full(mean[0, ::2, ::2].shape, 10 * stage.gate.wake, np.float32)
    other = np.random.default_rng(0).normal(0, 30, mean.shape).astype(np.float32) + mean

    gazes = deep._sight.placed.look(list(other), everywhere, stage.placed, stage.limit)

    assert gazes.work.units == gazes.work.units_total
    assert gazes.score > 1


def test_open_gate_wakes_everything(teach_images, plate):
    inspector = Inspector.teach(teach_images, backbone=EFFICIENTNET, gate='open')
    verdict = inspector.inspect(plate(1003))

    assert verdict.work.units == verdict.work.units_total
    assert inspector.inspect(plate(2000, defect='missing')).score > verdict.score


def test_the_gate_is_open_where_good_parts_differ_too_much(teach_images, monkeypatch):
    monkeypatch.setattr(teaching, '_MOST_UNEXPLAINED', 0.0)

    assert Inspector.teach(teach_images, backbone=EFFICIENTNET).recipe.pretrained.gate.is_open


def test_loaded_inspector_says_the_same(deep, plate, tmp_path):
    deep.save(tmp_path / 'plate')
    loaded = Inspector.load(tmp_path / 'plate')

    for image in (plate(1001), plate(2001, defect='spot')):
        assert loaded.inspect(image).score == pytest.approx(
            deep.inspect(image).score, rel=1e-4, abs=1e-4)
    assert loaded.recipe.guarantee == deep.recipe.guarantee
    size = sum(path.stat().st_size for path in (tmp_path / 'plate').iterdir())
    assert size < 20e6


def test_other_weights_are_refused(deep, tmp_path, monkeypatch):
    deep.save(tmp_path / 'plate')
    path = tmp_path / 'plate' / 'recipe.json'
    digest = deep.recipe.pretrained.digest
    path.write_text(path.read_text().replace(digest, digest[::-1]))

    with pytest.raises(RecipeError, match='other weights'):
        Inspector.load(tmp_path / 'plate')


@pytest.fixture(scope='module')
def tuned(deep, teach_images) -> Inspector:
    """Return the same inspector with a layout that was measured here."""
    inspector = Inspector(deep.recipe)
    inspector.tune(teach_images[:1], budget_s=1e-6)
    return inspector


def test_measured_layout_is_saved_and_used(deep, tuned, plate, tmp_path):
    tuned.save(tmp_path / 'plate')
    loaded = Inspector.load(tmp_path / 'plate')
    layout = loaded.recipe.layout

    assert deep.recipe.layout is None
    assert layout == tuned.recipe.layout
    assert loaded.recipe.layout_note == ''
    assert loaded._sight.placed.network.program.tile == layout.tile
    assert loaded._sight.placed.network.backend == layout.backend
    for image in (plate(1001), plate(2001, defect='spot')):
        verdict = loaded.inspect(image)
        assert verdict.score == tuned.inspect(image).score
        # Tiles decide together what changed enough to be passed on.
        assert verdict.score == pytest.approx(deep.inspect(image).score, rel=0.02, abs=1e-3)


def test_layout_of_other_weights_is_refused(tuned):
    layout = replace(tuned.recipe.layout, network='0' * 64)
    recipe = tuned.recipe.with_layout(layout)

    with pytest.raises(RecipeError, match=r'belongs to another network.*ant_ros tune'):
        Inspector(recipe)
    assert Inspector(recipe.with_layout(None)).recipe.layout is None


def test_layout_of_another_machine_is_used_and_said(tuned, plate):
    layout = replace(tuned.recipe.layout, machine='another one')
    inspector = Inspector(tuned.recipe.with_layout(layout))

    assert 'another machine (another one)' in inspector.recipe.layout_note
    assert inspector._sight.placed.network.program.tile == layout.tile
    image = plate(1002)
    assert inspector.inspect(image).score == pytest.approx(
        tuned.inspect(image).score, rel=1e-3, abs=1e-3)


def test_damaged_layout_is_refused(tuned, tmp_path, monkeypatch):
    monkeypatch.setattr(TunedLayout, 'to_json', lambda self: '{}')
    tuned.save(tmp_path / 'plate')

    with pytest.raises(RecipeError, match='no layout'):
        Inspector.load(tmp_path / 'plate')


def test_what_has_no_layout_is_not_tuned(inspector, blobs, deep, teach_images):
    for one in (inspector, blobs):
        with pytest.raises(RecipeError, match='nothing to tune'):
            one.tune(teach_images[:1])
    with pytest.raises(RecipeError, match='no part was found in 1 images'):
        deep.tune([np.full_like(teach_images[0], 47)])
    with pytest.raises(RecipeError, match='no network with a layout'):
        inspector.recipe.with_layout(None)


def test_free_shapes_are_recognised_and_judged(blobs, tmp_path):
    good = [blobs.inspect(draw_blob(seed)).score for seed in range(100, 108)]
    verdicts = [blobs.inspect(draw_blob(seed, bitten=True)) for seed in range(200, 204)]

    assert blobs.recipe.pretrained.kind is ShapeKind.FREE
    assert min(verdict.score for verdict in verdicts) > max(good)
    assert 'unusual place' in verdicts[0].reason
    blobs.save(tmp_path / 'blob')
    assert Inspector.load(tmp_path / 'blob').inspect(draw_blob(100)).score == good[0]


def test_empty_tray_goes_to_review(blobs):
    verdict = blobs.inspect(np.full((160, 200, 3), 46, np.uint8))

    assert verdict.decision is Decision.REVIEW
    assert verdict.reason == 'no part found'


def test_texture_fills_the_frame():
    def cloth(seed: int, torn: bool = False) -> np.ndarray:
        rng = np.random.default_rng([12, seed])
        grain = cv2.blur(rng.normal(0, 1, (128, 160)).astype(np.float32), (21, 1))
        image = 128 + 90 * grain
        if torn:
            cv2.line(image, (60, 40), (95, 80), 225, 3)
        return np.clip(image, 0, 255).astype(np.uint8)

    inspector = Inspector.teach([cloth(seed) for seed in range(8)])
    good = [inspector.inspect(cloth(seed)).score for seed in range(50, 56)]

    assert inspector.recipe.pretrained.kind is ShapeKind.TEXTURE
    assert inspector.part_mask(cloth(0)) is None
    assert inspector.inspect(cloth(70, torn=True)).score > max(good)


def test_teaching_again_gives_the_same_recipe(teach_images, deep, plate):
    again = Inspector.teach(teach_images, name='plate', backbone=EFFICIENTNET)

    assert again.recipe.pretrained.limit == pytest.approx(deep.recipe.pretrained.limit, rel=1e-3)
    image = plate(2003, defect='dent')
    assert again.inspect(image).score == pytest.approx(deep.inspect(image).score, rel=1e-3)


def test_brought_module_has_to_be_brought_again(teach_images, plate, tmp_path, edges):
    network = edges()
    inspector = Inspector.teach(teach_images, name='plate', backbone=network)
    inspector.save(tmp_path / 'plate')

    assert inspector.recipe.backbone == 'brought module Edges'
    with pytest.raises(RecipeError, match='bring it again'):
        Inspector.load(tmp_path / 'plate')
    loaded = Inspector.load(tmp_path / 'plate', network=edges())
    image = plate(2000, defect='missing')
    assert loaded.inspect(image).score == pytest.approx(inspector.inspect(image).score, rel=1e-4)


def test_module_that_gives_no_map_is_refused(teach_images, edges):
    network = torch.nn.Sequential(edges(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())

    with pytest.raises(TeachError, match=r'gives \[1, 12\]'):
        Inspector.teach(teach_images[:5], backbone=network.eval())


def test_sampled_features_are_taken_where_they_suffice(inspector):
    assert inspector.recipe.backbone == SAMPLED
    assert 'suffice' in inspector.recipe.backbone_note
    assert inspector.recipe.pretrained is None


def test_missing_packages_are_no_secret(monkeypatch):
    monkeypatch.setattr(teaching, 'missing_packages', lambda: ['onnxruntime'])
    inspector = Inspector.teach([draw_blob(seed) for seed in range(6)])

    assert inspector.recipe.backbone == SAMPLED
    assert 'needs onnxruntime' in inspector.recipe.backbone_note


def test_recipe_says_how_far_its_error_rate_is_borne_out(inspector):
    assert inspector.recipe.guarantee == (
        'FRR of 0.50% not guaranteed, 0 of 199 good parts confirmed (the 10 taught do not count)')


@pytest.mark.parametrize(('option', 'cause'), [
    ({'gate': 'ajar'}, "gate is 'ajar'"), ({'target_frr': 1.5}, 'target_frr is 1.5'),
    ({'backbone': 'resnet'}, "not 'resnet'")])
def test_options_that_make_no_sense(teach_images, option, cause):
    with pytest.raises(TeachError, match=cause):
        Inspector.teach(teach_images, **option)


def test_part_mask_covers_the_part(inspector, plate):
    image = plate(1000)
    mask = inspector.part_mask(image)

    assert mask.shape == image.shape[:2]
    assert image[mask].mean() > 2 * image[~mask].mean()
    assert inspector.part_mask(np.full_like(image, 47)) is None
