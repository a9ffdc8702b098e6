# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A small image set on disk."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest


def _draw(seed: int, *, spotted: bool) -> np.ndarray:
    """Draw a plate with a hole on a dark belt, a little shifted, [96, 128, 3]."""
    random = np.random.default_rng(seed)
    image = np.full((96, 128, 3), 40, np.uint8)
    x, y = 24 + random.integers(-3, 4), 20 + random.integers(-3, 4)
    cv2.rectangle(image, (x, y), (x + 80, y + 56), (180, 175, 170), -1)
    cv2.circle(image, (x + 25, y + 28), 9, (60, 60, 60), -1)
    if spotted:
        cv2.circle(image, (x + 60, y + 40), 4, (20, 20, 20), -1)
    return np.clip(image + random.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope='session')
def write_plates() -> Callable[[Path], Path]:
    """Return what writes a set to a folder: 10 plates to teach from, 4 good and 4 bad ones."""
    def write(folder: Path) -> Path:
        for place, seeds in (('train/good', range(10)), ('test/good', range(20, 24)),
                             ('test/spot', range(30, 34))):
            (folder / place).mkdir(parents=True)
            for seed in seeds:
                cv2.imwrite(str(folder / place / f'{seed}.png'),
                            _draw(seed, spotted=place == 'test/spot'))
        return folder
    return write
