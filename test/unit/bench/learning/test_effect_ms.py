# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from ant_ros.bench.learning.effect_ms import Run
from ant_ros.bench.learning.effect_ms import run_line
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.online import LabelDesk


@pytest.fixture
def desk(new_small_inspector, small_parts, tmp_path):
    inspector = new_small_inspector()
    for part in small_parts:
        inspector.add_challenge(inspector.judge(part.image, part.part), part.word, create=True)
    with Ledger(tmp_path / 'ledger') as ledger, LabelDesk(
            inspector, tmp_path / 'recipe', ledger) as desk:
        desk.save()
        desk.ledger_for_test = ledger
        yield desk


@pytest.mark.parametrize('labelling', [True, False])
def test_every_part_is_judged_and_answered_once(desk, small_parts, labelling, tmp_path):
    run = Run()
    run_line(desk, Recorder(desk.ledger_for_test), small_parts, 0.02, labelling, run, 'x')
    desk.ledger_for_test.flush(10.0)
    assert len(run.verdict_ms) == len(small_parts)
    assert min(run.verdict_ms) > 0
    labels = len(small_parts) - 3 if labelling else 0
    assert len(run.answer_ms) == sum(run.states.values()) == labels
    assert run.states.get('unknown part', 0) == 0
    with LedgerReader(tmp_path / 'ledger') as reader:
        assert len(list(reader.verdicts())) == len(small_parts)
        assert len(list(reader.labels())) == labels
