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

_IN_FORCE = (LabelState.APPLIED, LabelState.PENDING, LabelState.SUPERSEDED)


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

    def find(self, learner: Learner, entries: Iterable[LabelEntry]) -> list[int]:
        """Find the entries of all labels that a learner knows.

        Returns:
            Entries of accepted labels that the ledger does not call applied yet: the process was
            killed in between.
        """
        by_words = defaultdict(list)
        for entry in entries:
            if entry.state in _IN_FORCE:
                by_words[entry.part, entry.label, entry.by].append(entry)
        self._numbers.clear()
        open_ends: list[int] = []
        for label in _known(learner):
            found = by_words[label.features.part, label.word, label.by]
            self._numbers[label.number] = [entry.number for entry in found]
            if learner.labels.get(label.features.part) is label:
                open_ends.extend(entry.number for entry in found
                                 if entry.state is LabelState.PENDING)
        return open_ends


def _known(learner: Learner) -> Iterable[Label]:
    changed = (label for change in learner.history for label in (change.before, change.after))
    labels = [*learner.labels.values(), *(one.label for one in learner.pending.values()),
              *(label for label in changed if label is not None)]
    return {label.number: label for label in labels}.values()
