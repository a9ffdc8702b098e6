# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Good parts that a recipe was learned from, kept so that more of them can be added."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import zlib

import cv2
import numpy as np

from ant_ros.inspection.crops import Place

__all__ = ['CutOut', 'TaughtParts', 'keep_parts', 'pack_cut_out', 'pack_view',
           'unpack_cut_out', 'unpack_view']

_FINE = 8.0      # grey levels, up to which steps are nearly even
_RANGE = 512.0   # grey levels
_STEPS = 127 / np.log1p(_RANGE / _FINE)
_PREFIX = 'taught'
_SIZE = 8
_SEED = 20


@dataclass(frozen=True)
class CutOut:
    """A part of free shape, or a piece of texture, as the networks get to see it.

    Attributes:
        images: One per size that is looked at [h, w, 3], uint8.
        place: Where it was in its frame.
    """

    images: tuple[np.ndarray, ...]
    place: Place


@dataclass(frozen=True)
class TaughtParts:
    """Pictures of good parts.

    Where there is no room for all, some are not kept: which ones is drawn by lot, so that early
    and late ones stay alike likely. Of parts that a pretrained backbone judges,
    the scores stay nevertheless.

    Attributes:
        reference: What registered parts are stored as differences from [3, H, W], int16; empty
            for others.
        pictures: Compressed, one per part.
        numbers: Which part of all that were taught each of them is [K].
        scores: Of the parts whose pictures are not kept, float32.
    """

    reference: np.ndarray = field(default_factory=lambda: np.zeros((3, 0, 0), np.int16))
    pictures: tuple[bytes, ...] = ()
    numbers: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    scores: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))

    def to_tensors(self) -> dict[str, np.ndarray]:
        """Return what a recipe's files hold."""
        sizes = np.array([len(one) for one in self.pictures], np.int64)
        return {f'{_PREFIX}.reference': self.reference, f'{_PREFIX}.sizes': sizes,
                f'{_PREFIX}.pictures': np.frombuffer(b''.join(self.pictures), np.uint8),
                f'{_PREFIX}.numbers': self.numbers, f'{_PREFIX}.scores': self.scores}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, np.ndarray]) -> TaughtParts:
        """Return the inverse of `to_tensors`.

        Raises:
            KeyError: something is missing.
            ValueError: something is damaged.
        """
        ends = np.cumsum(tensors[f'{_PREFIX}.sizes']).tolist()
        together = tensors[f'{_PREFIX}.pictures'].tobytes()
        numbers = tensors[f'{_PREFIX}.numbers']
        if (ends[-1] if ends else 0) != len(together) or len(ends) != len(numbers):
            raise ValueError('pictures of good parts are missing')
        return cls(tensors[f'{_PREFIX}.reference'],
                   tuple(together[start:end] for start, end in zip([0, *ends], ends)),
                   numbers, tensors[f'{_PREFIX}.scores'])


def keep_parts(
    pictures: Sequence[bytes], most_bytes: int, *, reference: np.ndarray | None = None,
    numbers: Sequence[int] | None = None, scores: Sequence[float] = (),
    gone: Sequence[float] = (),
) -> TaughtParts:
    """Return as many of the parts as may be kept.

    Args:
        pictures: Of the parts.
        most_bytes: What they may take.
        reference: See `TaughtParts`.
        numbers: Which of all parts that were taught each is; None: all of them are here.
        scores: Of the parts, where they shall outlast the pictures.
        gone: Scores of parts whose pictures went earlier.
    """
    if reference is None:
        reference = TaughtParts().reference
    if numbers is None:
        numbers = range(len(pictures))
    # A part's lot never changes: the ones drawn are a fair sample however many come.
    lots = [np.random.default_rng((_SEED, number)).random() for number in numbers]
    room, kept = most_bytes, []
    for part in np.argsort(lots, kind='stable').tolist():
        room -= len(pictures[part])
        if room < 0:
            break
        kept.append(part)
    kept.sort()
    left = [score for part, score in enumerate(scores) if part not in kept]
    return TaughtParts(
        reference, tuple(pictures[part] for part in kept),
        np.array([numbers[part] for part in kept], np.int64),
        np.array([*gone, *left], np.float32))


def pack_view(view: np.ndarray, reference: np.ndarray) -> bytes:
    """Return a registered part [3, H, W] in few bytes, exact to 2 % of its difference.

    Steps are of 0.25 grey levels where it looks as the reference and grow with the difference.
    """
    difference = np.clip(view - reference, -_RANGE, _RANGE)
    codes = np.sign(difference) * np.rint(_STEPS * np.log1p(np.abs(difference) / _FINE))
    return zlib.compress(codes.astype(np.int8).tobytes(), 1)


def unpack_view(data: bytes, reference: np.ndarray) -> np.ndarray:
    """Return a registered part [3, H, W], float32."""
    codes = np.frombuffer(zlib.decompress(data), np.int8).reshape(reference.shape)
    differences = np.arange(-128, 128, dtype=np.float32)
    differences = np.sign(differences) * _FINE * np.expm1(np.abs(differences) / _STEPS)
    return (reference + differences[codes.astype(np.int16) + 128]).astype(np.float32)


def pack_cut_out(cut_out: CutOut) -> bytes:
    """Return a cut-out in few bytes, exactly."""
    place = cut_out.place
    outline = np.zeros((0, 2), np.float32) if place.outline is None else place.outline
    blobs = [np.array([place.x, place.y]).tobytes(), outline.astype(np.float32).tobytes()]
    blobs += [cv2.imencode('.png', image)[1].tobytes() for image in cut_out.images]
    return b''.join(len(blob).to_bytes(_SIZE, 'little') + blob for blob in blobs)


def unpack_cut_out(data: bytes) -> CutOut:
    """Return a cut-out."""
    blobs = []
    while data:
        end = _SIZE + int.from_bytes(data[:_SIZE], 'little')
        blobs.append(data[_SIZE:end])
        data = data[end:]
    x, y = np.frombuffer(blobs[0]).tolist()
    outline = np.frombuffer(blobs[1], np.float32).reshape(-1, 2)
    images = []
    for blob in blobs[2:]:
        image = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError('a picture of a good part is damaged')
        images.append(image)
    return CutOut(tuple(images), Place(x, y, outline if len(outline) else None))
