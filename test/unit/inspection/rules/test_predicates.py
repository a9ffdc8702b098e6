# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What can be measured of a region."""

import numpy as np
import pytest

from ant_ros.inspection.rules.predicates import Found
from ant_ros.inspection.rules.predicates import measure
from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.predicates import needs
from ant_ros.inspection.rules.predicates import NUMBERS
from ant_ros.inspection.rules.zones import Zone

SHAPE = (3, 80, 120)


def pixels(left: int, top: int, width: int, height: int) -> np.ndarray:
    rows, columns = np.mgrid[top:top + height, left:left + width]
    return np.stack([columns.ravel(), rows.ravel()], axis=1)


def measured(*regions: np.ndarray, **options) -> tuple[Measured, ...]:
    blank = np.zeros(SHAPE, np.float32)
    return measure([Found(region) for region in regions], blank, blank, **options)


def test_a_bar_has_its_length_and_breadth_in_pixels_and_millimetres():
    bar, = measured(pixels(10, 20, 40, 4), mm_per_px=0.25)
    assert (bar.length_px, bar.breadth_px, bar.area_px) == pytest.approx((40, 4, 160))
    assert bar.elongation == pytest.approx(10)
    assert (bar.x, bar.y) == (29.5, 21.5)
    assert bar.orientation_deg == pytest.approx(0, abs=0.1)
    assert bar.value('length_mm') == pytest.approx(10)
    assert bar.value('breadth_mm') == pytest.approx(1)
    assert bar.value('area_mm2') == pytest.approx(10)
    assert bar.value('size_mm') == pytest.approx(2 * np.sqrt(10 / np.pi))


@pytest.mark.parametrize('angle_deg', [0, 30, 45, 90, 120, 150])
def test_length_breadth_and_direction_do_not_depend_on_how_the_bar_lies(angle_deg):
    everywhere = pixels(0, 0, 120, 80)
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    x, y = (everywhere - (60, 40)).T
    along, across = cosine * x + sine * y, cosine * y - sine * x
    bar, = measured(everywhere[(np.abs(along) < 25) & (np.abs(across) < 3)])
    assert bar.length_px == pytest.approx(50, abs=1.5)
    assert bar.breadth_px == pytest.approx(6, abs=1)
    turned = (bar.orientation_deg - angle_deg + 90) % 180 - 90
    assert abs(turned) < 3


def test_a_single_pixel_can_be_measured():
    dot, = measured(pixels(3, 3, 1, 1))
    assert (dot.length_px, dot.breadth_px, dot.elongation) == (1, 1, 1)


def test_the_shift_is_seen_less_expected_within_the_region():
    seen, expected = np.full(SHAPE, 100.0), np.full(SHAPE, 100.0)
    seen[0, 20:24, 10:50] = 70
    seen[1, 20:24, 10:50] = 103
    seen[2, 20:24, 10:50] = 96
    bar, = measure([Found(pixels(10, 20, 40, 4))], seen, expected)
    assert bar.brightness_shift == pytest.approx(-30)
    assert bar.colour_shift == pytest.approx(5)


def test_planes_of_small_integers_do_not_wrap_around():
    seen, expected = np.full(SHAPE, 10, np.uint8), np.full(SHAPE, 200, np.uint8)
    bar, = measure([Found(pixels(10, 20, 4, 4))], seen, expected)
    assert bar.brightness_shift == -190


def test_the_gap_goes_to_the_nearest_other_region():
    left, near, far = measured(
        pixels(0, 0, 4, 4), pixels(7, 0, 2, 4), pixels(100, 60, 5, 5), mm_per_px=0.5)
    assert left.nearest_px == near.nearest_px == pytest.approx(4)
    assert far.nearest_px == pytest.approx(np.hypot(92, 57), rel=1e-4)
    assert left.value('nearest_mm') == pytest.approx(2)
    assert measured(pixels(0, 0, 4, 4))[0].nearest_px == np.inf


def test_without_a_golden_image_there_is_no_shift():
    seen = np.full(SHAPE, 100.0)
    bar, = measure([Found(pixels(10, 20, 40, 4))], seen, None)
    assert (bar.value('colour_shift'), bar.value('brightness_shift')) == (None, None)
    assert bar.value('elongation') == pytest.approx(10)


def test_grey_planes_tell_brightness_and_no_colour():
    seen = np.full((1, *SHAPE[1:]), 70.0)
    bar, = measure([Found(pixels(10, 20, 40, 4))], seen, seen + 30)
    assert (bar.value('colour_shift'), bar.value('brightness_shift')) == (None, -30)


def test_what_may_be_unknown_says_what_it_needs():
    bar, = measure([Found(pixels(10, 20, 40, 4))], np.zeros(SHAPE), None)
    for name in NUMBERS:
        assert bool(needs(name)) == (bar.value(name) is None), name
    assert needs('area_mm2') == 'millimetres per pixel'


def test_class_zone_and_peak_are_handed_on():
    blank = np.zeros(SHAPE)
    found, = measure([Found(pixels(0, 0, 4, 4), 3.5, 'dent', 0.75)], blank, blank,
                     zones={'rim': Zone(rectangle=(0, 0, 50, 50))})
    assert (found.label, found.confidence, found.peak) == ('dent', 0.75, 3.5)
    assert (found.zone, found.touches) == ('rim', ('rim',))


def test_a_share_is_that_of_the_part_that_the_region_is_on():
    mask = np.zeros(SHAPE[1:], bool)
    mask[10:50, 5:85] = True
    bar, whole = measured(pixels(10, 20, 40, 4), pixels(5, 10, 80, 40), mask=mask)
    assert (bar.value('length_share'), bar.value('area_share')) == pytest.approx((0.5, 0.05))
    assert (whole.value('length_share'), whole.value('area_share')) == pytest.approx((1, 1))
    nowhere, = measured(pixels(10, 20, 40, 4), mask=np.zeros(SHAPE[1:], bool))
    assert nowhere.value('area_share') is None


def test_every_predicate_has_a_value_and_millimetres_only_with_a_scale():
    without, = measured(pixels(10, 20, 40, 4))
    scaled, = measured(pixels(10, 20, 40, 4), mm_per_px=0.25, mask=np.ones(SHAPE[1:], bool))
    for name in NUMBERS:
        assert isinstance(scaled.value(name), float)
        assert (without.value(name) is None) == ('_mm' in name or '_share' in name)
    with pytest.raises(ValueError, match=r"no predicate 'lenght': there are length_mm"):
        without.value('lenght')


@pytest.mark.parametrize(('region', 'options', 'cause'), [
    (np.zeros((0, 2), int), {}, 'at least one pixel'),
    (np.zeros((4, 3), int), {}, 'columns and rows'),
    (pixels(118, 0, 4, 4), {}, 'not in the planes of 120 x 80'),
    (pixels(0, 0, 4, 4) - 1, {}, 'not in the planes'),
    (pixels(0, 0, 4, 4) + 0.5, {}, 'not in the planes'),
    (pixels(0, 0, 4, 4), {'mm_per_px': 0.0}, 'mm_per_px is 0'),
    (pixels(0, 0, 4, 4), {'mm_per_px': float('nan')}, 'mm_per_px is nan'),
])
def test_what_cannot_be_measured_is_refused(region, options, cause):
    with pytest.raises(ValueError, match=cause):
        measured(region, **options)


def test_planes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match='planes of shape'):
        measure([], np.zeros((3, 4, 4)), np.zeros((3, 4, 5)))
