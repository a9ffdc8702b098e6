# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Bad input is refused with what was given, what is expected and what to do."""

import numpy as np
import pytest
import torch

from ant_ros.network.input_checks import checked_choice
from ant_ros.network.input_checks import checked_image
from ant_ros.network.input_checks import checked_limit
from ant_ros.network.input_checks import checked_spread
from ant_ros.network.input_checks import checked_threshold

_SHAPE = (3, 4, 5)


@pytest.mark.parametrize('image', [
    np.ones(_SHAPE, np.float32), np.ones((1, *_SHAPE), np.float32), torch.ones(_SHAPE),
    torch.ones(1, *_SHAPE, requires_grad=True), np.ones((4, 5, 3), np.float32).transpose(2, 0, 1)])
def test_an_image_comes_as_array_or_tensor(image):
    checked = checked_image(image, _SHAPE, 'the image')
    assert checked.shape == _SHAPE
    assert checked.flags.c_contiguous
    assert (checked == 1).all()


@pytest.mark.parametrize('image, error, message', [
    (np.ones(_SHAPE), ValueError, 'float64: give float32'),
    (np.ones(_SHAPE, np.uint8), ValueError, 'uint8: give float32'),
    (np.ones((2, *_SHAPE), np.float32), ValueError, 'batch of 2'),
    (np.ones((0, *_SHAPE), np.float32), ValueError, 'batch of 0'),
    (np.ones((3, 5, 4), np.float32), ValueError, r'\(3, 5, 4\): expected \[3, 4, 5\]'),
    (np.ones((4, 5), np.float32), ValueError, 'expected'),
    ([[1.0]], TypeError, 'list: give a NumPy array or a torch tensor')])
def test_other_images_are_refused(image, error, message):
    with pytest.raises(error, match=message):
        checked_image(image, _SHAPE, 'the image')


def test_a_spread_fits_the_image():
    assert checked_spread(None, _SHAPE) is None
    assert (checked_spread(2.0, _SHAPE) == np.full(_SHAPE, 2.0)).all()
    assert checked_spread(np.ones((3, 1, 1), np.float32), _SHAPE).shape == _SHAPE
    assert checked_spread(torch.ones(1, *_SHAPE), _SHAPE).shape == _SHAPE


@pytest.mark.parametrize('spread', [0.0, -1.0, np.nan, np.inf, np.zeros(_SHAPE, np.float32),
                                    np.ones((2, 4, 5), np.float32)])
def test_other_spreads_are_refused(spread):
    with pytest.raises(ValueError, match='spread'):
        checked_spread(spread, _SHAPE)


@pytest.mark.parametrize('threshold', [-1e-9, np.nan, np.inf])
def test_a_threshold_is_at_least_0(threshold):
    assert checked_threshold(0) == 0.0
    with pytest.raises(ValueError, match='at least 0'):
        checked_threshold(threshold)


def test_budgets_and_choices():
    checked_limit('max_ms', None)
    checked_limit('max_ms', 0)
    for limit in (-1, np.nan):
        with pytest.raises(ValueError, match='max_ms'):
            checked_limit('max_ms', limit)
    with pytest.raises(ValueError, match="no mode 'x': choose one of a, b"):
        checked_choice('mode', 'x', ('a', 'b'))
