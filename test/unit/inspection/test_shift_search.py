# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A template is found where it lies."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.brightness_samples import packed
from ant_ros.inspection.shift_search import likeliest_shift

_MIX = np.array([0.5, 0.3, 0.2, 0], np.float32)


def _picture() -> np.ndarray:
    noise = np.random.default_rng(4).normal(size=(60, 80, 4)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 2)
    return np.clip(128 + 40 * smooth / smooth.std(), 0, 255).astype(np.uint8)


@pytest.mark.parametrize('shift', [(0, 0), (3, -2), (-5, 5), (5, 4)])
@pytest.mark.parametrize('dimmed', [1.0, 0.6])
def test_the_shift_is_found_in_any_light(shift, dimmed):
    picture = _picture()
    template = cv2.transform(picture[20:44, 25:60].astype(np.float32), _MIX[None])
    at = np.array([[1, 0, 25 - shift[0]], [0, 1, 20 - shift[1]]], np.float32)

    seen = (dimmed * picture).astype(np.uint8)
    assert likeliest_shift(packed(seen), at, template - template.mean(), _MIX, 5) == shift


def test_what_lies_beyond_the_picture_is_what_its_border_shows():
    at = np.array([[1, 0, 500], [0, 1, -300]], np.float32)
    right, down = likeliest_shift(
        packed(_picture()), at, np.ones((8, 8), np.float32), _MIX, 3)

    assert max(abs(right), abs(down)) <= 3
