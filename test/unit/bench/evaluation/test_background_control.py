# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import cv2
import numpy as np
import pytest

from ant_ros.bench.evaluation.background_control import BackgroundDetector
from ant_ros.bench.evaluation.background_control import describe_background
from ant_ros.bench.evaluation.background_control import score_backgrounds
from ant_ros.bench.evaluation.figures import background_figures
from ant_ros.bench.evaluation.image_set import draw_splits
from ant_ros.bench.evaluation.image_set import read_image_set


class Finder:
    """Finds what is brighter than the belt."""

    def part_mask(self, image):
        mask = (image if image.ndim == 2 else image.max(axis=2)) > 150 * (image.max() / 255)
        return mask if mask.any() else None


def draw(seed, *, broken=False, crumb=False, dtype=np.uint8):
    """Draw a bright disc on a belt of noise, broken or with a crumb beside it, [96, 128, 3]."""
    random = np.random.default_rng(seed)
    image = random.normal(60, 5, (96, 128, 3))
    centre = (64 + int(random.integers(-4, 5)), 48 + int(random.integers(-4, 5)))
    cv2.circle(image, centre, 22, (220, 210, 200), -1)
    if broken:
        cv2.rectangle(image, (centre[0] + 4, 0), (127, 96), (60, 60, 60), -1)
        image[:, centre[0] + 4:] += random.normal(0, 5, image[:, centre[0] + 4:].shape)
    if crumb:
        image[8:12, 10:14] = 110
    image[40, 64] = 250
    return (np.clip(image, 0, 255) * (257 if dtype == np.uint16 else 1)).astype(dtype)


def write_set(root: Path, **bad) -> Path:
    for place, seeds, kind in (('train/good', range(12), {}), ('test/good', range(20, 30), {}),
                               ('test/bad', range(40, 50), bad)):
        (root / place).mkdir(parents=True)
        for seed in seeds:
            cv2.imwrite(str(root / place / f'{seed}.png'), draw(seed, **kind))
    return root


def own_split(folder):
    return draw_splits(read_image_set(folder), splits=1, shots=None, seed=0)[0]


def background_auroc(split, detector):
    """Return the figure, its interval, and why there is none."""
    figures, intervals, reasons = background_figures(*score_backgrounds(split, detector), 0)
    name = 'background_only_auroc'
    return figures[name], intervals.get(name), reasons.get(name, '')


def test_crumbs_beside_the_part_are_told_from_the_background(tmp_path):
    auroc, (low, high), why = background_auroc(
        own_split(write_set(tmp_path, crumb=True)), Finder())
    assert auroc > 0.95
    assert 0.5 < low < auroc <= high <= 1
    assert why == ''


def test_a_broken_part_is_not(tmp_path):
    auroc, (low, high), _ = background_auroc(
        own_split(write_set(tmp_path, broken=True)), Finder())
    assert 0.2 < auroc < 0.8
    assert low < auroc < high


def test_without_a_part_there_is_no_figure_but_a_reason(tmp_path, plain_detector):
    split = own_split(write_set(tmp_path))
    nothing = type('Nothing', (), {'part_mask': lambda self, image: None})()
    everything = type('Everything', (), {
        'part_mask': lambda self, image: np.ones(image.shape[:2], bool)})()
    for detector, said in ((nothing, 'no part is told'), (everything, 'hardly any background'),
                           (plain_detector([0]), 'does not tell where the part is')):
        auroc, interval, why = background_auroc(split, detector)
        assert auroc is interval is None
        assert said in why


def test_of_too_few_backgrounds_nothing_is_told(tmp_path):
    folder = write_set(tmp_path, crumb=True)
    for path in sorted((folder / 'test/bad').iterdir())[3:]:
        path.unlink()
    auroc, interval, why = background_auroc(own_split(folder), Finder())
    assert auroc is interval is None
    assert '10 good and 3 bad images' in why


def test_unreadable_and_other_images_are_left_out(tmp_path):
    folder = write_set(tmp_path, crumb=True)
    (folder / 'test/good/20.png').write_bytes(b'nothing')
    cv2.imwrite(str(folder / 'test/good/21.png'), np.full((64, 64, 3), 200, np.uint8))
    auroc, _, _ = background_auroc(own_split(folder), Finder())
    assert auroc > 0.95


@pytest.mark.parametrize('grey', [False, True])
def test_cells_of_the_part_are_not_free_and_the_others_say_how_they_look(grey):
    image = draw(3)
    image = image[..., 0] if grey else image
    mask = np.zeros((96, 128), bool)
    mask[40:60, 50:80] = True
    features, free = describe_background(image, mask)
    assert features.shape == (*free.shape, 5) == (24, 32, 5)
    assert not free[10:15, 13:20].any()
    assert free[:6].all()
    assert np.abs(features[free][:, :3].mean() - 60) < 30


def test_a_cell_that_the_part_usually_hides_does_not_count():
    hidden = np.zeros((4, 4), bool)
    hidden[:2] = True
    plain = np.zeros((4, 4, 2))
    background = BackgroundDetector([(plain, ~hidden)] * 6)
    odd = plain.copy()
    odd[0, 0] = 100
    assert background.cells == 8
    assert background.score((odd, np.ones((4, 4), bool))) == 0.0
    odd[3, 0] = 3
    assert background.score((odd, np.ones((4, 4), bool))) > 1
    assert background.score((odd, hidden)) is None
