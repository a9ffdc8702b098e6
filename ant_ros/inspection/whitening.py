# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Grain taken out of a difference: what good parts vary in counts little, the rest shows.

A brushed, turned or woven surface differs from part to part by streaks that are stronger than a
fine scratch, but they run one way and are long, and a scratch that crosses them is not. Divided
by the power that good parts have at each spatial frequency, a difference is what the best linear
detector of a weak mark in such noise adds up (North, An analysis of the factors which determine
signal/noise discrimination in pulsed-carrier systems, 1943; Turin, An introduction to matched
filters, 1960).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from scipy import fft

__all__ = ['White', 'Whitening', 'learn_whitening']

_SMOOTH = 1.5   # steps of frequency
_LEAST_SHARE = 0.2   # registration takes out the finest noise, on some parts more than on others
_SAMPLES = 2000
_MOST_GRAIN = 2.0


class White(NamedTuple):
    """A difference in spreads, its brightness without grain.

    Attributes:
        planes: Brightness and two differences of colour, [H, W] each.
        unsettled: Brightness before small shifts were explained away [H, W].
    """

    planes: list[np.ndarray]
    unsettled: np.ndarray


@dataclass(frozen=True)
class Whitening:
    """How a difference is made comparable from place to place and of even grain.

    Attributes:
        weights: 1 / spread of the good parts' differences per position [3, H, W], float32; 0
            outside of the part.
        passing: Factor on the brightness at each spatial frequency [H, W / 2 + 1], float32.
        usual: Median size of the brightness of good parts after that.
    """

    weights: np.ndarray
    passing: np.ndarray
    usual: float

    def apply(
        self, difference: Sequence[np.ndarray], unsettled: np.ndarray, gain: float = 1.0
    ) -> White:
        """Return a difference in spreads, brightness without its grain.

        A part in dim light has more noise once it is brightened, and one whose grain runs
        another way keeps more of it. Both are weighed by what they have.

        Args:
            difference: Seen less expected, three planes [H, W], float32.
            unsettled: Its brightness before small shifts were explained away [H, W], float32.
            gain: Factor by which the part was brightened.
        """
        scale = 1 / max(gain, 1.0)
        brightness, *colours = (cv2.multiply(plane, weight, scale=scale)
                                for plane, weight in zip(difference, self.weights))
        brightness, unsettled = self._filtered(
            brightness, cv2.multiply(unsettled, self.weights[0], scale=scale))
        size = _median_size(brightness, self._samples)
        if size > self.usual:
            # Not without bound: a part that is different all over has no grain of its own.
            factor = np.float32(max(self.usual / size, 1 / _MOST_GRAIN))
            brightness, unsettled = brightness * factor, unsettled * factor
        return White([brightness, *colours], unsettled)

    @cached_property
    def _samples(self) -> np.ndarray:
        """Flat indices of positions on the part."""
        inside = np.flatnonzero(self.weights[0])
        return inside[::max(1, len(inside) // _SAMPLES)]

    def _filtered(self, one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return two planes without their grain: as one complex plane they cost little more."""
        spectrum = cv2.dft(cv2.merge([one, other]))
        together = cv2.idft(cv2.multiply(spectrum, self._factors), flags=cv2.DFT_SCALE)
        first, second = cv2.split(together)
        return np.asarray(first), np.asarray(second)

    @cached_property
    def _factors(self) -> np.ndarray:
        """The factors at all frequencies, for both parts of a complex number [H, W, 2]."""
        whole = fft.fft2(fft.irfft2(self.passing, s=self.weights.shape[1:])).real
        return cv2.merge([whole, whole])


def learn_whitening(residuals: np.ndarray, weights: np.ndarray) -> Whitening:
    """Learn the grain from good parts.

    Args:
        residuals: Difference of each good part from what the others lead to expect [N, 3, H, W].
        weights: 1 / spread of them per position [3, H, W]; 0 outside of the part.
    """
    power = np.mean([np.abs(fft.rfft2(one[0] * weights[0]))**2 for one in residuals], axis=0)
    # Frequencies from below 0 to above it come to lie side by side, so that they can be smoothed.
    centred = cv2.GaussianBlur(fft.fftshift(power, axes=0), (0, 0), _SMOOTH,
                               borderType=cv2.BORDER_REFLECT_101)
    smooth = fft.ifftshift(centred, axes=0)
    passing = 1 / (smooth + _LEAST_SHARE * np.median(smooth))
    # White noise of the good parts' own power keeps its spread on the part.
    inside = max(float((weights[0] > 0).mean()), 1e-6) * power.size
    passing *= np.sqrt(inside / max(float((passing**2 * power).sum()), 1e-12) * weights[0].size)
    raw = Whitening(weights.astype(np.float32), passing.astype(np.float32), np.inf)
    brightness = [one[0] * raw.weights[0] for one in residuals]
    sizes = [_median_size(raw._filtered(one, one)[0], raw._samples) for one in brightness]
    return replace(raw, usual=float(np.median(sizes)))


def _median_size(plane: np.ndarray, samples: np.ndarray) -> float:
    middle = len(samples) // 2
    return float(np.partition(np.abs(plane.ravel()[samples]), middle)[middle])
