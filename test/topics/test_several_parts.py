# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Several parts in an image: one trigger, one image, one verdict, and the worst part decides."""

import numpy as np
import pytest
from sensor_msgs.msg import Image

from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_image


@pytest.fixture(scope='module')
def belt() -> np.ndarray:
    grain = np.random.default_rng(0).normal(45, 2.5, (120, 160, 3))
    return np.clip(grain, 0, 255).astype(np.uint8)


@pytest.fixture(scope='module')
def taught(tmp_path_factory, draw_plate, belt) -> str:
    """Return a recipe taught from images with one part each, left or right."""
    path = tmp_path_factory.mktemp('several') / 'plate'
    pairs = [(draw_plate(seed), belt)[::1 if seed % 2 else -1] for seed in range(10)]
    OnlineInspector.teach(
        [np.hstack(pair) for pair in pairs], name='plate', backbone='sampled').save(path)
    return str(path)


@pytest.fixture
def show(inspector_line, taught):
    def show(*pictures: np.ndarray, **parameters: bool) -> list:
        """Show one image of all pictures side by side, twice; return the verdicts."""
        line = inspector_line(OnlineInspector, recipe=taught, learning=False, deadline=60.0,
                              **parameters).start()
        for number in (1, 2):
            line.trigger(f'image-{number}', float(number))
            message = fill_image(Image(), np.hstack(pictures), 'rgb8')
            message.header.stamp.sec = number
            line.publish(message)
            line.wait_for_verdicts(number)
        assert len(line.messages) == 2
        return line.verdicts
    return show


def test_one_scratched_part_of_two_stops_the_image_and_is_named(show, draw_plate) -> None:
    for verdict in show(draw_plate(20), draw_plate(21, 'scratch'), several_parts=True):
        assert verdict.decision is Decision.REJECT
        assert verdict.part_decisions == (Decision.PASS, Decision.REJECT)
        assert verdict.reason.startswith('1 of 2 parts is stopped; part 2 from the left: ')
        (left, _, width, _), (other, _, _, _) = verdict.part_boxes
        assert left + width <= 160 <= other
        assert verdict.region_boxes and all(box[0] >= 160 for box in verdict.region_boxes)
        assert len(verdict.classes) == len(verdict.region_boxes)


def test_two_good_parts_pass_together(show, draw_plate) -> None:
    for verdict in show(draw_plate(20), draw_plate(22), several_parts=True):
        assert (verdict.decision, verdict.part_decisions) == (Decision.PASS, (Decision.PASS,) * 2)


def test_an_empty_belt_is_no_part(show, belt) -> None:
    for verdict in show(belt, belt, several_parts=True):
        assert (verdict.decision, verdict.reason) == (Decision.REVIEW, 'no part found')
        assert verdict.part_boxes == ()


def test_without_the_parameter_the_reason_says_that_there_was_another(show, draw_plate) -> None:
    for verdict in show(draw_plate(20), draw_plate(22)):
        assert verdict.reason.endswith('; another part in the image was not looked at')
        assert verdict.part_boxes == ()
