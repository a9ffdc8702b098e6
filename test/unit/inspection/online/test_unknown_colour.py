# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is not known of a region's colour and share is not made up, and goes to review."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.verdict import Decision

ONLY_A_SHADE = """
rules:
- name: only a shade
  when: {colour_shift: {below: 8}, brightness_shift: {at_least: -8, below: 8}}
  then: accept
"""
SMALL = """
rules:
- name: small beside the part
  when: {area_share: {below: 0.4}, length_share: {below: 0.6}}
  then: rework
"""


def pebble(seed: int, *, stained: bool = False) -> np.ndarray:
    """Draw a speckled pebble on a dark belt; a saturated stain covers some of it."""
    random = np.random.default_rng(seed)
    image = np.full((160, 160, 3), 40, np.float32)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 42 + sum(random.normal(0, 5) * np.cos(waves * angle + random.uniform(0, 6))
                      for waves in (2, 3, 4))
    middle = 80 + random.uniform(-6, 6, 2)
    outline = middle + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    cv2.fillPoly(image, [outline.astype(np.int32)], (190, 150, 90))
    for x, y in random.uniform(55, 105, (25, 2)):
        cv2.circle(image, (int(x), int(y)), 2, (150, 110, 60), -1)
    if stained:
        cv2.circle(image, (80, 80), 10, (40, 60, 220), -1)
    return np.clip(image + random.normal(0, 2, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope='module')
def pebbles() -> OnlineInspector:
    inspector = OnlineInspector.teach([pebble(seed) for seed in range(8)], name='pebble')
    assert inspector.recipe.pretrained.kind is ShapeKind.FREE
    return inspector


def test_a_rule_on_colour_sends_a_saturated_stain_to_review_and_says_why(pebbles, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text(ONLY_A_SHADE)
    pebbles.set_rules(rules)
    verdict = pebbles.inspect(pebble(101, stained=True))

    assert (verdict.decision, verdict.disposition) == (Decision.REVIEW, 'review')
    assert ("'only a shade' asks for colour_shift, brightness_shift, which cannot be told without "
            'a golden image') in verdict.reason
    shown = verdict.regions[0]
    assert (shown.colour_shift, shown.brightness_shift) == (None, None)
    assert 1 <= shown.elongation < 2


def test_shares_are_those_of_the_part_and_not_of_what_is_cut_out(pebbles, tmp_path):
    stain, = pebbles.measure(pebble(101, stained=True))
    length, area = stain.part
    pixel = np.sqrt(abs(np.linalg.det(
        pebbles.judge(pebble(101, stained=True), 'a').evidence.matrix[:, :2])))
    seen = pebbles_own_area(pebble(101))
    assert area * pixel ** 2 == pytest.approx(seen, rel=0.06)
    assert 84 < length * pixel < 120

    rules = tmp_path / 'rules.yaml'
    rules.write_text(SMALL)
    pebbles.set_rules(rules)
    assert pebbles.inspect(pebble(101, stained=True)).disposition == 'rework'


def test_grey_images_tell_brightness_and_no_colour(plate, tmp_path):
    grey = OnlineInspector.teach([plate(seed).mean(axis=2).astype(np.uint8) for seed in range(8)],
                                 name='grey', backbone='sampled')
    rules = tmp_path / 'rules.yaml'
    rules.write_text(ONLY_A_SHADE)
    grey.set_rules(rules)
    spot = plate(2001, defect='spot').mean(axis=2).astype(np.uint8)
    measured = grey.measure(spot)[0]
    assert (measured.colour_shift, measured.brightness_shift < -8) == (None, True)
    assert grey.inspect(spot).rule == ''  # its brightness settles it

    rules.write_text('rules:\n- {name: pale, when: {colour_shift: {below: 8}}, then: accept}\n')
    grey.reload_rules()
    verdict = grey.inspect(spot)
    assert verdict.disposition == 'review'
    assert 'cannot be told without a golden image in colour' in verdict.rule_sentence
    assert verdict.regions[0].colour_shift is None


def pebbles_own_area(image: np.ndarray) -> float:
    """Return the pixels inside the convex hull of what is brighter than the belt."""
    found = (image.max(axis=2) > 90).astype(np.uint8)
    return cv2.contourArea(cv2.convexHull(cv2.findNonZero(cv2.medianBlur(found, 5))))
