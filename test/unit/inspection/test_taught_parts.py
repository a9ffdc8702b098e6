# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of good parts that a recipe keeps."""

import numpy as np
import pytest

from ant_ros.inspection.crops import Place
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.taught_parts import keep_parts
from ant_ros.inspection.taught_parts import pack_cut_out
from ant_ros.inspection.taught_parts import pack_view
from ant_ros.inspection.taught_parts import TaughtParts
from ant_ros.inspection.taught_parts import unpack_cut_out
from ant_ros.inspection.taught_parts import unpack_view


def _kept(views: np.ndarray, scores=()) -> TaughtParts:
    nothing = np.zeros(views.shape[1:], np.int16)
    return keep_parts([pack_view(view, nothing) for view in views], 10**6, reference=nothing,
                      scores=scores)


@pytest.fixture
def views() -> np.ndarray:
    rng = np.random.default_rng(1)
    usual = rng.uniform(0, 255, (3, 40, 48))
    usual[1:] -= 128
    return (usual + rng.normal(0, 6, (5, 3, 40, 48))).astype(np.float32)


def test_views_come_back_nearly_as_they_were(views):
    views[2, 0, 4:8, 4:8] += 90
    reference = np.rint(views.mean(axis=0)).astype(np.int16)
    packed = [pack_view(view, reference) for view in views]
    back = np.stack([unpack_view(one, reference) for one in packed])

    np.testing.assert_array_less(np.abs(back - views), 0.14 + 0.017 * np.abs(views - reference))
    assert sum(map(len, packed)) < views.size
    assert [pack_view(view, reference) for view in back] == packed


def test_differences_without_bound_are_cut_off(views):
    views[0, 0, 0, 0] = 1e9
    nothing = np.zeros((3, 40, 48), np.int16)
    back = unpack_view(pack_view(views[0], nothing), nothing)

    assert back[0, 0, 0] == pytest.approx(512, rel=0.01)


@pytest.mark.parametrize('outline', [None, np.array([[1, 2], [30.5, 4], [9, 40]], np.float32)])
def test_cut_outs_come_back_exactly(outline):
    rng = np.random.default_rng(2)
    images = tuple(rng.integers(0, 256, (side, side, 3), np.uint8) for side in (32, 48))
    back = unpack_cut_out(pack_cut_out(CutOut(images, Place(3.25, -7.5, outline))))

    assert (back.place.x, back.place.y) == (3.25, -7.5)
    assert (back.place.outline is None) == (outline is None)
    if outline is not None:
        np.testing.assert_array_equal(back.place.outline, outline)
    for image, other in zip(images, back.images, strict=True):
        np.testing.assert_array_equal(image, other)


def test_no_more_is_kept_than_there_is_room_for():
    pictures = [bytes([number]) * 10 for number in range(100)]
    taught = keep_parts(pictures, 205, scores=[float(number) for number in range(100)],
                        gone=[500.0])

    assert len(taught.pictures) == 20
    assert [one[0] for one in taught.pictures] == taught.numbers.tolist()
    assert sorted([*taught.numbers, *taught.scores[1:]]) == list(range(100))
    assert taught.scores[0] == 500


def test_early_and_late_parts_stay_alike_likely():
    taught = keep_parts([bytes(10)] * 30, 200)
    for start in range(30, 1030, 50):
        taught = keep_parts(
            [*taught.pictures, *[bytes(10)] * 50], 200,
            numbers=[*taught.numbers.tolist(), *range(start, start + 50)])

    at_once = keep_parts([bytes(10)] * 1030, 200)
    assert taught.numbers.tolist() == at_once.numbers.tolist()
    assert 300 < taught.numbers.mean() < 730


def test_they_outlast_the_files(views):
    taught = _kept(views, [1.0] * 5)
    back = TaughtParts.from_tensors(taught.to_tensors())

    assert back.pictures == taught.pictures
    np.testing.assert_array_equal(back.reference, taught.reference)
    np.testing.assert_array_equal(back.numbers, taught.numbers)
    assert TaughtParts.from_tensors(TaughtParts().to_tensors()).pictures == ()


def test_missing_pictures_are_noticed(views):
    tensors = _kept(views).to_tensors()
    tensors['taught.pictures'] = tensors['taught.pictures'][:-1]

    with pytest.raises(ValueError, match='pictures of good parts are missing'):
        TaughtParts.from_tensors(tensors)
