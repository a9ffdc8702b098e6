# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""More good parts sharpen a recipe without starting over."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection import TeachError
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.sharpening import Sharpened


def _texture(seed: int, *, cracked: bool = False) -> np.ndarray:
    rng = np.random.default_rng([3, seed])
    picture = 140 + 25 * rng.normal(0, 1, (128, 160, 1)) + rng.normal(0, 4, (128, 160, 3))
    if cracked:
        picture[40:90, 70:76] -= 90
    return np.clip(picture, 0, 255).astype(np.uint8)


def _lump(seed: int) -> np.ndarray:
    rng = np.random.default_rng([11, seed])
    rows, columns = np.indices((160, 200), np.float32)
    x, y = 100 + rng.uniform(-20, 20), 80 + rng.uniform(-12, 12)
    angle = np.arctan2(rows - y, columns - x)
    edge = 40 + sum(rng.uniform(3, 9) * np.cos(k * angle + rng.uniform(0, 7)) for k in (2, 3, 4))
    inside = np.hypot(rows - y, columns - x) < edge
    crumbs = np.zeros((160, 200), np.uint8)
    for _ in range(7):
        right, down = rng.uniform(-25, 25, 2)
        cv2.circle(crumbs, (int(x + right), int(y + down)), int(rng.integers(3, 8)), 1, -1)
    colour = np.where(crumbs[..., None] > 0, (75.0, 45.0, 35.0), (205.0, 165.0, 110.0))
    picture = np.where(inside[..., None], colour, (45.0, 45.0, 48.0))
    return np.clip(picture + rng.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)


def _scores(inspector, images):
    return np.array([inspector.inspect(image).score for image in images])


@pytest.fixture(scope='module')
def some(plate):
    return [plate(seed) for seed in range(20, 40)]


@pytest.fixture(scope='module')
def sharpened(inspector, some) -> tuple[Inspector, Sharpened]:
    return inspector.sharpened(some)


@pytest.mark.parametrize('backbone', ['sampled', EFFICIENTNET])
def test_without_more_parts_it_stays_the_same(
    inspector, teach_images, plate, backbone, tmp_path
):
    first = inspector if backbone == 'sampled' else Inspector.teach(
        teach_images, backbone=backbone)
    first.save(tmp_path / 'recipe')
    again = Inspector.load(tmp_path / 'recipe')
    told = again.sharpen([])

    images = [plate(60), plate(61), plate(62, defect='scratch'), plate(63, defect='missing')]
    before, after = _scores(first, images), _scores(again, images)
    np.testing.assert_allclose(after, before, rtol=1e-4)
    assert (told.taken, told.left_out, told.stopped) == (0, (), ())
    assert again.recipe.taught_parts == first.recipe.taught_parts == 10


def test_it_learns_from_both_old_and_new_parts(inspector, sharpened, some, teach_images, plate):
    other, told = sharpened
    at_once = Inspector.teach([*teach_images, *some])

    assert told.taken == 20
    assert other.recipe.taught_parts == 30
    assert len(other.recipe.taught.pictures) == 30
    assert other.recipe.enough.parts == 30
    images = [plate(seed) for seed in range(60, 68)] + [
        plate(68, defect='scratch'), plate(69, defect='spot'), plate(70, defect='dent')]
    ours, theirs = _scores(other, images), _scores(at_once, images)
    assert np.corrcoef(np.log(ours), np.log(theirs))[0, 1] > 0.97
    assert np.median(ours / theirs) == pytest.approx(1, abs=0.2)
    assert all((ours >= 1) == (theirs >= 1))


def test_a_kind_of_good_part_it_did_not_know_passes_then(inspector, plate):
    strange = [plate(seed) for seed in range(40, 52)]
    for image in strange:
        label = (image.max(axis=2) < 70) & (image[..., 2].astype(int) - image[..., 0] > 5)
        image[label] += 10
    before = [inspector.inspect(image).decision for image in strange[6:]]
    other, told = inspector.sharpened(strange[:6])

    assert before.count(Decision.PASS) == 0
    assert told.stopped == tuple(range(6))
    assert 'of which image 1, image 2, image 3, image 4, image 5, image 6 would' in told.text
    assert 'of which a, b, c, d, e, f would have been stopped before' in told.told('abcdef')
    assert all(other.inspect(image).decision is Decision.PASS for image in strange[6:])


def test_what_cannot_be_used_is_named_and_left_out(inspector, plate, some):
    images = [some[0], plate(80, defect='missing'), np.full_like(some[0], 40),
              np.zeros((4, 4, 3), np.uint8), some[1]]
    other, told = inspector.sharpened(images)

    assert told.taken == 2
    reasons = dict(told.left_out)
    assert sorted(reasons) == [1, 2, 3]
    assert 'quite unlike the good parts: score' in reasons[1]
    assert 'teach a recipe with parts of both kinds' in reasons[1]
    assert 'image 4 was left out: an image of 4 x 4 px is too small' in told.text
    assert other.recipe.taught_parts == 12


def test_nothing_to_learn_from_is_an_error_and_changes_nothing(inspector, plate):
    before = inspector.recipe
    with pytest.raises(TeachError, match='none of 2 images can be learned from; image 1: is '):
        inspector.sharpen([plate(81, defect='missing'), np.zeros((4, 4, 3), np.uint8)])
    assert inspector.recipe is before


def test_features_that_labels_are_about_stay(inspector, sharpened, some):
    other, _ = sharpened
    third, _ = other.sharpened(some[:2])

    assert features_hash(other.recipe) == features_hash(inspector.recipe)
    assert features_hash(third.recipe) == features_hash(inspector.recipe)
    assert other.recipe.mask is inspector.recipe.mask
    assert not np.array_equal(other.recipe.mean, inspector.recipe.mean)


def test_limits_of_confirmed_parts_go(inspector, some):
    confirmed = inspector.confirmed(np.linspace(0.3, 0.5, 250))
    assert confirmed.recipe.limits.review < 1

    other, _ = confirmed.sharpened(some[:3])
    assert other.recipe.limits.review == 1
    assert len(other.recipe.confirmed) == 0


@pytest.mark.parametrize('kind, draw', [(ShapeKind.FREE, _lump), (ShapeKind.TEXTURE, _texture)])
def test_free_shapes_and_textures_are_sharpened_too(kind, draw, tmp_path):
    first = Inspector.teach([draw(seed) for seed in range(6)])
    assert first.recipe.pretrained.kind is kind
    first.save(tmp_path / 'recipe')
    again = Inspector.load(tmp_path / 'recipe')
    test = [draw(seed) for seed in range(30, 36)]

    again.sharpen([])
    np.testing.assert_allclose(_scores(again, test), _scores(first, test), rtol=1e-3)

    told = again.sharpen([draw(seed) for seed in range(10, 18)])
    at_once = Inspector.teach([draw(seed) for seed in (*range(6), *range(10, 18))])
    assert told.taken == 8
    assert told.enough.parts == again.recipe.taught_parts == 14
    np.testing.assert_allclose(_scores(again, test), _scores(at_once, test), rtol=0.15)
    again.save(tmp_path / 'recipe')
    size = sum(path.stat().st_size for path in (tmp_path / 'recipe').iterdir())
    assert size < 20e6


def test_a_module_that_was_brought_goes_on(teach_images, some):
    import torch
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 16, 3, 2, 1),
        torch.nn.ReLU()).eval()
    first = Inspector.teach(teach_images, backbone=module)

    assert first.sharpen(some[:4]).taken == 4
    assert first.recipe.pretrained.digest
    assert first.inspect(some[5]).decision is Decision.PASS
