# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Marks, regions and the sentence."""

import numpy as np

from ant_ros.inspection.regions import describe
from ant_ros.inspection.regions import find_marks
from ant_ros.inspection.regions import to_region

_MASK = np.ones((64, 96), bool)


def _marks(*boxes, colour=(-20.0, 0.0, 0.0), deep=0.0):
    score = np.zeros((64, 96), np.float32)
    difference = [np.zeros_like(score) for _ in range(3)]
    for top, left, height, width, peak in boxes:
        window = np.s_[top:top + height, left:left + width]
        score[window] = peak
        for plane, shift in zip(difference, colour):
            plane[window] = shift
    return find_marks(score, score * deep, 1.0, difference, _MASK)


def test_marks_are_sorted_and_weak_ones_left_out():
    marks = _marks((10, 10, 4, 4, 2.0), (30, 30, 5, 5, 6.0), (50, 50, 5, 5, 0.9))

    assert [mark.peak for mark in marks] == [6.0, 2.0]
    assert [mark.stage for mark in marks] == [0, 0]


def test_stage_is_the_one_that_saw_the_peak():
    assert _marks((10, 10, 4, 4, 2.0), deep=1.0)[0].stage == 1


def test_region_is_moved_scaled_and_clipped():
    mark = _marks((10, 20, 4, 6, 2.0))[0]
    matrix = np.array([[2.0, 0.0, 100.5], [0.0, 2.0, 50.5]])

    region = to_region(mark, matrix, (320, 240))
    assert (region.x, region.y, region.width, region.height) == (140, 70, 12, 8)
    assert region.area_px == 24 * 4

    region = to_region(mark, matrix, (145, 240))
    assert region.x + region.width == 145


def test_sentences():
    def sentence(mark, more=0, limit=1.0):
        region = to_region(mark, np.eye(3)[:2], (96, 64))
        return describe(mark, region, 1.0, limit, more)

    assert sentence(_marks((20, 20, 2, 30, 7.2))[0]) == (
        'scratch-like mark 30 x 2 px at (35, 21), 7.20 times the review limit')
    assert sentence(_marks((20, 20, 8, 8, 3.0))[0]).startswith('dark mark 8 x 8 px')
    assert sentence(_marks((20, 20, 8, 8, 3.0), colour=(5, 20, 0))[0], 2) == (
        'wrong colour, 8 x 8 px at (24, 24), 3.00 times the review limit, and 2 more marks')
    assert '6.00 times the review limit' in sentence(_marks((20, 20, 8, 8, 3.0))[0], limit=0.5)
    assert '1.04 times the review limit' in sentence(_marks((20, 20, 8, 8, 1.04))[0])
    assert sentence(_marks((20, 20, 10, 25, 30.0))[0]).startswith('dark mark 25 x 10 px')


def test_the_core_of_a_mark_is_without_the_evidence_that_spreads_around_it():
    mark, = _marks((10, 10, 30, 40, 1.0), (20, 25, 4, 6, 12.0))

    assert (len(mark.pixels), len(mark.core)) == (30 * 40, 4 * 6)
    assert (mark.core.min(axis=0).tolist(), mark.core.max(axis=0).tolist()) == ([25, 20], [30, 23])
    assert (mark.length, mark.breadth) == (6, 4)
    region = to_region(mark, np.eye(3)[:2], (96, 64))
    assert (region.x, region.y, region.width, region.height) == (25, 20, 6, 4)


def test_a_region_tells_elongation_and_the_shift_of_its_core():
    mark, = _marks((10, 10, 30, 40, 1.0), (20, 25, 2, 8, 12.0), colour=(-20.0, 3.0, 4.0))
    region = to_region(mark, np.eye(3)[:2], (96, 64))

    assert region.elongation == 4
    assert (region.brightness_shift, region.colour_shift) == (-20, 5)


def test_grey_images_tell_no_colour():
    score = np.zeros((64, 96), np.float32)
    score[20:28, 30:38] = 3.0
    mark, = find_marks(score, score, 1.0, [-10 * score], _MASK)
    region = to_region(mark, np.eye(3)[:2], (96, 64))

    assert (region.brightness_shift, region.colour_shift) == (-30, None)
    assert describe(mark, region, 1.0, 1.0, 0).startswith('dark mark')


def test_where_nothing_is_expected_no_shift_is_made_up():
    score = np.zeros((64, 96), np.float32)
    score[20:28, 30:38] = 3.0
    mark, = find_marks(score, score, 1.0, None, _MASK)
    region = to_region(mark, np.eye(3)[:2], (96, 64))

    assert (region.brightness_shift, region.colour_shift) == (None, None)
    assert describe(mark, region, 1.0, 1.0, 0).startswith('unusual place, 8 x 8 px')
