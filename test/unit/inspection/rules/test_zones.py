# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Named places of a product."""

import cv2
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
import numpy as np
from pydantic import ValidationError
import pytest

from ant_ros.inspection.rules.zones import ELSEWHERE
from ant_ros.inspection.rules.zones import inside
from ant_ros.inspection.rules.zones import locate
from ant_ros.inspection.rules.zones import Zone

RIM = Zone(rectangle=(10, 20, 30, 5))
CORNER = Zone(polygon=((0, 0), (10, 0), (0, 10)))
corner = strategies.tuples(*[strategies.integers(0, 20)] * 2)


def pixels(left: int, top: int, width: int, height: int) -> np.ndarray:
    rows, columns = np.mgrid[top:top + height, left:left + width]
    return np.stack([columns.ravel(), rows.ravel()], axis=1)


def test_a_rectangle_holds_its_pixels_and_no_others():
    everything = pixels(0, 0, 60, 60)
    held = everything[inside(RIM, everything)]
    assert len(held) == 30 * 5
    assert held.min(axis=0).tolist() == [10, 20]
    assert held.max(axis=0).tolist() == [39, 24]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(strategies.lists(corner, min_size=3, max_size=6, unique=True))
def test_points_off_the_edges_are_told_as_opencv_tells_them_for_simple_polygons(corners):
    hull = cv2.convexHull(np.array(corners, np.float32))[:, 0]
    if len(hull) < 3 or cv2.contourArea(hull) == 0:
        return
    zone = Zone(polygon=tuple((float(x), float(y)) for x, y in hull))
    points = pixels(0, 0, 21, 21) + 0.25
    distances = np.array([cv2.pointPolygonTest(hull, (float(x), float(y)), True)
                          for x, y in points])
    clear = np.abs(distances) > 1e-3
    assert np.array_equal(inside(zone, points)[clear], distances[clear] > 0)


def test_the_direction_of_the_corners_does_not_matter():
    turned = Zone(polygon=CORNER.polygon[::-1])
    points = pixels(0, 0, 12, 12) + 0.5
    assert np.array_equal(inside(CORNER, points), inside(turned, points))


def test_a_region_lies_where_most_of_it_lies_and_touches_all_it_reaches():
    zones = {'rim': RIM, 'corner': CORNER}
    assert locate(zones, pixels(12, 21, 4, 2)) == ('rim', ('rim',))
    assert locate(zones, pixels(36, 20, 20, 2)) == (ELSEWHERE, ('rim',))
    assert locate(zones, pixels(50, 50, 2, 2)) == (ELSEWHERE, ())
    assert locate({}, pixels(0, 0, 2, 2)) == (ELSEWHERE, ())


def test_of_zones_that_overlap_the_first_counts():
    inner = Zone(rectangle=(0, 0, 100, 100))
    assert locate({'rim': RIM, 'all': inner}, pixels(12, 21, 4, 2))[0] == 'rim'
    assert locate({'all': inner, 'rim': RIM}, pixels(12, 21, 4, 2)) == ('all', ('all', 'rim'))


@pytest.mark.parametrize(('content', 'cause'), [
    ({}, 'either rectangle'),
    ({'rectangle': (0, 0, 1, 1), 'polygon': ((0, 0), (1, 0), (0, 1))}, 'either rectangle'),
    ({'rectangle': (0, 0, 0, 1)}, 'greater than 0'),
    ({'polygon': ((0, 0), (1, 0))}, 'at least 3'),
    ({'polygon': ((0, 0), (1, 1), (2, 2))}, 'no area'),
    ({'rectangle': (0, 0, float('inf'), 1)}, 'finite'),
])
def test_what_is_no_zone_is_refused(content, cause):
    with pytest.raises(ValidationError, match=cause):
        Zone(**content)
