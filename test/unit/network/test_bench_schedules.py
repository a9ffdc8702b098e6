# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The measurement of schedules on one network."""

import numpy as np

from ant_ros.bench.network import schedules
from ant_ros.network.torch_backend import TorchBackend


def test_at_0_the_schedules_agree_and_every_log_repeats(monkeypatch):
    monkeypatch.setattr(schedules, '_QUICK', ('recurrent',))
    figures = schedules.measure(quick=True)
    network = figures['networks']['recurrent']

    assert figures['largest_spread_at_0'] <= figures['bound']
    assert figures['replays'] == figures['replays_identical'] == 18
    assert network['at_0']['updates_batched'] < network['at_0']['updates_random']
    # Above 0 the order matters, by less than what the threshold itself costs twice over.
    running = network['running']
    assert 0 < running['spread'] <= 2 * running['error_largest'] < 0.1


def test_a_replay_that_differs_is_counted(monkeypatch):
    class Noisy(TorchBackend):
        noise = np.random.default_rng(0)

        def compute(self, node, tiles):
            outputs = super().compute(node, tiles)
            return outputs + self.noise.normal(0, 1e-4, outputs.shape).astype(np.float32)

    monkeypatch.setattr(schedules, '_QUICK', ('patch_descriptor',))
    monkeypatch.setattr(schedules, '_BACKENDS', {'compiled': schedules.CompiledBackend,
                                                 'torch': Noisy})
    figures = schedules.measure(quick=True)

    assert figures['replays'] == 12
    assert figures['replays_identical'] == 6
