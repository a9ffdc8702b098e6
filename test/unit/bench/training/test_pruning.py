# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of pruning are there for all networks, and can be drawn."""

import cv2
import pytest

from ant_ros.bench.training import pruning


def test_all_networks_lose_what_was_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(pruning, 'FRACTIONS', (0.5,))
    figures = pruning.measure(quick=True)
    assert set(figures) == {'convolution', 'sampled', 'temporal'}
    for of_network in figures.values():
        for fraction in pruning.FRACTIONS:
            entry = of_network[f'{fraction:.0%}']
            assert fraction - 1e-9 <= entry['synapses_removed'] < fraction + 0.05
            assert entry['loss_points']['least'] <= entry['loss_points']['mean'] < 20.0
            assert entry['time_saved']['mean'] < 1.0
    assert figures['sampled']['50%']['loss_points']['mean'] < 3.0
    assert figures['convolution']['synapses'] == pytest.approx(150432)
    pruning.draw(figures, tmp_path / 'pruning.png')
    assert cv2.imread(str(tmp_path / 'pruning.png')).std() > 5
