# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Cutting out parts of free shape."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.crops import learn_crop
from ant_ros.inspection.crops import Place
from ant_ros.inspection.part_finder import learn_background


@pytest.fixture(scope='module')
def frames(plate):
    return [plate(seed) for seed in range(6)]


def test_cut_outs_are_centred_on_the_part(frames):
    crop = learn_crop(frames, learn_background(frames))
    for frame in frames:
        cut = crop.cut(frame, crop.find(frame), (96, 96)).astype(float).mean(axis=2)
        rows, columns = np.nonzero(cut > 90)
        assert columns.mean() == pytest.approx(47.5, abs=1.5)
        assert rows.mean() == pytest.approx(47.5, abs=1.5)
        assert cut[:3].mean() < 70


def test_matrix_leads_back_to_the_frame(frames):
    crop = learn_crop(frames, learn_background(frames))
    frame = frames[0].copy()
    place = crop.find(frame)
    matrix = crop.matrix(place, (80, 80))

    middle = matrix @ (39.5, 39.5, 1)
    assert middle == pytest.approx((place.x, place.y))
    ends = matrix @ (79.5, 79.5, 1) - matrix @ (-0.5, -0.5, 1)
    assert ends == pytest.approx(2 * crop.half_px)


def test_the_border_goes_on_beyond_the_frame(frames):
    crop = learn_crop(frames, learn_background(frames))
    frame = frames[0].copy()
    frame[:, :8] = frame[:8] = (60, 90, 30)

    cut = crop.cut(frame, Place(0.0, 0.0, None), (64, 64))

    assert np.abs(cut[:30, :30].astype(int) - (60, 90, 30)).max() <= 1


def test_near_is_the_part_with_a_margin(frames):
    crop = learn_crop(frames, learn_background(frames))
    place = crop.find(frames[0])
    part = crop.cut(frames[0], place, (64, 64)).mean(axis=2) > 90
    near = crop.near(place, (64, 64))

    assert near[part].all()
    assert not near[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert part.sum() < near.sum()


def test_on_part_is_the_part_without_its_surroundings(frames):
    crop = learn_crop(frames, learn_background(frames))
    place = crop.find(frames[0])
    part = crop.cut(frames[0], place, (64, 64)).mean(axis=2) > 90
    on_part, near = crop.on_part(place, (64, 64)), crop.near(place, (64, 64))

    assert on_part[part].all()
    assert near[on_part].all()
    assert part.sum() < on_part.sum() < 0.9 * near.sum()


def test_outline_is_the_part_alone_and_a_texture_has_none(frames):
    crop = learn_crop(frames, learn_background(frames))
    place = crop.find(frames[0])
    part = (crop.cut(frames[0], place, (64, 64)).mean(axis=2) > 90).astype(np.uint8)
    hull = cv2.fillConvexPoly(
        np.zeros_like(part), cv2.convexHull(cv2.findNonZero(part)), 1) > 0
    outline = crop.outline(place, (64, 64))

    assert outline.sum() == pytest.approx(hull.sum(), rel=0.05)
    assert (outline & hull).sum() > 0.95 * hull.sum()
    assert learn_crop(frames, None).outline(Place(0.0, 0.0, None), (64, 64)) is None


def test_what_joins_the_part_to_the_border_is_not_the_part(frames):
    crop = learn_crop(frames, learn_background(frames))
    frame = frames[0].copy()
    before = crop.find(frame)
    middle = round(before.x)
    frame[-6:] = 120
    frame[round(before.y):, middle - 3:middle + 4] = 120

    after = crop.find(frame)

    assert (after.x, after.y) == pytest.approx((before.x, before.y), abs=4)
    assert after.outline[:, 1].max() < frame.shape[0] - 6


def test_texture_is_taken_whole():
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (60, 90, 3), np.uint8) for _ in range(5)]
    crop = learn_crop(frames, None)

    assert np.array_equal(crop.cut(frames[0], crop.find(frames[0]), (90, 60)), frames[0])


def test_empty_frame_shows_no_part(frames):
    crop = learn_crop(frames, learn_background(frames))

    assert crop.find(np.full_like(frames[0], 48)) is None
