# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ledgers and verdicts for the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import VerdictRecord
from ant_ros.inspection.verdict import Decision


def a_record(part: str = '4711', decision: Decision = Decision.PASS, **more) -> VerdictRecord:
    return VerdictRecord(part, decision, **{
        'reason': 'looks like the good parts', 'recipe': 'gear', 'recipe_version': 1,
        'score': 0.5, 'review_threshold': 1.0, 'reject_threshold': 1.25, **more})


@pytest.fixture(scope='session')
def make_record() -> Callable[..., VerdictRecord]:
    return a_record


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / 'ledger.db'


@pytest.fixture
def ledger(path: Path):
    """A ledger that gives up on a held file soon."""
    with Ledger(path, busy_s=0.02, retry_s=0.01) as opened:
        yield opened
