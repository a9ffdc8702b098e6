# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Whether things have a fixed place in the frame."""

import numpy as np

from ant_ros.inspection.shape_kind import FIXED_LIKENESS
from ant_ros.inspection.shape_kind import frame_likeness


def test_noise_is_a_texture():
    rng = np.random.default_rng(0)

    assert frame_likeness(list(rng.normal(0, 1, (6, 40, 60)))) < FIXED_LIKENESS / 2


def test_the_same_picture_in_other_noise_is_not():
    rng = np.random.default_rng(0)
    picture = rng.normal(0, 1, (40, 60))

    assert frame_likeness(
        [picture + rng.normal(0, 0.5, (40, 60)) for _ in range(6)]) > FIXED_LIKENESS


def test_the_same_light_on_other_noise_is_a_texture():
    rng = np.random.default_rng(0)
    shading = np.hypot(*np.meshgrid(np.linspace(-4, 4, 60), np.linspace(-3, 3, 40)))

    assert frame_likeness(
        [shading + rng.normal(0, 0.5, (40, 60)) for _ in range(6)]) < FIXED_LIKENESS / 2
