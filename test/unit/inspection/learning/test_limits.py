# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What bounds the learner."""

import pytest

from ant_ros.inspection.learning.limits import Limits


def test_limits_are_positive_numbers():
    assert Limits(frr_rise=0.0).frr_rise == 0
    for bad in ({'parts': 0}, {'frr_rise': -0.1}, {'vectors': float('inf')}):
        with pytest.raises(ValueError, match='expected a number from'):
            Limits(**bad)


def test_larger_limits_take_more_bytes():
    small, large = Limits(), Limits(vectors=10_000, parts=5000)
    for name in ('store_bytes', 'learner_bytes', 'message_bytes', 'state_bytes'):
        assert getattr(small, name)(64) <= getattr(large, name)(64)
        assert getattr(small, name)(64) < getattr(small, name)(128)
