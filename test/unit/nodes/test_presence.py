# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A still part over several frames is one part, and only that."""

import numpy as np
import pytest

from ant_ros.nodes.presence import Presence

MS = 10 ** 6


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (60, 80, 3), np.uint8)


def _shifted(pixels: np.ndarray) -> np.ndarray:
    return np.roll(pixels.repeat(4, 0).repeat(4, 1), 40, axis=1)


def test_still_part_continues_until_it_changes_or_leaves(pixels: np.ndarray) -> None:
    presence = Presence(0.1, 0.02)
    noisy = np.clip(pixels.astype(int) + np.random.default_rng(2).integers(
        -5, 6, pixels.shape), 0, 255).astype(np.uint8)
    assert not presence.continues(pixels, 0)
    assert presence.continues(noisy, 100 * MS)
    assert not presence.continues(255 - pixels, 133 * MS)
    assert presence.continues(255 - pixels, 166 * MS)
    assert not presence.continues(255 - pixels, 300 * MS)


def test_moving_part_does_not_continue(pixels: np.ndarray) -> None:
    presence = Presence(0.1, 0.02)
    presence.continues(pixels.repeat(4, 0).repeat(4, 1), 0)
    assert not presence.continues(_shifted(pixels), 33 * MS)


def test_time_that_jumps_back_starts_a_new_part(pixels: np.ndarray) -> None:
    presence = Presence(0.1, 0.02)
    presence.continues(pixels, 5000 * MS)
    assert not presence.continues(pixels, 0)


def test_without_gap_every_frame_is_a_part(pixels: np.ndarray) -> None:
    presence = Presence(0.0, 1.0)
    assert not presence.continues(pixels, 0)
    assert not presence.continues(pixels, 0)


@pytest.mark.parametrize('dtype', [np.uint8, np.uint16, np.float32])
def test_grey_of_every_type(dtype) -> None:
    presence = Presence(0.1, 0.02)
    full = np.iinfo(dtype).max if np.dtype(dtype).kind == 'u' else 1.0
    dark, bright = np.zeros((60, 80), dtype), np.full((60, 80), full, dtype)
    assert not presence.continues(dark, 0)
    assert presence.continues(dark, 10 * MS)
    assert not presence.continues(bright, 20 * MS)
