# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A small set of images on disk, and a plain detector to measure."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

SIZE = (48, 64)


@dataclass(frozen=True)
class PlainAnswer:
    score: float
    anomaly_map: np.ndarray


class PlainDetector:
    """The largest difference from the mean of the good images."""

    def __init__(self, good):
        self.mean = np.mean(good, axis=0)

    def inspect(self, image):
        difference = np.abs(image - self.mean).max(axis=2)
        blurred = cv2.blur(difference, (3, 3)).astype(np.float32)
        return PlainAnswer(float(blurred.max()), blurred)


def draw(seed: int, spot: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return an image of noise, with a bright spot if wanted, and the spot's mask."""
    random = np.random.default_rng(seed)
    image = random.normal(100, 4, (*SIZE, 3))
    mask = np.zeros(SIZE, np.uint8)
    if spot:
        y, x = (int(value) for value in random.integers(6, 38, 2))
        mask[y:y + 5, x:x + 5] = 255
        image[mask > 0] += 60
    return np.clip(image, 0, 255).astype(np.uint8), mask


def write(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A set: 8 good images to teach from, 4 good and 5 bad ones to test with, 3 masks."""
    root = tmp_path / 'spots'
    for seed in range(8):
        write(root / 'train/good' / f'{seed}.png', draw(seed)[0])
    for seed in range(10, 14):
        write(root / 'test/good' / f'{seed}.png', draw(seed)[0])
    for seed in range(20, 25):
        image, mask = draw(seed, spot=True)
        write(root / 'test/spot' / f'{seed}.png', image)
        if seed < 22:
            write(root / 'ground_truth/spot' / f'{seed}_mask.png', mask)
        elif seed == 22:
            write(root / 'ground_truth/spot' / f'{seed}.png', mask)
    return root


@pytest.fixture
def plain_detector() -> type[PlainDetector]:
    return PlainDetector
