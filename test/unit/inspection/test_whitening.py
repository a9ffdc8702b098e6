# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Grain is taken out, what crosses it stays."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.whitening import learn_whitening


def _brushed(seed: int, strength: float = 12.0) -> np.ndarray:
    """Return long horizontal streaks and noise [3, 96, 128]."""
    rng = np.random.default_rng(seed)
    streaks = cv2.GaussianBlur(rng.standard_normal((96, 192)), (0, 0), 12.0, sigmaY=0.5)[:, 32:160]
    seen = rng.normal(0, 2, (3, 96, 128))
    seen[0] += strength * streaks / streaks.std()
    return seen.astype(np.float32)


@pytest.fixture(scope='module')
def whitening():
    residuals = np.stack([_brushed(seed) for seed in range(10)])
    return learn_whitening(residuals, np.full((3, 96, 128), 1 / 12, np.float32))


def _planes(whitening, seen: np.ndarray, gain: float = 1.0) -> list[np.ndarray]:
    return whitening.apply(list(seen), seen[0], gain).planes


def test_a_mark_across_the_grain_stands_out(whitening):
    seen = _brushed(50)
    seen[0, 40:50, 60] += 12   # one spread of the grain
    plain = np.abs(seen[0]) / np.abs(seen[0]).std()
    white = np.abs(_planes(whitening, seen)[0])
    white /= white.std()

    assert white[40:50, 60].mean() > 3
    assert plain[40:50, 60].mean() < 2


def test_more_grain_than_usual_counts_no_more(whitening):
    usual = np.abs(_planes(whitening, _brushed(51))[0]).mean()
    strong = np.abs(_planes(whitening, 2 * _brushed(52))[0]).mean()

    assert strong == pytest.approx(usual, rel=0.1)


def test_a_part_that_is_different_all_over_is_not_excused(whitening):
    usual = np.abs(_planes(whitening, _brushed(51))[0]).mean()
    foreign = np.abs(_planes(whitening, 100 * _brushed(52))[0]).mean()

    assert foreign > 40 * usual


def test_a_brightened_part_has_more_noise(whitening):
    seen = _brushed(53)
    colour = _planes(whitening, seen)[1]

    assert np.allclose(_planes(whitening, seen, 1.5)[1], colour / 1.5, atol=1e-6)
    assert np.allclose(_planes(whitening, seen, 0.5)[1], colour)


def test_what_was_not_settled_is_treated_alike(whitening):
    seen = 2 * _brushed(54)
    white = whitening.apply(list(seen), seen[0])

    assert np.allclose(white.unsettled, white.planes[0], atol=1e-5)


def test_finest_noise_that_registration_left_in_counts_little():
    def soft(seed: int, blur_px: float) -> np.ndarray:
        noise = np.random.default_rng(seed).normal(0, 2, (3, 96, 128)).astype(np.float32)
        return np.stack([cv2.GaussianBlur(plane, (0, 0), blur_px) for plane in noise])

    whitening = learn_whitening(np.stack([soft(seed, 0.8) for seed in range(10)]),
                                np.ones((3, 96, 128), np.float32))
    usual, sharper = (np.abs(_planes(whitening, soft(50, blur_px))[0]).mean()
                      for blur_px in (0.8, 0.6))

    assert sharper < 2.5 * usual
