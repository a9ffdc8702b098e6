# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What robots tell each other: sums and places, no images."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import numpy as np

from ant_ros.inspection.learning.class_sums import ClassSums
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import MOST_ANSWERS
from ant_ros.inspection.learning.features import MOST_SPOTS_PER_LABEL
from ant_ros.inspection.learning.features import MOST_TEMPLATES
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.message import pack
from ant_ros.inspection.learning.message import peek
from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.learning.robot_state import merge_states
from ant_ros.inspection.learning.robot_state import RobotState
from ant_ros.inspection.learning.spots import Spots
from ant_ros.inspection.learning.templates import Templates
from ant_ros.network.sampled.least_squares_head import LeastSquaresSums

__all__ = ['decode_states', 'encode_states', 'from_tensors', 'merge_messages', 'origin_of',
           'to_tensors']

_KIND = 'fleet state'
_PLACES = ('centres', 'spared', 'defects')
_SUMS = ('feature', 'target', 'feature_feature', 'feature_target')


def encode_states(states: Mapping[str, RobotState], digest: str, sender: str = '') -> bytes:
    """Return states as a message.

    Args:
        states: By robot.
        digest: The digest of the feature space.
        sender: The robot that says so; empty where none does.
    """
    header, tensors = to_tensors(states)
    return pack(_KIND, {'space': digest, 'robots': header, 'sender': sender}, tensors)


def origin_of(data: bytes) -> tuple[str, str] | None:
    """Return digest and sender of a message, unchecked; None where it is none.

    The digest is that of the features it comes from. Where no sender is given, as by versions
    that gave none, the names of the robots in it stand for it.
    """
    header = peek(data)
    if header.get('kind') != _KIND:
        return None
    return str(header.get('space')), str(header.get('sender') or _robots_in(header))


def _robots_in(header: Mapping[str, Any]) -> str:
    robots = header.get('robots')
    entries = robots if isinstance(robots, list) else []
    return ', '.join(sorted(str(one.get('robot')) for one in entries if isinstance(one, dict)))


def decode_states(data: bytes, space: FeatureSpace, limits: Limits) -> dict[str, RobotState]:
    """Return the states in a message.

    Raises:
        MessageError: it is damaged, too large, or from robots with other features.
    """
    header, tensors = unpack(data, _KIND, limits.message_bytes(space.width))
    if header.get('space') != space.digest:
        raise MessageError(
            f'the message comes from features {str(header.get("space"))[:12]}, here they are '
            f'{space.digest[:12]}: only robots that share a taught recipe can learn from each '
            'other; copy the recipe')
    return from_tensors(header.get('robots'), tensors, space, limits)


def merge_messages(messages: Iterable[bytes], space: FeatureSpace, limits: Limits) -> bytes:
    """Merge messages into one: the newest state of every robot; the order does not matter.

    Raises:
        MessageError: one of them cannot be used, or they are of too many robots.
    """
    merged: dict[str, RobotState] = {}
    for message in messages:
        merged = merge_states(merged, decode_states(message, space, limits))
    if len(merged) > limits.robots:
        raise MessageError(f'{len(merged)} robots: at most {limits.robots} are expected')
    return encode_states(merged, space.digest)


def to_tensors(
    states: Mapping[str, RobotState],
) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """Return a header, and arrays by name."""
    header, tensors = [], {}
    for index, (robot, state) in enumerate(sorted(states.items())):
        header.append({'robot': robot, 'version': state.version,
                       'classes': list(state.sums.classes), 'words': list(state.spots.words),
                       'templates': list(state.templates.words)})
        tensors[f'{index}.spots'] = state.spots.rows
        tensors[f'{index}.counts'] = state.templates.counts
        tensors[f'{index}.answers'] = state.templates.sums
        for name in _PLACES:
            tensors[f'{index}.{name}'] = getattr(state, name)
        for name in _SUMS:
            tensors[f'{index}.{name}'] = getattr(state.sums.sums, name)
        tensors[f'{index}.squares'] = state.sums.squares
    return header, tensors


def from_tensors(
    header: Any, tensors: Mapping[str, np.ndarray], space: FeatureSpace, limits: Limits,
) -> dict[str, RobotState]:
    """Return the states that `to_tensors` was given.

    Raises:
        MessageError: something is missing or does not fit.
    """
    try:
        states = {str(entry['robot']): _state(entry, index, tensors, space, limits)
                  for index, entry in enumerate(header)}
    except (KeyError, TypeError, ValueError) as error:
        raise MessageError(
            f'the states do not fit together: {type(error).__name__}: {error}') from error
    if len(states) != len(header) or len(states) > limits.robots:
        raise MessageError(f'{len(header)} states: expected at most {limits.robots}, one a robot')
    return states


def _state(
    entry: Mapping[str, Any], index: int, tensors: Mapping[str, np.ndarray],
    space: FeatureSpace, limits: Limits,
) -> RobotState:
    width = space.width
    classes = tuple(str(name) for name in entry['classes'])
    count = len(classes)
    if list(classes) != sorted(set(classes)) or count > limits.classes:
        raise ValueError(f'{count} classes, expected at most {limits.classes} in order')
    shapes = {'feature': (width,), 'target': (count,), 'feature_feature': (width, width),
              'feature_target': (width, count), 'squares': (count,)}
    arrays = {name: _checked(tensors[f'{index}.{name}'], np.float64, shape)
              for name, shape in shapes.items()}
    places = {name: _checked(tensors[f'{index}.{name}'], np.float32, (None, width))
              for name in _PLACES}
    total, defects = sum(len(rows) for rows in places.values()), len(places['defects'])
    if total > limits.vectors or round(float(arrays['target'].sum())) != defects:
        raise ValueError(f'{total} places, {defects} of them defects, for sums of '
                         f'{arrays["target"].sum():g}: expected at most {limits.vectors}')
    if (arrays['target'] < 1).any() or int(entry['version']) < 0:
        raise ValueError('a class without places, or a version below 0')
    sums = LeastSquaresSums(defects, arrays['feature'], arrays['target'], arrays['target'].copy(),
                            arrays['feature_feature'], arrays['feature_target'])
    spots = _spots(entry, _checked(tensors[f'{index}.spots'], np.int16, (None, 4)), limits)
    return RobotState(int(entry['version']), ClassSums(classes, sums, arrays['squares']), **places,
                      spots=spots, templates=_templates(
                          entry, tensors[f'{index}.counts'], tensors[f'{index}.answers'],
                          space.faint.shape[1]))


def _templates(
    entry: Mapping[str, Any], counts: np.ndarray, sums: np.ndarray, width: int,
) -> Templates:
    words = tuple(str(word) for word in entry['templates'])
    if list(words) != sorted(set(words)) or len(words) > MOST_TEMPLATES:
        raise ValueError(f'{len(words)} templates, expected at most {MOST_TEMPLATES} in order')
    if not words:
        return Templates.none()
    _checked(counts, np.int64, (len(words),))
    _checked(sums, np.int32, (len(words), width))
    if (counts < 1).any() or (np.abs(sums.astype(np.int64)) > 127 * counts[:, None]).any():
        raise ValueError('a template of no part, or of more than its parts can answer')
    return Templates(words, counts, sums)


def _spots(entry: Mapping[str, Any], rows: np.ndarray, limits: Limits) -> Spots:
    words = tuple(str(word) for word in entry['words'])
    if list(words) != sorted(set(words)) or len(words) > limits.classes + 1:
        raise ValueError(f'{len(words)} words, expected at most {limits.classes + 1} in order')
    low, high = (0, 0, -127, 0), (len(words) - 1, MOST_ANSWERS - 1, 127, MOST_SPOTS_PER_LABEL - 1)
    if len(rows) > limits.vectors or (rows < low).any() or (rows > high).any():
        raise ValueError(f'{len(rows)} spots, expected at most {limits.vectors} of known words')
    return Spots(words, rows)


def _checked(
    array: np.ndarray, kind: type, shape: tuple[int | None, ...],
) -> np.ndarray:
    fits = len(array.shape) == len(shape) and all(
        wanted in (None, given) for wanted, given in zip(shape, array.shape))
    if array.dtype != kind or not fits or not np.isfinite(array).all():
        raise ValueError(f'an array of {array.dtype} {array.shape}, expected finite {shape}')
    return array
