# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What detectors see of a part alone."""

from functools import partial

import numpy as np
import pytest

from ant_ros.bench.inspection.part_alone import PartAlone
from ant_ros.inspection import TeachError


class Keeper:
    """Keeps what it was shown."""

    def __init__(self, good):
        self.good = good

    def inspect(self, image):
        return image


def picture(seed, corner=(0, 0, 0)):
    random = np.random.default_rng(seed)
    image = random.normal(40, 2, (96, 128, 3))
    image[30:66, 40:90] += 100
    image[:12, :12] += corner
    return np.clip(image, 0, 255).astype(np.uint8)


def test_nothing_is_left_of_the_background():
    detector = PartAlone([picture(seed) for seed in range(6)], Keeper)

    seen = detector.inspect(picture(9, corner=(30, 0, 0)))

    assert np.array_equal(seen[32:64, 42:88], picture(9)[32:64, 42:88])
    assert len(np.unique(seen[:20].reshape(-1, 3), axis=0)) == 1
    assert np.abs(seen[0, 0].astype(int) - 40).max() <= 2


def test_the_detector_is_taught_with_the_same():
    good = [picture(seed) for seed in range(6)]
    shown = []
    PartAlone(good, lambda images: shown.extend(images) or Keeper(images))

    assert len(shown) == 6
    assert all(len(np.unique(one[:20].reshape(-1, 3), axis=0)) == 1 for one in shown)


def test_a_texture_has_no_background_to_hide():
    random = np.random.default_rng(0)
    images = [random.integers(0, 255, (96, 128, 3), np.uint8) for _ in range(6)]

    with pytest.raises(TeachError, match='stands out'):
        partial(PartAlone, teacher=Keeper)(images)
