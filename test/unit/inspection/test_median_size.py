# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The median size is found without sorting."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest

from ant_ros.inspection.median_size import median_size
from ant_ros.network.compiled import entry


@entry
def _measured(values, every):
    return median_size(values, every)


_VALUES = arrays(np.float32, st.integers(1, 60), elements=st.floats(-300, 300, width=32))


@settings(deadline=None)  # the first call compiles
@given(_VALUES, st.sampled_from([1, 4]))
def test_it_lies_between_the_two_middle_ones(values, every):
    sizes = np.sort(np.abs(values[::every]))
    found, slack = _measured(values, every), sizes[-1] / 4096 + 1e-6

    assert sizes[(len(sizes) - 1) // 2] - slack <= found <= sizes[len(sizes) // 2] + slack


def test_of_many_it_is_close_to_the_exact_one():
    values = np.random.default_rng(0).normal(size=2001).astype(np.float32)

    assert _measured(values, 1) == pytest.approx(float(np.median(np.abs(values))), abs=2e-3)
