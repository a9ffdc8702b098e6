# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import shutil

import numpy as np
import pytest

from ant_ros.bench.evaluation.image_set import draw_splits
from ant_ros.bench.evaluation.image_set import ImageSetError
from ant_ros.bench.evaluation.image_set import read_image_set
from ant_ros.bench.evaluation.image_set import read_mask


def names(samples):
    return [sample.path.stem for sample in samples]


def test_the_layout_is_read_with_masks_of_both_names(folder):
    images = read_image_set(folder)
    assert (images.name, len(images.teach), len(images.good)) == ('spots', 8, 4)
    assert {sample.defect for sample in images.bad} == {'spot'}
    masks = [sample.mask and sample.mask.name for sample in images.bad]
    assert masks == ['20_mask.png', '21_mask.png', '22.png', None, None]
    assert not any(sample.bad for sample in images.teach + images.good)


@pytest.mark.parametrize('missing', ['train/good', 'test/good', 'test/spot'])
def test_what_is_missing_is_named(folder, missing):
    shutil.rmtree(folder / missing)
    with pytest.raises(ImageSetError, match=r'train/good|test/good|test/DEFECT'):
        read_image_set(folder)
    (folder / missing).mkdir()
    with pytest.raises(ImageSetError, match='no images in'):
        read_image_set(folder)


def test_one_split_is_the_folders_own(folder):
    images = read_image_set(folder)
    (split,) = draw_splits(images, splits=1, shots=None, seed=3)
    assert split.teach == images.teach
    assert split.test == images.good + images.bad


def test_shots_are_drawn_from_the_images_to_teach_from_by_the_seed(folder):
    images = read_image_set(folder)
    drawn = [draw_splits(images, splits=1, shots=5, seed=seed)[0] for seed in (3, 3, 4)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert set(drawn[0].teach) < set(images.teach)
    assert len(drawn[0].teach) == 5
    assert drawn[0].test == images.good + images.bad


def test_more_splits_pool_all_good_images_and_test_the_rest(folder):
    images = read_image_set(folder)
    pool = set(images.teach + images.good)
    splits = draw_splits(images, splits=3, shots=None, seed=0)
    for split in splits:
        good = [sample for sample in split.test if not sample.bad]
        assert len(split.teach) == 8
        assert set(split.teach) | set(good) == pool
        assert not set(split.teach) & set(good)
        assert [sample for sample in split.test if sample.bad] == list(images.bad)
    assert len({names(split.teach)[0] + str(names(split.teach)) for split in splits}) > 1
    assert splits == draw_splits(images, splits=3, shots=None, seed=0)
    assert splits[:2] == draw_splits(images, splits=2, shots=None, seed=0)


@pytest.mark.parametrize(('splits', 'shots', 'seed'), [
    (1, 9, 0), (2, 12, 0), (0, None, 0), (1, None, -1)])
def test_what_cannot_be_drawn_is_refused(folder, splits, shots, seed):
    with pytest.raises(ImageSetError):
        draw_splits(read_image_set(folder), splits=splits, shots=shots, seed=seed)


def test_a_mask_is_what_is_more_than_half_of_the_brightest(tmp_path):
    from PIL import Image
    values = np.zeros((40, 40), np.uint8)
    values[:10], values[10:20] = 1, 0
    Image.fromarray(values).save(tmp_path / 'ones.png')
    Image.fromarray(values * 255).save(tmp_path / 'bright.png')
    Image.fromarray(np.zeros((40, 40), np.uint8)).save(tmp_path / 'empty.png')
    assert np.array_equal(read_mask(tmp_path / 'ones.png'), values > 0)
    assert np.array_equal(read_mask(tmp_path / 'bright.png'), values > 0)
    assert not read_mask(tmp_path / 'empty.png').any()
