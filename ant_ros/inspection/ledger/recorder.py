# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Take verdicts with their images off the inspector's hands."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from dataclasses import replace
import threading
from types import TracebackType

import numpy as np

from ant_ros.inspection.ledger.archive import Archive
from ant_ros.inspection.ledger.image_digest import image_digest
from ant_ros.inspection.ledger.ledger import Ledger
from ant_ros.inspection.ledger.ledger_error import LedgerError
from ant_ros.inspection.ledger.records import VerdictRecord

__all__ = ['Recorder', 'RecorderHealth']

IMAGE_BYTES = 64 << 20
_WAITING = 10_000


@dataclass(frozen=True)
class RecorderHealth:
    """How the recording goes.

    Attributes:
        waiting: Verdicts that have not been handed to the ledger.
        lost: Verdicts that found no room; the ledger counts those that it loses itself.
        archived: Images that were archived.
        without_image: Verdicts whose image came when too many images waited: they are recorded
            without its hash, and the image is not archived.
        not_archived: Images that the archive should hold and does not.
        fault: What hindered the last of them, with the cure; empty when it went well.
    """

    waiting: int
    lost: int
    archived: int
    without_image: int
    not_archived: int
    fault: str


class Recorder:
    """Hash images, record verdicts in their order and archive images, on a thread of its own.

    Args:
        ledger: Where verdicts go.
        archive: Where images go; None keeps none, but their hashes.
        image_bytes: Bytes of the images that may wait.
    """

    def __init__(self, ledger: Ledger, archive: Archive | None = None, *,
                 image_bytes: int = IMAGE_BYTES) -> None:
        self._ledger = ledger
        self._archive = archive
        self._room = image_bytes
        self._queue: deque[tuple[VerdictRecord, np.ndarray | None]] = deque()
        self._changed = threading.Condition()
        self._busy = self._closing = False
        self._lost = self._archived = self._without_image = self._not_archived = 0
        self._fault = ''
        self._thread = threading.Thread(target=self._run, name='recorder', daemon=True)
        self._thread.start()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    @property
    def health(self) -> RecorderHealth:
        """How the recording goes; the numbers belong together."""
        with self._changed:
            return RecorderHealth(len(self._queue) + self._busy, self._lost, self._archived,
                                  self._without_image, self._not_archived, self._fault)

    def record(self, record: VerdictRecord, image: np.ndarray | None = None) -> None:
        """Hand over a verdict without waiting.

        Args:
            record: The verdict, without the image's hash.
            image: What was inspected; it must not be changed any more.

        Raises:
            LedgerError: the recorder is closed.
        """
        with self._changed:
            if self._closing:
                raise LedgerError('the recorder is closed: open another one')
            if len(self._queue) >= _WAITING:
                self._lost += 1
                return
            if image is not None and image.nbytes > self._room:
                self._without_image += 1
                image = None
            if image is not None:
                self._room -= image.nbytes
            self._queue.append((record, image))
            self._changed.notify_all()

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until all that was handed over is archived and committed.

        Raises:
            LedgerError: the disk refuses.
            TimeoutError: it took longer.
        """
        with self._changed:
            if not self._changed.wait_for(
                    lambda: not (self._queue or self._busy), timeout_s):
                raise TimeoutError(f'not all verdicts are recorded after {timeout_s} s')
        self._ledger.flush(timeout_s)

    def close(self) -> None:
        """Hand what waits to the ledger, which stays open; calling it again does nothing."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closing)
                if not self._queue:
                    return
                record, image = self._queue.popleft()
                self._busy = True
            self._write(record, image)
            with self._changed:
                self._busy = False
                if image is not None:
                    self._room += image.nbytes
                self._changed.notify_all()

    def _write(self, record: VerdictRecord, image: np.ndarray | None) -> None:
        if image is not None:
            record = replace(record, image_hash=image_digest(image))
        try:
            self._ledger.record_verdict(record)
        except LedgerError as error:
            with self._changed:
                self._lost += 1
                self._fault = str(error)
            return
        if image is not None and self._archive is not None and self._archive.wants(record):
            self._store(self._archive, record, image)

    def _store(self, archive: Archive, record: VerdictRecord, image: np.ndarray) -> None:
        try:
            archive.store(record, image)
        except Exception as error:  # no image may end the recording of verdicts
            with self._changed:
                self._not_archived += 1
                self._fault = str(error)
        else:
            with self._changed:
                self._archived += 1
                self._fault = ''
