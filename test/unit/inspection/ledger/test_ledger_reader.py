# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Questions to the ledger, and what a version had learned by whatever way it came about."""

import itertools

from hypothesis import given
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import VerdictFilter
from ant_ros.inspection.verdict import Decision

SOON_S = 20.0


@pytest.fixture
def asked(ledger, make_record):
    """A ledger with four verdicts, two labels and an image that came and went."""
    ledger.record_verdict(make_record('1', wall_ns=10))
    ledger.record_verdict(make_record('2', Decision.REJECT, wall_ns=20))
    ledger.record_verdict(make_record('3', Decision.REVIEW, wall_ns=30, recipe='cap'))
    ledger.record_label(part='2', label='scratch', by='ana', recipe='gear')
    gone = ledger.record_label(part='1', label='scratch', by='ben', recipe='gear').result(SOON_S)
    ledger.resolve_label(gone, LabelState.UNDONE)
    ledger.record_verdict(make_record('1', Decision.REJECT, wall_ns=40))
    for file in ('a.png', 'b.png'):
        ledger.record_image(part='2', image_hash='h', file=file, file_hash='f', size=7)
    ledger.record_image_removal(file='a.png', reason='the limit')
    ledger.flush(SOON_S)
    with LedgerReader(ledger.path) as reader:
        yield reader


@pytest.mark.parametrize(('wanted', 'numbers'), [
    (VerdictFilter(), [1, 2, 3, 4]),
    (VerdictFilter(decision=Decision.REJECT), [2, 4]),
    (VerdictFilter(since_ns=30), [3, 4]),
    (VerdictFilter(recipe='cap'), [3]),
    (VerdictFilter(part='1'), [1, 4]),
    (VerdictFilter(label='scratch'), [2]),
    (VerdictFilter(last=2), [3, 4]),
    (VerdictFilter(decision=Decision.REJECT, recipe='gear', since_ns=25), [4]),
    (VerdictFilter(part="' OR 1 --"), []),
])
def test_filters(asked, wanted, numbers):
    assert [entry.number for entry in asked.verdicts(wanted)] == numbers


def test_labels_by_part_recipe_and_state(asked):
    assert [label.part for label in asked.labels()] == ['2', '1']
    assert [label.by for label in asked.labels(part='1')] == ['ben']
    assert [label.part for label in asked.labels(state=LabelState.PENDING)] == ['2']
    assert list(asked.labels(recipe='cap')) == []
    assert [label.verdict for label in asked.labels(recipe='gear')] == [2, 1]


def test_an_image_that_was_removed_is_still_known(asked):
    gone, there = asked.images('2')

    assert (gone.file, gone.removed_why) == ('a.png', 'the limit')
    assert (there.file, there.removed_ns) == ('b.png', None)
    assert asked.files() == {'b.png': 7}
    assert asked.newest_file() == 'b.png'


def test_a_verdict_by_its_number(asked):
    assert asked.verdict(3).record.part == '3'
    assert asked.verdict(99) is None


def test_nothing_is_known_of_an_empty_ledger(path):
    with Ledger(path), LedgerReader(path) as reader:
        assert list(reader.verdicts()) == list(reader.labels()) == list(reader.versions()) == []
        assert reader.learned_by('gear', 5) == []
        assert (reader.newest_file(), reader.removed_verdicts()) == ('', 0)


class Line:
    """The versions of a recipe as a person would keep them: what each one knows, written out."""

    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        self.known: dict[int, set[int]] = {1: set()}

    @property
    def next(self) -> int:
        return max(self.known) + 1

    def learn(self) -> None:
        number = self.ledger.record_label(
            part='x', label='good', by='ana', recipe='gear').result(SOON_S)
        version = self.next
        self.ledger.resolve_label(number, LabelState.APPLIED, model_version=version)
        self.known[version] = self.known[version - 1] | {number}

    def forget(self, choice: int) -> None:
        """Take back one of the labels that the newest version knows."""
        version = self.next
        if self.known[version - 1]:
            number = sorted(self.known[version - 1])[choice % len(self.known[version - 1])]
            self.ledger.resolve_label(number, LabelState.UNDONE, model_version=version)
            self.known[version] = self.known[version - 1] - {number}

    def roll_back(self, choice: int) -> None:
        version = self.next
        to = sorted(self.known)[choice % len(self.known)]
        self.ledger.record_recipe_version(
            recipe='gear', version=version, who='ana', why='back', restored_from=to)
        self.known[version] = self.known[to]


_counter = itertools.count()


@settings(max_examples=30, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(('learn', 'forget', 'roll_back')),
                                st.integers(0, 20)), max_size=12))
def test_what_a_version_had_learned_through_undoing_and_rolling_back(tmp_path, steps):
    path = tmp_path / f'{next(_counter)}.db'
    with Ledger(path) as ledger:
        line = Line(ledger)
        for step, choice in steps:
            if step == 'learn':
                line.learn()
            else:
                getattr(line, step)(choice)

    with LedgerReader(path) as reader:
        for version, known in line.known.items():
            assert {label.number for label in reader.learned_by('gear', version)} == known
