# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import cv2
import numpy as np
import pytest

from ant_ros.bench.evaluation.image_set import draw_splits
from ant_ros.bench.evaluation.image_set import ImageSetError
from ant_ros.bench.evaluation.image_set import read_image_set
from ant_ros.bench.evaluation.split_run import run_split
from ant_ros.inspection import ImageError


def own_split(folder):
    return draw_splits(read_image_set(folder), splits=1, shots=None, seed=0)[0]


def test_every_image_is_judged_and_maps_are_kept_for_good_parts_and_masks(folder, plain_detector):
    run = run_split(own_split(folder), plain_detector)
    assert (run.taught, len(run.judged), run.faults) == (8, 9, {})
    worst_good = max(one.score for one in run.judged if not one.sample.bad)
    assert all(one.score > worst_good for one in run.judged if one.sample.bad)
    assert [sample.path.stem for sample in run.located_samples] == [
        '10', '11', '12', '13', '20', '21', '22']
    assert run.located.auroc()[0] > 0.99
    assert all(one.seconds > 0 and one.decision is None for one in run.judged)


def test_unreadable_and_refused_files_are_listed(folder, plain_detector):
    (folder / 'train/good/0.png').write_bytes(b'no image')
    (folder / 'test/spot/20.png').write_bytes(b'')
    (folder / 'ground_truth/spot/21_mask.png').write_bytes(b'?')

    class Picky(plain_detector):
        def inspect(self, image):
            if abs(float(image.mean()) - self.refused) < 1e-9:
                raise ImageError('not this one')
            return super().inspect(image)

    from ant_ros.inspection import read_image
    Picky.refused = float(read_image(folder / 'test/good/11.png').mean())
    run = run_split(own_split(folder), Picky)
    assert run.taught == 7
    assert len(run.judged) == 7
    assert {sample.path.name: fault for sample, fault in run.faults.items()}.keys() == {
        '0.png', '20.png', '21.png', '11.png'}
    assert [sample.path.stem for sample in run.located_samples] == ['10', '12', '13', '22']


def test_one_grey_image_among_colour_ones_is_not_taught_from(folder, plain_detector):
    path = folder / 'train/good/3.png'
    cv2.imwrite(str(path), cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))

    run = run_split(own_split(folder), plain_detector)

    assert run.taught == 7
    assert {sample.path.name: fault for sample, fault in run.faults.items()} == {
        '3.png': 'an image of grey uint8, but most are of RGB uint8'}


def test_nothing_to_teach_from_or_to_test_with_is_an_error(folder, plain_detector):
    split = own_split(folder)

    def refuse(image):
        raise ImageError('refused')

    with pytest.raises(ImageSetError, match='teach from can be read'):
        run_split(split, plain_detector, look=refuse)
    for path in folder.glob('test/*/*.png'):
        path.write_bytes(b'')
    with pytest.raises(ImageSetError, match='test with can be used'):
        run_split(split, plain_detector)


def test_a_mask_of_another_size_is_left_out_and_large_maps_are_made_smaller(
        folder, plain_detector):
    import cv2
    for path in folder.rglob('*.png'):
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if path.name != '21_mask.png':
            cv2.imwrite(str(path), cv2.resize(image, (1024, 768), interpolation=0))
    run = run_split(own_split(folder), plain_detector)
    assert [fault for fault in run.faults.values() if '64 x 48 px' in fault]
    assert run.located.good[0].sum() == 512 * 384
    # Enlarged 16 times and made half as large: 5 x 5 px are 40 x 40.
    assert run.located.bad.sum(axis=1).tolist() == [0, 0, 0, 0, 1600, 1600]
    assert np.isclose(run.located.overlap.sum(), 2)
