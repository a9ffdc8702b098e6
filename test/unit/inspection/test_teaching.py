# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What good parts are registered by, and which features see them, is told by them alone."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection import teaching
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.verdict import Decision

_SIDE = 200


def _casting(seed: int, spot: bool = False) -> np.ndarray:
    """Draw a grey ring with vanes that fills the frame and hardly differs from what is behind."""
    rng = np.random.default_rng(seed)
    picture = np.full((_SIDE, _SIDE), 120.0, np.float32)
    middle = (_SIDE // 2, _SIDE // 2)
    cv2.circle(picture, middle, 88, 126, -1)
    cv2.circle(picture, middle, 88, 70, 4)
    cv2.circle(picture, middle, 20, 80, -1)
    for degrees, length in ((0, 60), (70, 78), (150, 50), (200, 70), (290, 60)):
        end = middle[0] + length * np.cos(np.deg2rad(degrees)), \
            middle[1] + length * np.sin(np.deg2rad(degrees))
        cv2.line(picture, middle, (round(end[0]), round(end[1])), 60, 6)
    if spot:
        cv2.circle(picture, (140, 150), 7, 20, -1)
    turn = cv2.getRotationMatrix2D(middle, rng.uniform(0, 360), 1)
    turn[:, 2] += rng.uniform(-3, 3, 2)
    turned = cv2.warpAffine(picture, turn, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(turned + rng.normal(0, 3, turned.shape), 0, 255).astype(np.uint8)


def test_a_part_that_fills_the_frame_is_turned_back(tmp_path):
    taught = Inspector.teach([_casting(seed) for seed in range(8)], backbone=SAMPLED)
    taught.save(tmp_path / 'casting')
    inspector = Inspector.load(tmp_path / 'casting')

    assert inspector.recipe.background.is_hidden
    assert all(inspector.inspect(_casting(seed)).decision is Decision.PASS
               for seed in range(100, 104))
    assert all(inspector.inspect(_casting(seed, spot=True)).decision is not Decision.PASS
               for seed in range(200, 204))


def test_a_texture_is_not_turned():
    rng = np.random.default_rng(0)
    frames = [cv2.blur(rng.normal(120, 60, (160, 160)).astype(np.float32), (5, 5)).astype(np.uint8)
              for _ in range(6)]

    assert Inspector.teach(frames, backbone=SAMPLED).recipe.background is None


@pytest.mark.parametrize(('own', 'cells', 'suffice'), [
    (0.0, (7, 8), True), (60.0, (7, 8), False), (40.0, (30, 25), False)])
def test_sampled_features_do_not_suffice_where_parts_differ(monkeypatch, own, cells, suffice):
    monkeypatch.setattr(teaching, 'missing_packages', lambda: ['a package'])

    def disc(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        frame = np.full((160, 160), 40.0, np.float32)
        cv2.rectangle(frame, (30, 50), (130, 110), 140, -1)
        cv2.rectangle(frame, (40, 60), (70, 80), 200, -1)
        frame[50:110, 80:130] += cv2.resize(
            rng.normal(0, 1, cells[::-1]).astype(np.float32), (50, 60)) * own
        return np.clip(frame + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8)

    note = Inspector.teach([disc(seed) for seed in range(8)]).recipe.backbone_note

    assert note.startswith('sampled features suffice') is suffice


def test_the_false_reject_rate_that_is_asked_for_moves_the_limits_of_sampled_features():
    images = [_casting(seed) for seed in range(6)]
    strict, mild = (Inspector.teach(images, backbone=SAMPLED, target_frr=rate).recipe
                    for rate in (0.2, 0.005))
    assert strict.limits.review < strict.limits.reject < mild.limits.review == 1.0
    assert strict.guarantee == (
        'FRR of 20.00% not guaranteed, 0 of 4 good parts confirmed (the 6 taught do not count)')


@pytest.mark.parametrize('jitter', [0, 3])
def test_sharp_parts_that_always_lie_between_the_same_pixels_pass(jitter):
    def stamped(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        frame = np.full((192, 256, 3), 40, np.uint8)
        x, y = 48 + rng.integers(-jitter, jitter + 1), 40 + rng.integers(-jitter, jitter + 1)
        cv2.rectangle(frame, (x, y), (x + 160, y + 112), (180, 175, 170), -1)
        cv2.circle(frame, (x + 50, y + 56), 18, (60, 60, 60), -1)
        return np.clip(frame + rng.normal(0, 2.5, frame.shape), 0, 255).astype(np.uint8)

    inspector = Inspector.teach([stamped(seed) for seed in range(10)], backbone=SAMPLED)

    # What is learned and what is inspected must be sampled alike to a hundredth of a pixel.
    assert max(inspector.inspect(stamped(seed)).score for seed in range(100, 110)) < 0.95
