# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From evidence to the places of a part, and to what the learner gets to see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.learning import describe_place
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.features import MOST_ROWS
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.regions import find_marks
from ant_ros.inspection.regions import Mark

__all__ = ['describe_part', 'find_places', 'good_from_bytes', 'good_places', 'good_to_bytes']

_PER_GOOD_PART = 3
_NEAR_PEAK = 0.5
_MARGIN_PX = 5
_KIND = 'places of good parts'
_MOST_BYTES = 16 << 20


def find_places(evidence: Evidence) -> list[Mark]:
    """Return the places that reach the limit, worst first; the worst one where none does.

    They come in the order of the verdict's regions.
    """
    if evidence.flagged:
        return _marks(evidence, evidence.limit)
    row, column = np.unravel_index(int(evidence.score.argmax()), evidence.score.shape)
    peak = float(evidence.score[row, column])
    if peak <= 0:  # exactly as expected: any place is as good as another
        alone = np.array([[column, row]])
        return [Mark(alone, alone, 0.0, 0, 1.0, 1.0, evidence.shift_at(alone), False)]
    # Where nothing stands out, many places come near to the worst one: leave them out.
    _, labels = cv2.connectedComponents((evidence.score >= _NEAR_PEAK * peak).astype(np.uint8))
    alone = labels == labels[row, column]
    left, top, across, down = cv2.boundingRect(alone.astype(np.uint8))
    left, top = max(left - _MARGIN_PX, 0), max(top - _MARGIN_PX, 0)
    window = (slice(top, top + down + 2 * _MARGIN_PX), slice(left, left + across + 2 * _MARGIN_PX))
    difference = evidence.known_difference
    mark = find_marks(
        np.where(alone[window], evidence.score[window], np.float32(0)),
        evidence.deep_score[window], peak,
        None if difference is None else [plane[window] for plane in difference],
        evidence.mask[window])[0]
    corner = np.array([left, top])
    return [replace(mark, pixels=mark.pixels + corner, core=mark.core + corner)]


def describe_part(
    part: str, evidence: Evidence, places: Sequence[Mark], faint: np.ndarray | None = None,
) -> PartFeatures:
    """Return what the learner gets to see of a part.

    Args:
        part: Its ID.
        evidence: What its verdict was based on.
        places: What `find_places` returned.
        faint: Its answers to what no place of its own tells [K], int8; None without.

    Raises:
        ValueError: the ID is empty or too long.
    """
    places = places[:MOST_ROWS]
    return PartFeatures(part, np.stack([_describe(evidence, place) for place in places]),
                        np.full(len(places), evidence.flagged), faint)


def good_places(evidences: Sequence[Evidence]) -> np.ndarray:
    """Return the features [G, F] of the worst places of good parts."""
    found = []
    for evidence in evidences:
        left = evidence
        for _ in range(_PER_GOOD_PART):
            place = find_places(left)[0]
            found.append(_describe(left, place))
            score = left.score.copy()
            score[place.pixels[:, 1], place.pixels[:, 0]] = 0
            left = replace(left, score=score)
    return np.array(found, np.float64)


def good_to_bytes(good: np.ndarray, source: str) -> bytes:
    """Return the places of good parts [G, F] as bytes; the feature space follows from them."""
    return pack(_KIND, {'source': source}, {'good': good})


def good_from_bytes(data: bytes, source: str) -> np.ndarray:
    """Return the places of good parts [G, F].

    Raises:
        MessageError: damaged, or of another recipe.
    """
    header, tensors = unpack(data, _KIND, _MOST_BYTES)
    if header.get('source') != source or 'good' not in tensors:
        raise MessageError('the places of good parts belong to another recipe: restore the file '
                           'that it was saved with, or teach again')
    return tensors['good']


def _marks(evidence: Evidence, limit: float) -> list[Mark]:
    return find_marks(
        evidence.score, evidence.deep_score, limit, evidence.known_difference, evidence.mask)


def _describe(evidence: Evidence, place: Mark) -> np.ndarray:
    return describe_place(place.pixels, evidence.score, evidence.difference, evidence.mask,
                          evidence.centre, evidence.radius)
