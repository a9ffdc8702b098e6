# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images of all sizes, and parts nearer to the camera or farther from it than those taught."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector

DEFECTS = ('missing', 'spot', 'dent')
BELT = (46, 50, 48)


def judge(inspector, draw):
    good = [inspector.inspect(draw(seed)).decision for seed in range(1000, 1004)]
    bad = [inspector.inspect(draw(2000 + seed, defect=defect)).decision
           for seed, defect in enumerate(DEFECTS)]
    return good, bad


def told_apart(inspector, draw) -> bool:
    good, bad = judge(inspector, draw)
    return good.count(Decision.PASS) >= len(good) - 1 and Decision.PASS not in bad


@pytest.mark.parametrize('size', [(64, 48), (4000, 3000)])
def test_images_from_64_to_4000_px(plate, size):
    def resized(seed, **options):
        return cv2.resize(plate(seed, **options), size, interpolation=(
            cv2.INTER_AREA if size[0] < 320 else cv2.INTER_LINEAR))

    inspector = Inspector.teach([resized(seed) for seed in range(6)])

    assert inspector.inspect(resized(7)).anomaly_map.shape == size[::-1]
    assert told_apart(inspector, resized)


def test_a_texture_of_4000_px():
    def texture(seed, *, hole=False):
        rng = np.random.default_rng(seed)
        noise = cv2.resize(rng.normal(120, 25, (750, 1000)).astype(np.float32), (4000, 3000),
                           interpolation=cv2.INTER_CUBIC)
        if hole:
            cv2.circle(noise, (1500, 1200), 150, 10, -1)
        return np.clip(noise, 0, 255).astype(np.uint8)

    inspector = Inspector.teach([texture(seed) for seed in range(5)], backbone='sampled')

    assert inspector.inspect(texture(9)).decision is Decision.PASS
    holed = inspector.inspect(texture(10, hole=True))
    assert holed.decision is Decision.REJECT
    region = holed.regions[0]
    assert abs(region.x + region.width / 2 - 1500) < 60
    assert abs(region.y + region.height / 2 - 1200) < 60


@pytest.mark.parametrize(('part', 'frame'), [((80, 60), (640, 480)), ((96, 72), (1200, 900))])
def test_a_part_that_is_small_against_its_background(plate, part, frame):
    def far_away(seed, **options):
        rng = np.random.default_rng([3, seed])
        scene = np.full((*frame[::-1], 3), BELT, np.float32)
        left, top = rng.integers(0, np.subtract(frame, part))
        scene[top:top + part[1], left:left + part[0]] = cv2.resize(
            plate(seed, gain=1, **options), part, interpolation=cv2.INTER_AREA)
        noise = rng.normal(0, 2.5, scene.shape)
        return np.clip(scene * rng.uniform(0.9, 1.1) + noise, 0, 255).astype(np.uint8)

    inspector = Inspector.teach([far_away(seed) for seed in range(8)])

    assert inspector.recipe.background is not None
    assert told_apart(inspector, far_away)


@pytest.mark.parametrize('scale', [0.95, 0.98, 1.02, 1.05])
def test_parts_nearer_or_farther_than_those_that_were_taught(inspector, plate, scale):
    def zoomed(seed, **options):
        image = plate(seed, **options)
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, scale)
        return cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_CUBIC,
                              borderMode=cv2.BORDER_REPLICATE)

    assert told_apart(inspector, zoomed)
