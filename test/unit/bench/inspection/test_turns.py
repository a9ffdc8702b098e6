# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from ant_ros.bench.inspection.turns import in_turns
from ant_ros.network.work import Work


class Noting:
    def __init__(self, name, calls, seconds=None):
        self.name, self.calls, self.seconds = name, calls, seconds

    def inspect(self, image):
        self.calls.append((self.name, int(image[0, 0])))
        work = {} if self.seconds is None else {'work': Work(1, 2, 3, 4, 5, self.seconds)}
        return type('Answer', (), {'score': float(image[0, 0]), 'anomaly_map': image, **work})()


def test_detectors_take_turns_and_times_are_kept_apart():
    calls = []
    frames = [np.full((4, 4), value) for value in (7, 8)]
    detectors = {'a': Noting('a', calls), 'b': Noting('b', calls, seconds=0.002)}
    turns = in_turns(detectors, frames, with_map=True, rounds=2)
    assert calls[:2] == [('a', 7), ('b', 7)]  # once before anything is timed
    assert calls[2:] == [('a', 7), ('b', 7), ('b', 7), ('a', 7),
                         ('b', 8), ('a', 8), ('a', 8), ('b', 8)]
    assert turns.scores('a').tolist() == turns.scores('b').tolist() == [7.0, 8.0]
    assert all((turns.cpu_ms[name] >= 0).all() for name in detectors)
    assert turns.network_ms.keys() == {'b'}
    assert turns.network_ms['b'].tolist() == [2.0, 2.0]
    other = turns.also_called({'x': 'b', 'y': 'b'})
    assert other.scores('x').tolist() == other.scores('y').tolist() == [7.0, 8.0]
    assert other.network_ms.keys() == {'x', 'y'}
