# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of known parts, so that a recipe that has changed can look at them again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
import os
from pathlib import Path
import stat
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.ledger.archive import encode_image
from ant_ros.inspection.ledger.image_digest import image_digest
from ant_ros.inspection.recipe_history.version import history_folder

__all__ = ['Picture', 'Pictures', 'pictures_folder']

MOST_BYTES = 512 << 20
"""Of the pictures that are kept, compressed."""

MOST_LATEST_BYTES = 32 << 20
"""Of the images of the latest parts, for labels that come later."""

_EACH = '-each'
_TEMPORARY = '.new-'


class Picture(NamedTuple):
    """An image as it was inspected.

    Attributes:
        image: [H, W] or [H, W, 3] RGB.
        each: Whether every part in it was judged.
    """

    image: np.ndarray
    each: bool = False

    @property
    def name(self) -> str:
        """What it is known by: equal pictures have equal names."""
        return image_digest(self.image) + _EACH * self.each


def pictures_folder(recipe: Path) -> Path:
    """Return where the pictures of a recipe's known parts lie: with its versions."""
    return history_folder(recipe) / 'pictures'


class Pictures:
    """Keep images of the latest parts in memory, and of known parts for good, without loss.

    Pictures that are kept are shared by all versions of the recipe. Where there is no more room,
    the oldest that no known part needs any more go first; where that is not enough, a further
    one is not kept. A picture that was lost or damaged is one that is not there: nothing else
    depends on it. For one thread; files are written on another one.

    Args:
        needed: Names of the pictures that known parts need.
        most_bytes: Of the pictures that are kept.
        most_latest_bytes: Of the images of the latest parts; the latest one is there in any case.
            As much is held of what the disk has refused.

    Attributes:
        fault: Why the last picture that was to be kept is not on the disk, with the cure; empty
            when it went well.
    """

    def __init__(
        self, needed: Callable[[], set[str]], *, most_bytes: int = MOST_BYTES,
        most_latest_bytes: int = MOST_LATEST_BYTES,
    ) -> None:
        self._needed = needed
        self._most, self._most_latest = most_bytes, most_latest_bytes
        self._latest: OrderedDict[str, Picture] = OrderedDict()
        self._latest_bytes = 0
        self._folder: Path | None = None
        self._may_write = False
        self._held: dict[str, bytes] = {}
        self._files: OrderedDict[str, int] = OrderedDict()
        self._writing: dict[str, tuple[Future[int], np.ndarray]] = {}
        self._writer: ThreadPoolExecutor | None = None
        self.fault = ''

    def see(self, part: str, picture: Picture | None) -> None:
        """Remember the image of a part until there are too many later ones; None: it has none."""
        self._forget(part)
        if picture is None:
            return
        self._latest[part] = picture._replace(image=picture.image.copy())
        self._latest_bytes += picture.image.nbytes
        while self._latest_bytes > self._most_latest and len(self._latest) > 1:
            self._forget(next(iter(self._latest)))

    def latest(self, part: str) -> Picture | None:
        """Return the image of one of the latest parts; None where it is gone."""
        return self._latest.get(part)

    def keep(self, picture: Picture) -> None:
        """Keep a picture for good, as long as there is room; `fault` says where that failed."""
        try:
            self._keep(picture.name, picture.image)
        except Exception as error:  # whoever labels a part does not fail for its picture
            self.fault = _not_kept(error)

    def _keep(self, name: str, image: np.ndarray) -> None:
        self._collect(wait=False)
        known = name in self._files or name in self._held or name in self._writing
        # Compressed it will be less; that is known when it has been done.
        if known or not self._make_room(image.nbytes):
            return
        if self._folder is None or not self._may_write:
            self._held[name] = encode_image(image)[1]
            return
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix='pictures')
        image = image.copy()  # a camera may use its memory for the next one
        self._writing[name] = self._writer.submit(self._write, self._folder, name, image), image

    def find(self, name: str) -> Picture | None:
        """Return a picture that was kept; None where it is not there."""
        if not name:
            return None
        self._collect(wait=True)
        content = self._held.get(name)
        if content is None and self._folder is not None:
            with suppress(OSError):
                content = (self._folder / name).read_bytes()
        image = None if content is None else _decode(content)
        found = None if image is None else Picture(image, name.endswith(_EACH))
        return found if found is not None and found.name == name else None

    def has(self, name: str) -> bool:
        """Tell whether a picture is there, as far as can be told without reading it."""
        if not name or name in self._held or name in self._writing:
            return bool(name)
        with suppress(OSError):
            return self._folder is not None and (self._folder / name).is_file()
        return False

    def read_from(self, folder: Path) -> None:
        """Find pictures in a folder too; nothing is written there."""
        self._folder, self._may_write = folder, False
        self._files = _files_of(folder)

    def write_to(self, folder: Path) -> None:
        """Keep pictures in a folder from now on, those kept so far too.

        Raises:
            OSError: it cannot be written.
        """
        self._collect(wait=True)
        before = self._folder
        if before == folder and self._may_write:
            self._write_held(folder)
            return
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f'{_TEMPORARY}*'):
            left.unlink(missing_ok=True)
        there = _files_of(folder)
        if before is not None:
            for name in self._needed() - set(there) - set(self._held):
                with suppress(FileNotFoundError):
                    there[name] = _put(folder, name, (before / name).read_bytes())
        for name, content in self._held.items():
            there[name] = _put(folder, name, content)
        self._held.clear()
        self._folder, self._files, self._may_write = folder, there, True
        self.fault = ''
        self._make_room(0)

    def close(self) -> None:
        """Write all that has a place; what is kept from now on is held in memory."""
        self._collect(wait=True)
        if self._folder is not None and self._may_write:
            try:
                self._write_held(self._folder)
            except OSError as error:
                self.fault = _not_kept(error)
        self._may_write = False
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None

    def _collect(self, *, wait: bool) -> None:
        """Take note of the files that were written."""
        for name, (written, image) in list(self._writing.items()):
            if wait or written.done():
                del self._writing[name]
                if written.exception() is None:
                    self._files[name] = written.result()
                else:
                    self._hold(name, image)

    def _hold(self, name: str, image: np.ndarray) -> None:
        """Hold what the disk has refused, as far as there is room; `fault` tells of it."""
        with suppress(Exception):  # it is not there, and known parts say so
            content = encode_image(image)[1]
            if sum(map(len, self._held.values())) + len(content) <= self._most_latest:
                self._held[name] = content

    def _write(self, folder: Path, name: str, image: np.ndarray) -> int:
        """Write a picture, on the thread that writes; return its bytes."""
        try:
            size = _put(folder, name, encode_image(image)[1])
        except BaseException as error:
            self.fault = _not_kept(error)
            raise
        self.fault = ''
        return size

    def _write_held(self, folder: Path) -> None:
        """Write what the disk has refused before.

        Raises:
            OSError: it still does.
        """
        for name, content in list(self._held.items()):
            self._files[name] = _put(folder, name, content)
            del self._held[name]
            self.fault = ''

    def _make_room(self, wanted: int) -> bool:
        """Let pictures go that nobody needs, until there is room; return if there is."""
        folder = self._folder if self._may_write else None
        size = wanted + sum(map(len, self._held.values()))
        size += sum(image.nbytes for _, image in self._writing.values())
        size += sum(self._files.values()) if folder is not None else 0
        needed = self._needed() if size > self._most else set()
        for name in [name for name in self._files if name not in needed]:
            if size <= self._most or folder is None:
                break
            with suppress(OSError):
                (folder / name).unlink(missing_ok=True)
                size -= self._files.pop(name)
        for name in [name for name in self._held if name not in needed]:
            if size <= self._most:
                break
            size -= len(self._held.pop(name))
        return size <= self._most

    def _forget(self, part: str) -> None:
        gone = self._latest.pop(part, None)
        if gone is not None:
            self._latest_bytes -= gone.image.nbytes


def _files_of(folder: Path) -> OrderedDict[str, int]:
    """Return the bytes of the pictures in a folder, oldest first; of those that can be seen."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            with suppress(OSError):
                told = path.stat()
                if stat.S_ISREG(told.st_mode) and not path.name.startswith('.'):
                    found.append((told.st_mtime_ns, path.name, told.st_size))
    return OrderedDict((name, size) for _, name, size in sorted(found))


def _not_kept(error: BaseException) -> str:
    said = str(error) or type(error).__name__
    return f'pictures of known parts are not on the disk: {said}; free space there, and save'


def _put(folder: Path, name: str, content: bytes) -> int:
    """Write a file, whole or not at all, and return its bytes.

    It is not synced, which would take longer than all the rest: a picture that a power cut has
    taken is one that is not there.
    """
    temporary = folder / (_TEMPORARY + name)
    try:
        temporary.write_bytes(content)
        os.replace(temporary, folder / name)
    finally:
        temporary.unlink(missing_ok=True)
    return len(content)


def _decode(content: bytes) -> np.ndarray | None:
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    return image if image is None or image.ndim == 2 else np.ascontiguousarray(image[..., ::-1])
