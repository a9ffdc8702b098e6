# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The confusion table of a labelled folder."""

from collections import Counter

from rich.table import Table

from ant_ros.inspection import Decision

__all__ = ['GOOD', 'confusion_table']

GOOD = 'good'
"""Name of the folder with good parts, in the MVTec AD layout."""


def confusion_table(counts: Counter) -> Table:
    """Lay out how often each true class got each decision.

    Args:
        counts: how often, by (true class, decision).
    """
    decisions = [decision.value for decision in Decision]
    table = Table(title='confusion: true class against decision')
    table.add_column('true class')
    for decision in decisions:
        table.add_column(decision, justify='right')
    for truth in sorted({truth for truth, _ in counts}, key=lambda name: (name != GOOD, name)):
        table.add_row(truth, *(str(counts[truth, decision]) for decision in decisions))
    return table
