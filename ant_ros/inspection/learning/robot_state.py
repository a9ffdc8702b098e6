# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What one robot has learned, in the form in which it adds up with what others have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib

import numpy as np

from ant_ros.inspection.learning.class_sums import ClassSums
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.spots import Spots
from ant_ros.inspection.learning.templates import Templates

__all__ = ['RobotState', 'merge_states']


@dataclass(frozen=True, eq=False)
class RobotState:
    """What a robot knows from its own accepted labels.

    Attributes:
        version: Counts its changes.
        sums: Sums of the places called a defect, scaled.
        centres: Flagged places called good: centres of widenings [G, F], float32, not scaled.
        spared: Other places called good [S, F].
        defects: Places called a defect [D, F].
        spots: What stood out where no place was unusual.
        templates: What whole parts answered on which no place was unusual.
    """

    version: int
    sums: ClassSums
    centres: np.ndarray
    spared: np.ndarray
    defects: np.ndarray
    spots: Spots
    templates: Templates

    @classmethod
    def none(cls, width: int) -> RobotState:
        """Return the state of a robot that nobody has told anything."""
        empty = np.zeros((0, width), np.float32)
        return cls(0, ClassSums.none(width), empty, empty, empty, Spots.none(),
                   Templates.none())

    @classmethod
    def of(cls, version: int, labels: Mapping[str, Label], space: FeatureSpace) -> RobotState:
        """Return the state after labels, by part; their order does not matter."""
        ordered = sorted(labels.values(), key=lambda label: label.features.part)
        good = [label for label in ordered if label.word == GOOD]
        empty = np.zeros((0, space.width), np.float32)
        centres = np.concatenate([empty, *(one.vectors[one.flagged] for one in good)])
        spared = np.concatenate([empty, *(one.vectors[~one.flagged] for one in good)])
        defects = np.concatenate(
            [empty, *(label.vectors for label in ordered if label.word != GOOD)])
        words = [label.word for label in ordered if label.word != GOOD for _ in label.vectors]
        return cls(version, ClassSums.of(space.scale(defects), words), centres, spared, defects,
                   Spots.of(ordered), Templates.of(ordered, space.faint.shape[1]))

    def with_label(self, version: int, label: Label, space: FeatureSpace) -> RobotState:
        """Return the state after one more label on a part that had none."""
        more = RobotState.of(version, {label.features.part: label}, space)
        return RobotState(
            more.version, self.sums + more.sums,
            np.concatenate([self.centres, more.centres]),
            np.concatenate([self.spared, more.spared]),
            np.concatenate([self.defects, more.defects]), self.spots + more.spots,
            self.templates + more.templates)

    @property
    def text(self) -> str:
        """How much it has learned."""
        good = len(self.centres) + len(self.spared)
        named = len(self.defects) + int(self.templates.counts.sum())
        return f'{good} good and {named} defective places'

    @property
    def rank(self) -> tuple[int, str]:
        """What is newest is largest; of two with one version the same one is chosen everywhere."""
        digest = hashlib.sha256('|'.join(
            [*self.sums.classes, '', *self.spots.words, '', *self.templates.words]).encode())
        sums = self.sums.sums
        for array in (self.centres, self.spared, self.defects, sums.feature_feature,
                      sums.feature_target, sums.target, self.spots.rows, self.templates.counts,
                      self.templates.sums):
            digest.update(np.ascontiguousarray(array).tobytes())
        return self.version, digest.hexdigest()


def merge_states(
    one: Mapping[str, RobotState], other: Mapping[str, RobotState],
) -> dict[str, RobotState]:
    """Return the newest state of every robot in either; merging twice changes nothing."""
    merged = dict(one)
    for robot, state in other.items():
        if robot not in merged or state.rank > merged[robot].rank:
            merged[robot] = state
    return dict(sorted(merged.items()))
