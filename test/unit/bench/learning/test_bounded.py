# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from ant_ros.bench.learning import bounded


def test_parts_are_written_down_labelled_and_measured(
        new_small_inspector, small_parts, tmp_path, monkeypatch):
    monkeypatch.setattr(bounded, '_LABEL_EVERY', 10)
    sizes, answers = bounded.take(new_small_inspector(), small_parts, tmp_path, 80)
    assert sizes[-1].parts == 80
    assert sizes[-1].ledger > 0
    assert sizes[-1].archive > 0
    assert sizes[-1].recipe > 0
    assert sizes[-1].resident > 10
    assert sum(answers.values()) == 8
    assert 'unknown part' not in answers
