# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Verdicts as a table for a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import fields
import json
from typing import TextIO

from ant_ros.inspection.ledger.explanation import time_text
from ant_ros.inspection.ledger.ledger_reader import LedgerReader
from ant_ros.inspection.ledger.ledger_reader import VerdictFilter
from ant_ros.inspection.ledger.records import VerdictRecord

__all__ = ['export_csv']

_COLUMNS = tuple(field.name for field in fields(VerdictRecord))


def export_csv(reader: LedgerReader, file: TextIO, wanted: VerdictFilter | None = None) -> int:
    """Write verdicts as CSV, oldest first, and return how many.

    One row each: its number, the time of day (UTC), the version of ant_ros, all that was
    recorded, and the last label on it with what became of that.

    Raises:
        LedgerError: the ledger is damaged; what precedes the damage is written.
    """
    labels = {label.verdict: label for label in reader.labels()}
    writer = csv.writer(file)
    writer.writerow(('number', 'time', 'software', *_COLUMNS, 'label', 'label_state'))
    count = 0
    for entry in reader.verdicts(wanted):
        values = vars(entry.record) | {'decision': entry.record.decision.value,
                                       'regions': json.dumps(entry.record.regions)}
        label = labels.get(entry.number)
        said = ('', '') if label is None else (label.label, label.state.value)
        writer.writerow((entry.number, time_text(entry.record.wall_ns), entry.software,
                         *(values[name] for name in _COLUMNS), *said))
        count += 1
    return count
