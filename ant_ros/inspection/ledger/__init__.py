# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger: what was said of every part, what was learned, by whom, and the images of it."""

from ant_ros.inspection.ledger.archive import Archive
from ant_ros.inspection.ledger.archive import ArchiveError
from ant_ros.inspection.ledger.csv_export import export_csv
from ant_ros.inspection.ledger.explanation import explain
from ant_ros.inspection.ledger.explanation import time_text
from ant_ros.inspection.ledger.group_writer import WriterHealth
from ant_ros.inspection.ledger.image_digest import image_digest
from ant_ros.inspection.ledger.ledger import Ledger
from ant_ros.inspection.ledger.ledger_error import LedgerError
from ant_ros.inspection.ledger.ledger_reader import ArchivedImage
from ant_ros.inspection.ledger.ledger_reader import ChangeEntry
from ant_ros.inspection.ledger.ledger_reader import LedgerReader
from ant_ros.inspection.ledger.ledger_reader import VerdictFilter
from ant_ros.inspection.ledger.ledger_reader import VersionEntry
from ant_ros.inspection.ledger.recorder import Recorder
from ant_ros.inspection.ledger.recorder import RecorderHealth
from ant_ros.inspection.ledger.records import LabelEntry
from ant_ros.inspection.ledger.records import LabelState
from ant_ros.inspection.ledger.records import region_values
from ant_ros.inspection.ledger.records import to_record
from ant_ros.inspection.ledger.records import VerdictEntry
from ant_ros.inspection.ledger.records import VerdictRecord

__all__ = [
    'Archive',
    'ArchiveError',
    'ArchivedImage',
    'ChangeEntry',
    'LabelEntry',
    'LabelState',
    'Ledger',
    'LedgerError',
    'LedgerReader',
    'Recorder',
    'RecorderHealth',
    'VerdictEntry',
    'VerdictFilter',
    'VerdictRecord',
    'VersionEntry',
    'WriterHealth',
    'explain',
    'export_csv',
    'image_digest',
    'region_values',
    'time_text',
    'to_record',
]
