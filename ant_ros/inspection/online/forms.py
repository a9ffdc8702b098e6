# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a part that passed differs a little, place by place: shade, colour, shifts and growth.

A hole that is drilled a little too small moves its edge inwards all around, by a tenth of a
pixel: too little for any position to be unusual, and small shifts are explained away before
positions are compared. Answers that add up over a place what a shift to the right, a shift
downwards or a growth of the place would change tell it nevertheless (Lucas, Kanade: An iterative
image registration technique, 1981, of which they are the right-hand sides).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.expectation import masked_blur
from ant_ros.inspection.frame import to_frame
from ant_ros.inspection.learning.features import KINDS
from ant_ros.inspection.learning.features import MOST_ANSWERS
from ant_ros.inspection.learning.features import STEPS
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.pyramid import halvings_for
from ant_ros.inspection.pyramid import sample
from ant_ros.inspection.pyramid import scaling
from ant_ros.inspection.pyramid import shrunk
from ant_ros.inspection.recipe import Recipe

__all__ = ['FEWEST_LOOKS', 'Forms', 'Usual', 'usual_from_bytes', 'usual_to_bytes']

FEWEST_LOOKS = 5
"""Good parts without which it is not known how much each answer varies."""

_CELL_PX = 8
_PART = 4          # answers are added up at a quarter of the size
_SIGMA = 1.5       # at a quarter of the size: 6 px, about the size of small features
_LEAST_INSIDE = 0.3
_NEIGHBOURS = 10.0
_FLOOR = 0.1
_MOST_LOOKS = 64
_CONTRAST = 50.0   # grey levels
_EVEN = 1e-6
_KIND = 'forms of good parts'
_MOST_BYTES = 1 << 20


class Usual(NamedTuple):
    """What good parts answer.

    Attributes:
        centre: Mean of each answer [K], float32.
        spread: Standard deviation of each answer [K], float32; 0 where there is nothing to see.
        looks: Answers of some of them in steps, as `Forms.faint` gives them [N, K], int8.
    """

    centre: np.ndarray
    spread: np.ndarray
    looks: np.ndarray


class Forms:
    """Answers of a registered part, cell by cell.

    Good at: what is always at one of a few places of a registered part, however faint. Bad at:
    parts of free shape and textures; they have no answers.

    Args:
        recipe: All that is known of the product.
    """

    def __init__(self, recipe: Recipe) -> None:
        mask, self._format = recipe.mask, recipe.format
        height, width = mask.shape
        self._size = (width, height)
        self._inside = mask.astype(np.float32)
        self._expected = to_rgb(recipe.mean).mean(axis=2).astype(np.float32)
        down, right = (cv2.Sobel(self._expected, cv2.CV_32F, *order, ksize=3, scale=1 / 8)
                       * self._inside for order in ((0, 1), (1, 0)))
        rows, columns = (axis.astype(np.float32) for axis in np.mgrid[:height, :width])
        rows, columns = rows - height / 2, columns - width / 2
        level = float(self._expected[mask].mean()) if mask.any() else 0.0
        contrast = (self._expected - level) / _CONTRAST * self._inside
        self._fields = [self._inside, contrast, right, down, columns * right + rows * down]
        step = _CELL_PX // _PART
        while -(-height // (_PART * step)) * -(-width // (_PART * step)) * KINDS > MOST_ANSWERS:
            step *= 2
        self._cells = (slice(step // 2, None, step), slice(step // 2, None, step))
        self._middles = np.stack(
            [_quarter(axis)[self._cells] for axis in (columns, rows)], axis=-1)
        self.shape: tuple[int, int] = self._middles.shape[:2]
        gram = np.stack([np.stack([self._summed(one * other) for other in self._fields], axis=-1)
                         for one in self._fields], axis=-1)
        gram = self._moved(self._moved(gram).swapaxes(-1, -2))
        light = gram[..., :2, :2]
        size = np.trace(light, axis1=-2, axis2=-1)[..., None, None]
        inverse = np.linalg.inv(light + _EVEN * (size + 1) * np.eye(2))
        # What brighter or darker, and more or less contrast, explains is no shift.
        self._explained = (gram[..., 2:, :2] @ inverse).astype(np.float32)
        seen = self._summed(self._inside) >= _LEAST_INSIDE
        self._seen = np.repeat(seen[..., None], KINDS, axis=-1)

    @property
    def count(self) -> int:
        """Number of answers, K."""
        return self._seen.size

    def brightness(self, image: np.ndarray, evidence: Evidence) -> np.ndarray | None:
        """Return the registered part in grey [H, W], float32; None where none is registered."""
        if evidence.score.shape != self._inside.shape:
            return None
        frame = to_frame(image, self._format)
        across, down = frame.shape[1] / image.shape[1], frame.shape[0] / image.shape[0]
        matrix = np.diag([across, down, 1.0]) @ np.vstack([evidence.matrix, (0, 0, 1)])
        halvings = halvings_for(1 / float(np.hypot(*matrix[:2, 0])))
        grey = cv2.cvtColor(shrunk(frame, halvings), cv2.COLOR_RGBA2GRAY).astype(np.float32)
        return sample(grey, scaling(0.5**halvings) @ matrix, self._size)

    def answers(self, brightness: np.ndarray, difference: Sequence[np.ndarray]) -> np.ndarray:
        """Return the answers of a part [K], float32: of each cell its six.

        Args:
            brightness: The registered part in grey [H, W].
            difference: Seen less expected in the expected light: brightness and two colour
                planes [H, W].
        """
        change = cv2.subtract(brightness, self._expected)
        sums = self._moved(np.stack([
            self._summed(cv2.multiply(change, field)) for field in self._fields], axis=-1))
        forms = (sums[..., 2:] - self._explained[..., 0] * sums[..., :1]
                 - self._explained[..., 1] * sums[..., 1:2])
        shades = np.stack([self._summed(cv2.multiply(plane, self._inside))
                           for plane in difference], axis=-1)
        answers = np.concatenate([shades, forms], axis=-1)
        return np.where(self._seen, answers, 0).ravel().astype(np.float32)

    def faint(self, answers: np.ndarray, usual: Usual) -> np.ndarray:
        """Return answers in steps of good parts' spread [K], int8, for the learner."""
        return _steps(answers, usual.centre, usual.spread)

    def place(self, answer: int) -> np.ndarray:
        """Return columns and rows [N, 2] of the cell that an answer is about."""
        height, width = self._inside.shape
        middle = self._middles.reshape(-1, 2)[answer // KINDS] + (width / 2, height / 2)
        low = np.maximum(np.floor(middle - _CELL_PX / 2), 0).astype(int)
        high = np.minimum(low + _CELL_PX, (width, height))
        columns, rows = (np.arange(*ends) for ends in zip(low, high))
        return np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)

    def learn_usual(self, looks: Sequence[np.ndarray]) -> Usual | None:
        """Return what good parts answer; None where there are fewer than `FEWEST_LOOKS`.

        Few parts give a poor spread of one answer: it is drawn towards that of its neighbours.

        Args:
            looks: Answers [K] of each.
        """
        if len(looks) < FEWEST_LOOKS:
            return None
        told = np.stack(looks).astype(np.float64)
        variance = told.var(axis=0, ddof=1).reshape(self._seen.shape)
        inside = self._seen[..., 0]
        near = np.stack([masked_blur(np.ascontiguousarray(variance[..., kind]), inside, 3)
                         for kind in range(KINDS)], axis=-1)
        usual = np.median(variance[inside], axis=0) if inside.any() else np.zeros(KINDS)
        drawn = (len(looks) * variance + _NEIGHBOURS * near) / (len(looks) + _NEIGHBOURS)
        spread = np.sqrt(drawn + _FLOOR * usual) * self._seen
        centre = told.mean(axis=0).astype(np.float32)
        spread = spread.ravel().astype(np.float32)
        return Usual(centre, spread, _steps(told[:_MOST_LOOKS], centre, spread))

    def _moved(self, sums: np.ndarray) -> np.ndarray:
        """Return sums [..., 5] with growth about the middle of each cell, not of the part."""
        middles = self._middles[:, :, None] if sums.ndim > 3 else self._middles
        moved = sums.copy()
        moved[..., 4] -= middles[..., 0] * sums[..., 2] + middles[..., 1] * sums[..., 3]
        return moved

    def _summed(self, plane: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(_quarter(plane), (0, 0), _SIGMA)[self._cells]


def usual_to_bytes(usual: Usual, source: str) -> bytes:
    """Return what good parts answer as bytes.

    Args:
        usual: What they answer.
        source: Hash of the recipe that it belongs to.
    """
    return pack(_KIND, {'source': source}, usual._asdict())


def usual_from_bytes(data: bytes, source: str, count: int) -> Usual:
    """Return what good parts answer.

    Raises:
        MessageError: damaged, or of another recipe.
    """
    header, tensors = unpack(data, _KIND, _MOST_BYTES)
    usual = Usual(*(tensors.get(name, np.zeros(0)) for name in Usual._fields))
    fits = all(one.shape == (count,) and one.dtype == np.float32 and np.isfinite(one).all()
               for one in (usual.centre, usual.spread))
    looks = usual.looks.dtype == np.int8 and usual.looks.shape[1:] == (count,)
    if header.get('source') != source or not (fits and looks):
        raise MessageError('the forms of good parts belong to another recipe: restore the file '
                           'that it was saved with, or teach again')
    return usual


def _steps(answers: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return answers [..., K] in steps of good parts' spread, int8."""
    steps = STEPS * (answers - centre) / np.maximum(spread, _EVEN)
    return np.where(spread > 0, np.clip(np.rint(steps), -127, 127), 0).astype(np.int8)


def _quarter(plane: np.ndarray) -> np.ndarray:
    height, width = plane.shape
    return cv2.resize(np.ascontiguousarray(plane, np.float32), (width // _PART, height // _PART),
                      interpolation=cv2.INTER_AREA)
