# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from ant_ros.bench.learning.fine_tuned import FineTuned
from ant_ros.inspection.rules import Disposition


def test_what_was_seen_is_told_apart_after_a_few_epochs():
    rng = np.random.default_rng(0)
    colours = {Disposition.ACCEPT: (40, 160, 40), Disposition.SCRAP: (200, 40, 40)}
    words = [*colours] * 4
    images = [np.clip(np.full((60, 80, 3), colours[word]) + rng.normal(0, 5, (60, 80, 3)),
                      0, 255).astype(np.uint8) for word in words]
    network = FineTuned(6, 6, rates=(1e-7, 3e-4))
    network.learn(images, words[::-1])
    # Learning anew starts anew.
    network.learn(images, words)
    assert [run['rate'] for run in network.runs] == [1e-7, 3e-4]
    assert all(1 <= run['epochs'] <= 6 for run in network.runs)
    assert network.rate == 3e-4
    assert [network.decide(image) for image in images] == words
