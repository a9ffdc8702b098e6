# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Record what was said of some parts and what an operator taught, and ask why one was passed."""

from pathlib import Path
import tempfile

from ant_ros.inspection import Decision
from ant_ros.inspection.ledger import explain
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import VerdictRecord


def verdict(part: str, decision: Decision, score: float, version: int) -> VerdictRecord:
    """Return what an inspector might say; `to_record` makes it of a real verdict."""
    reason = 'looks like the good parts' if decision is Decision.PASS else 'a dark spot'
    return VerdictRecord(part, decision, reason, inspector='line 1', score=score,
                         review_threshold=1.0, reject_threshold=1.25, recipe='gear',
                         recipe_version=version)


def main() -> None:
    """Reject a good part, take the correction, pass the next one, and explain that."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'ledger.db'
        with Ledger(path) as ledger:
            ledger.record_verdict(verdict('4710', Decision.REJECT, 1.4, version=1))
            # The result is there once the label is on the disk: now it may be acknowledged.
            number = ledger.record_label(
                part='4710', label='good', by='ana', recipe='gear').result()
            ledger.resolve_label(number, LabelState.APPLIED, model_version=2)
            ledger.record_recipe_version(
                recipe='gear', version=2, who='ana', why='4710 is good after all')
            ledger.record_verdict(verdict('4711', Decision.PASS, 0.9, version=2))
        with LedgerReader(path) as reader:
            print(explain(reader, '4711'))


if __name__ == '__main__':
    main()
