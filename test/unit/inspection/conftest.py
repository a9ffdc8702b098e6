# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Synthetic plates on a belt: what the inspection tests look at."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import torch

from ant_ros.inspection import Inspector

WIDTH, HEIGHT = 320, 240
_FINE = 3
_HOLES = ((30, 25, 7), (120, 25, 7), (30, 85, 7), (120, 88, 7), (75, 55, 13))


def draw_plate(
    seed: int, *, defect: str | None = None, gain: float | None = None, yaw_deg: float = 15.0
) -> np.ndarray:
    """Draw a textured plate with holes on a dark belt, [240, 320, 3] uint8 RGB.

    Pose, light, texture and sensor noise come from the seed.

    Args:
        seed: Number of the part.
        defect: `scratch`, `spot`, `colour`, `dark` (all of it), `dent` or `missing`.
        gain: Factor of the light; drawn from 0.9 .. 1.1 by default.
        yaw_deg: Largest turn to either side.
    """
    rng = np.random.default_rng([7, seed])
    height, width = 110 * _FINE, 150 * _FINE
    grain = cv2.blur(rng.normal(0, 1, (height, width)).astype(np.float32), (61, 1))
    plate = np.array([150, 155, 165], np.float32) + (grain / grain.std() * 4)[..., None]
    cover = np.zeros((height, width), np.float32)
    cv2.rectangle(cover, (6, 6), (width - 7, height - 7), 1, -1)
    for number, (x, y, radius) in enumerate(_HOLES):
        if defect != 'missing' or number != 2:
            cv2.circle(cover, (x * _FINE, y * _FINE), radius * _FINE, 0, -1)
    cv2.rectangle(plate, (60 * _FINE, 85 * _FINE), (80 * _FINE, 95 * _FINE), (40, 40, 60), -1)
    if defect == 'scratch':
        cv2.line(plate, (40 * _FINE, 35 * _FINE), (62 * _FINE, 24 * _FINE), (205, 210, 220), 4)
    elif defect == 'spot':
        cv2.circle(plate, (100 * _FINE, 60 * _FINE), 3 * _FINE, (95, 90, 85), -1)
    elif defect == 'colour':
        plate[60 * _FINE:75 * _FINE, 92 * _FINE:110 * _FINE] *= np.float32([1.12, 1.0, 0.9])
    elif defect == 'dark':
        plate *= 0.75
    elif defect == 'dent':
        cv2.circle(cover, (50 * _FINE, 6), 6 * _FINE, 0, -1)
    turn = np.deg2rad(rng.uniform(-yaw_deg, yaw_deg))
    centre = np.array([WIDTH / 2, HEIGHT / 2]) * _FINE + rng.uniform(-12, 12, 2) * _FINE
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = np.hstack([rotation, (centre - rotation @ (width / 2, height / 2))[:, None]])
    size = (WIDTH * _FINE, HEIGHT * _FINE)
    plate, cover = cv2.warpAffine(plate, matrix, size), cv2.warpAffine(cover, matrix, size)
    belt = np.array([46, 50, 48], np.float32) * np.ones((*size[::-1], 1), np.float32)
    scene = belt * (1 - cover[..., None]) + plate * cover[..., None]
    image = cv2.resize(scene, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    image *= rng.uniform(0.9, 1.1) if gain is None else gain
    return np.clip(image + rng.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope='session')
def plate() -> Callable[..., np.ndarray]:
    """Return the function that draws a plate."""
    return draw_plate


@pytest.fixture(scope='session')
def teach_images() -> list[np.ndarray]:
    """Return ten good plates."""
    return [draw_plate(seed) for seed in range(10)]


@pytest.fixture(scope='session')
def inspector(teach_images: list[np.ndarray]) -> Inspector:
    """Return an inspector taught from ten good plates."""
    return Inspector.teach(teach_images, name='plate')


class Edges(torch.nn.Module):
    """A backbone to bring: a few fixed filters."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.filters = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 5, 4, 2), torch.nn.ReLU(), torch.nn.Conv2d(8, 12, 3, 2, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.filters(x)


@pytest.fixture(scope='session')
def edges() -> Callable[[], torch.nn.Module]:
    """Return what makes a small module to bring, each time the same."""
    return lambda: Edges().eval()
