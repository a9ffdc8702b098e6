# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a learner knows as bytes, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ant_ros.inspection.learning.challenge_set import ChallengePart
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.fleet import from_tensors
from ant_ros.inspection.learning.fleet import to_tensors
from ant_ros.inspection.learning.knowledge import Change
from ant_ros.inspection.learning.knowledge import Knowledge
from ant_ros.inspection.learning.knowledge import Waiting
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.learning.robot_state import RobotState

__all__ = ['LEARNER', 'decode_knowledge', 'encode_knowledge']

LEARNER = 'learner'
"""Kind of the attachment that holds what was learned."""
_STATES = ('foreign', 'unmerged')


def encode_knowledge(robot: str, known: Knowledge, digest: str) -> bytes:
    """Return what a learner knows as bytes.

    Args:
        robot: Name of the robot.
        known: What it knows; its own state follows from the labels and is left out.
        digest: The digest of the feature space.
    """
    labels = {label.number: label for label in known.all_labels()}
    looks = {number: one for number, one in known.looks.items() if number in labels}
    features = [label.features for label in labels.values()]
    features += [one.features for one in known.by_hand.values()]
    features += [one.features for one in looks.values()]
    header: dict[str, Any] = {
        'space': digest, 'robot': robot, 'version': known.version, 'own': known.own.version,
        'next_number': known.next_number,
        'records': [[label.number, label.word, label.by, list(label.rows)]
                    for label in labels.values()],
        'parts': [[one.part, len(one.vectors), 0 if one.faint is None else len(one.faint),
                   one.picture] for one in features],
        'labels': [label.number for label in known.labels.values()],
        'pending': [[one.label.number, one.reason] for one in known.pending.values()],
        'by_hand': [one.word for one in known.by_hand.values()],
        'stale': [part for part, one in known.by_hand.items() if one.stale],
        'looks': [[number, one.stale] for number, one in looks.items()],
        'changed_at': known.changed_at,
        'history': [[*(label and label.number for label in (one.before, one.after)),
                     one.with_next] for one in known.history]}
    width = known.own.centres.shape[1]
    tensors = {
        'vectors': np.concatenate(
            [np.zeros((0, width), np.float32), *(one.vectors for one in features)]),
        'flagged': np.concatenate([np.zeros(0, bool), *(one.flagged for one in features)]),
        'faint': np.concatenate(
            [np.zeros(0, np.int8), *(one.faint for one in features if one.faint is not None)])}
    for name in _STATES:
        header[name], arrays = to_tensors(getattr(known, name))
        tensors.update({f'{name}.{key}': array for key, array in arrays.items()})
    return pack(LEARNER, header, tensors)


def decode_knowledge(
    data: bytes, space: FeatureSpace, limits: Limits,
) -> tuple[str, Knowledge]:
    """Return the name of the robot and what it knows.

    Raises:
        MessageError: damaged, or of other features.
    """
    header, tensors = unpack(data, LEARNER, limits.learner_bytes(space.width))
    if header.get('space') != space.digest:
        raise MessageError('what was learned belongs to other features: teach and label again, '
                           'or restore the recipe that it was saved with')
    try:
        return str(header['robot']), _rebuild(header, tensors, space, limits)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise MessageError(
            f'what was learned does not fit together: {type(error).__name__}: {error}') from error


def _rebuild(
    header: Mapping[str, Any], tensors: Mapping[str, np.ndarray], space: FeatureSpace,
    limits: Limits,
) -> Knowledge:
    features = _cut(header['parts'], tensors, space)
    looked_at = header.get('looks', [])  # there were no looks in earlier versions of ant_ros
    counts = [len(header['records']), len(header['by_hand']), len(looked_at)]
    if len(features) != sum(counts):
        raise ValueError(f'{len(features)} parts for {counts[0]} labels, {counts[1]} parts of the '
                         f'challenge set and {counts[2]} further looks')
    records = {
        int(number): Label(int(number), word, by, part, tuple(rows))
        for (number, word, by, rows), part in zip(header['records'], features)}
    by_hand = [ChallengePart(part, word, part.part in header.get('stale', []))
               for part, word in zip(features[len(records):], header['by_hand'])]
    looks = {int(number): ChallengePart(part, records[number].word, _flag(stale))
             for part, (number, stale) in zip(features[sum(counts[:2]):], looked_at)}
    labels = {label.features.part: label for label in map(records.__getitem__, header['labels'])}
    states = {
        name: from_tensors(header[name], {
            key.removeprefix(f'{name}.'): array for key, array in tensors.items()
            if key.startswith(f'{name}.')}, space, limits)
        for name in _STATES}
    waiting = [Waiting(records[number], reason) for number, reason in header['pending']]
    return Knowledge(
        own=RobotState.of(int(header['own']), labels, space), version=int(header['version']),
        next_number=int(header['next_number']), labels=labels,
        pending={one.label.features.part: one for one in waiting},
        by_hand={one.features.part: one for one in by_hand},
        history=[_change(records, *entry) for entry in header['history']],
        looks=looks, changed_at=int(header.get('changed_at', 0)),
        **states)


def _change(
    records: Mapping[int, Label], before: int | None, after: int | None, with_next: bool,
) -> Change:
    return Change(None if before is None else records[before],
                  None if after is None else records[after], _flag(with_next))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f'{value!r}: expected true or false')
    return value


def _cut(
    parts: list[Any], tensors: Mapping[str, np.ndarray], space: FeatureSpace,
) -> list[PartFeatures]:
    space.check(tensors['vectors'])
    counts, widths = ([entry[number] for entry in parts] for number in (1, 2))
    cut = (_split(tensors['vectors'], counts), _split(tensors['flagged'], counts),
           _split(tensors['faint'], widths))
    return [PartFeatures(part, rows, flags, faint if len(faint) else None, ''.join(picture))
            for (part, _, _, *picture), rows, flags, faint in zip(parts, *cut)]


def _split(rows: np.ndarray, counts: list[int]) -> list[np.ndarray]:
    if sum(counts) != len(rows):
        raise ValueError(f'{len(rows)} rows for {sum(counts)} of {len(counts)} parts')
    return np.split(rows, np.cumsum(counts, dtype=int)[:-1])
