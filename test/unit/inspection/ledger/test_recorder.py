# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Verdicts and images are taken off the inspector's hands, in their order."""

import threading

import numpy as np
import pytest

from ant_ros.inspection.ledger import Archive
from ant_ros.inspection.ledger import ArchiveError
from ant_ros.inspection.ledger import image_digest
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.verdict import Decision

SOON_S = 20.0
IMAGE = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)


class Gate:
    """An archive that holds the recorder until it is opened."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()

    def wants(self, record) -> bool:
        return True

    def store(self, record, image) -> str:
        self.reached.set()
        assert self.opened.wait(SOON_S)
        return 'name'


def written(path) -> list:
    with LedgerReader(path) as reader:
        return [entry.record for entry in reader.verdicts()]


def test_verdicts_keep_their_order_and_get_the_hash_of_their_image(ledger, make_record):
    with Recorder(ledger) as recorder:
        for number in range(20):
            recorder.record(make_record(str(number)), IMAGE if number % 2 else None)
        recorder.flush(SOON_S)

    records = written(ledger.path)
    assert [record.part for record in records] == [str(number) for number in range(20)]
    assert {record.image_hash for record in records[1::2]} == {image_digest(IMAGE)}
    assert {record.image_hash for record in records[::2]} == {''}


def test_images_that_are_wanted_are_archived(ledger, tmp_path, make_record):
    archive = Archive(tmp_path / 'images', ledger, pass_share=0)
    with Recorder(ledger, archive) as recorder:
        recorder.record(make_record('good'), IMAGE)
        recorder.record(make_record('bad', Decision.REJECT), IMAGE)
        recorder.flush(SOON_S)
        assert recorder.health.archived == 1

    assert [path.name for path in (tmp_path / 'images').iterdir()] == [
        '000000000001-bad-reject.png']
    with LedgerReader(ledger.path) as reader:
        assert [image.image_hash for image in reader.images('bad')] == [image_digest(IMAGE)]


def test_when_images_pile_up_verdicts_go_on_without_and_it_is_counted(ledger, make_record):
    gate = Gate()
    with Recorder(ledger, gate, image_bytes=2 * IMAGE.nbytes) as recorder:
        recorder.record(make_record('0'), IMAGE)
        assert gate.reached.wait(SOON_S)
        for number in range(1, 5):
            recorder.record(make_record(str(number)), IMAGE)
        assert recorder.health.without_image == 3
        gate.opened.set()
        recorder.flush(SOON_S)
        recorder.record(make_record('5'), IMAGE)
        recorder.flush(SOON_S)

    records = written(ledger.path)
    assert [record.part for record in records] == [str(number) for number in range(6)]
    assert [bool(record.image_hash) for record in records] == [True] * 2 + [False] * 3 + [True]


def test_an_archive_that_fails_is_told_and_verdicts_are_recorded(ledger, make_record):
    class Broken(Gate):
        def store(self, record, image) -> str:
            raise ArchiveError('the disk is full: free space')

    with Recorder(ledger, Broken()) as recorder:
        recorder.record(make_record('1'), IMAGE)
        recorder.flush(SOON_S)
        health = recorder.health

    assert (health.not_archived, health.fault) == (1, 'the disk is full: free space')
    assert [record.part for record in written(ledger.path)] == ['1']


def test_a_ledger_that_is_closed_too_early_is_told(ledger, make_record):
    with Recorder(ledger) as recorder:
        ledger.close()
        recorder.record(make_record('1'))
        with pytest.raises(LedgerError):
            recorder.flush(SOON_S)
        assert recorder.health.lost == 1
        assert 'is closed' in recorder.health.fault


def test_what_waits_is_recorded_on_closing(ledger, make_record):
    recorder = Recorder(ledger)
    for number in range(100):
        recorder.record(make_record(str(number)))
    recorder.close()
    recorder.close()
    ledger.flush(SOON_S)

    assert len(written(ledger.path)) == 100
    with pytest.raises(LedgerError, match='closed'):
        recorder.record(make_record('late'))


def test_waiting_has_an_end(ledger, make_record):
    gate = Gate()
    with Recorder(ledger, gate) as recorder:
        recorder.record(make_record('1'), IMAGE)
        with pytest.raises(TimeoutError, match='after 0'):
            recorder.flush(0)
        gate.opened.set()
