# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images of what was not passed and a share of what was, under a limit of size."""

from __future__ import annotations

from collections import deque
import hashlib
import os
from pathlib import Path
import re

import numpy as np

from ant_ros.inspection.ledger.image_digest import image_digest
from ant_ros.inspection.ledger.ledger import Ledger
from ant_ros.inspection.ledger.ledger_reader import LedgerReader
from ant_ros.inspection.ledger.records import VerdictRecord
from ant_ros.inspection.synced_files import write_synced
from ant_ros.inspection.verdict import Decision

__all__ = ['Archive', 'ArchiveError', 'archive_folder', 'encode_image', 'is_sampled']

MAX_BYTES = 2 << 30
PASS_SHARE = 0.01

_NAME = re.compile(r'\d{12}-.*\.(png|jpg|tiff)')
_UNSAFE = re.compile(r'[^A-Za-z0-9_.]+')
_TEMPORARY = '.new-'
_SUFFIXES = {np.dtype(np.uint8): 'png', np.dtype(np.uint16): 'png', np.dtype(np.float32): 'tiff'}


def archive_folder(ledger: Path) -> Path:
    """Return where a ledger's images lie unless another place is given: beside it."""
    return Path(ledger).with_suffix('.images')


class ArchiveError(Exception):
    """An image cannot be archived; names the place, the cause and the cure."""


class Archive:
    """Keep images as files, the oldest giving way to the newest.

    A file appears whole or not at all, and the ledger knows of every one that came or went: what
    a crash leaves half done is finished or noted when the archive is opened again.

    Not for several threads, and an image takes some 10 ms: use it through `Recorder`.

    Args:
        folder: Where to; made where there is none. Nothing else should be in it.
        ledger: Is told of every image that comes and goes.
        max_bytes: Bytes of all images together.
        pass_share: Share of the passed parts whose image is kept, 0 to 1.
        lossy: Write JPEG in place of PNG where the image is uint8.

    Raises:
        ArchiveError: the folder cannot be used.
        LedgerError: the ledger cannot be read or written.
        ValueError: the share is out of its range.
    """

    def __init__(
        self, folder: Path, ledger: Ledger, *, max_bytes: int = MAX_BYTES,
        pass_share: float = PASS_SHARE, lossy: bool = False,
    ) -> None:
        if not 0 <= pass_share <= 1:
            raise ValueError(f'pass_share is {pass_share}, expected 0 to 1')
        self.folder = Path(folder)
        self._ledger = ledger
        self._max_bytes = max_bytes
        self._pass_share = pass_share
        self._lossy = lossy
        self._files: deque[tuple[str, int]] = deque()
        self._number = self._size = 0
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._take_stock()
            self._make_room(0)
        except OSError as error:
            raise ArchiveError(f'cannot use the archive {folder}: {error}; give a folder that '
                               'may be written') from error

    @property
    def size_bytes(self) -> int:
        """Bytes of all images together."""
        return self._size

    def wants(self, record: VerdictRecord) -> bool:
        """Tell whether a verdict's image is to be kept."""
        if record.decision is Decision.PASS:
            return is_sampled(record.part, self._pass_share)
        return record.decision in (Decision.REJECT, Decision.REVIEW)

    def store(self, record: VerdictRecord, image: np.ndarray) -> str:
        """Write an image, note it in the ledger, and return the file's name.

        Args:
            record: The verdict on it.
            image: [H, W] or [H, W, 3] RGB, uint8, uint16 or float32 (as TIFF).

        Raises:
            ArchiveError: it cannot be written; no trace of it is left.
            LedgerError: the ledger refuses; no trace of it is left.
        """
        suffix, content = encode_image(image, lossy=self._lossy)
        what = f'the image of part {record.part!r}'
        if len(content) > self._max_bytes:
            raise ArchiveError(f'{what} takes {len(content)} bytes, the archive {self.folder} '
                               f'may hold {self._max_bytes}: raise its limit')
        part = _UNSAFE.sub('_', record.part)[:40]
        name = f'{self._number + 1:012}-{part}-{record.decision.value}.{suffix}'
        temporary = self.folder / (_TEMPORARY + name)
        try:
            self._make_room(len(content))
            write_synced(temporary, content)
            self._ledger.record_image(
                part=record.part, image_hash=record.image_hash or image_digest(image), file=name,
                file_hash=hashlib.sha256(content).hexdigest(), size=len(content)).result()
            self._number += 1
            os.replace(temporary, self.folder / name)
        except OSError as error:
            raise ArchiveError(f'cannot archive {what} in {self.folder}: {error}; free space '
                               'there') from error
        finally:
            temporary.unlink(missing_ok=True)
        self._add(name, len(content))
        return name

    def _add(self, name: str, size: int) -> None:
        self._files.append((name, size))
        self._size += size

    def _make_room(self, wanted: int) -> None:
        """Remove the oldest images until there is room for so many bytes."""
        while self._files and self._size + wanted > self._max_bytes:
            name, size = self._files[0]
            (self.folder / name).unlink(missing_ok=True)
            self._files.popleft()
            self._size -= size
            self._ledger.record_image_removal(
                file=name, reason=f'the archive holds at most {self._max_bytes} bytes').result()

    def _take_stock(self) -> None:
        """Finish what a crash has left half done, and find what is there."""
        with LedgerReader(self._ledger.path) as reader:
            known = reader.files()
            newest = reader.newest_file()
        for temporary in self.folder.glob(_TEMPORARY + '*'):
            name = temporary.name[len(_TEMPORARY):]
            if known.get(name) == temporary.stat().st_size:
                os.replace(temporary, self.folder / name)
            else:
                temporary.unlink()
        for path in sorted(self.folder.iterdir()):
            if _NAME.fullmatch(path.name):
                self._add(path.name, path.stat().st_size)
        there = {name for name, _ in self._files}
        for name in known:
            if name not in there:
                self._ledger.record_image_removal(
                    file=name, reason='missing when the archive was opened').result()
        names = [newest, *there]
        self._number = max(int(name[:12]) for name in names if name) if any(names) else 0


def is_sampled(part: str, share: float) -> bool:
    """Tell whether a part belongs to the sample; the same ID always gets the same answer."""
    number = int.from_bytes(hashlib.sha256(part.encode(errors='replace')).digest()[:8], 'big')
    return number < share * 2 ** 64


def encode_image(image: np.ndarray, *, lossy: bool = False) -> tuple[str, bytes]:
    """Return the suffix and the content of an image's file.

    Args:
        image: [H, W] or [H, W, 3] RGB, uint8, uint16 or float32 (as TIFF).
        lossy: Write JPEG in place of PNG where the image is uint8.

    Raises:
        ArchiveError: it has another form.
    """
    shapes = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if not shapes or not image.size or image.dtype not in _SUFFIXES:
        raise ArchiveError(f'an image {image.dtype} {list(image.shape)} cannot be archived: '
                           'expected [H, W] or [H, W, 3], uint8, uint16 or float32')
    import cv2
    suffix = 'jpg' if lossy and image.dtype == np.uint8 else _SUFFIXES[image.dtype]
    stored = image[..., ::-1] if image.ndim == 3 else image
    done, content = cv2.imencode(f'.{suffix}', np.ascontiguousarray(stored))
    if not done:
        raise ArchiveError(f'OpenCV cannot write {suffix.upper()}: install one that can')
    return suffix, content.tobytes()
