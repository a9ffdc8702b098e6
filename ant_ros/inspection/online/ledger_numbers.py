# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which entries of the ledger speak of which label of the learner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence

from ant_ros.inspection.learning import Label
from ant_ros.inspection.learning import Learner
from ant_ros.inspection.ledger import LabelEntry
from ant_ros.inspection.ledger import LabelState

__all__ = ['LedgerNumbers']

_IN_FORCE = (LabelState.APPLIED, LabelState.PENDING)
_MAY_COUNT = (*_IN_FORCE, LabelState.SUPERSEDED, LabelState.ROLLED_BACK, LabelState.UNDONE)


class LedgerNumbers:
    """Entries of the ledger by the learner's own numbers; a label said twice has two."""

    def __init__(self) -> None:
        self._numbers: dict[int, list[int]] = {}

    def add(self, own: int, number: int) -> None:
        """Note that an entry speaks of a label."""
        self._numbers.setdefault(own, []).append(number)

    def of(self, own: int) -> Sequence[int]:
        """Return the entries of a label, oldest first."""
        return self._numbers.get(own, ())

    def own(self, number: int) -> int | None:
        """Return the label that an entry speaks of."""
        return next((own for own, known in self._numbers.items() if number in known), None)

    def find(
        self, learner: Learner, entries: Iterable[LabelEntry],
    ) -> tuple[list[int], list[int]]:
        """Find the entries of all labels that a learner knows.

        Returns:
            Entries of accepted labels that the ledger does not call applied: the process was
            killed in between, or an earlier version is back. And entries that it calls applied or
            pending, of labels that are neither: an earlier version is back.
        """
        entries = list(entries)
        by_words = defaultdict(list)
        for entry in entries:
            if entry.state in _MAY_COUNT:
                by_words[entry.part, entry.label, entry.by].append(entry)
        self._numbers.clear()
        open_ends: list[int] = []
        for label in _known(learner):
            found = by_words[label.features.part, label.word, label.by]
            self._numbers[label.number] = [entry.number for entry in found]
            if learner.labels.get(label.features.part) is label:
                open_ends.extend(_not_yet_applied(found))
        waiting = [one.label for one in learner.pending.values()]
        counted = {number for label in (*learner.labels.values(), *waiting)
                   for number in self.of(label.number)}
        return open_ends, [entry.number for entry in entries
                           if entry.state in _IN_FORCE and entry.number not in counted]


def _not_yet_applied(entries: Sequence[LabelEntry]) -> list[int]:
    """Return which entries of an accepted label have yet to be called applied."""
    pending = [entry.number for entry in entries if entry.state is LabelState.PENDING]
    if pending or any(entry.state is LabelState.APPLIED for entry in entries):
        return pending
    return [entry.number for entry in entries[-1:]]


def _known(learner: Learner) -> Iterable[Label]:
    changed = (label for change in learner.history for label in (change.before, change.after))
    labels = [*learner.labels.values(), *(one.label for one in learner.pending.values()),
              *(label for label in changed if label is not None)]
    return {label.number: label for label in labels}.values()
