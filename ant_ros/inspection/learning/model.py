# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector asks: is this place known, and does it change what it would say?"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ant_ros.inspection.learning.class_head import ClassHead
from ant_ros.inspection.learning.class_head import Names
from ant_ros.inspection.learning.class_sums import ClassSums
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.robot_state import RobotState
from ant_ros.inspection.learning.spots import Spot
from ant_ros.inspection.learning.spots import Spots
from ant_ros.inspection.learning.spots import Spotter
from ant_ros.inspection.learning.templates import GoodAnswers
from ant_ros.inspection.learning.templates import Matcher
from ant_ros.inspection.learning.templates import Templates
from ant_ros.inspection.learning.widening import nearest
from ant_ros.inspection.learning.widening import typical_gap
from ant_ros.inspection.learning.widening import Widening

__all__ = ['Model', 'Opinion']

_LEAST_MARGIN = 1.0
_SIGMAS = 3.0
_MOST_FATES = 4096


@dataclass(frozen=True)
class Opinion:
    """What was learned of a place.

    Attributes:
        label: Its defect class, or 'unknown'.
        confidence: How sure the class is, 0 to 1; 0 for 'unknown'.
        accepted: A person called such a place good: it is no reason to stop the part.
        alarmed: It is like a known defect, more than any place of a good part, and not accepted:
            a reason to stop the part whatever its score.
        only: No other defect class is known, so that `confidence` is about good parts alone.
    """

    label: str
    confidence: float
    accepted: bool
    alarmed: bool
    only: bool = False


class Model:
    """All that was learned, ready to be asked; what it says does not change.

    `judge` may be called from any thread, `passes` from one.

    Args:
        space: How features are made comparable.
        states: What each robot has learned; the result does not depend on their order.
        defects: Further places of known defects [D, F]; what lies near to them is not accepted.
        good: How the answers of good parts vary; None: as those that were taught.
    """

    def __init__(
        self, space: FeatureSpace, states: Mapping[str, RobotState],
        defects: np.ndarray | None = None, good: GoodAnswers | None = None,
    ) -> None:
        self._space = space
        ordered = [states[robot] for robot in sorted(states)]
        sums, spots, templates = ClassSums.none(space.width), Spots.none(), Templates.none()
        for state in ordered:
            sums, spots = sums + state.sums, spots + state.spots
            templates += state.templates
        self._spotter = Spotter(spots)
        self._matcher = Matcher(templates, good or GoodAnswers(space.faint))
        centres, spared, named = (
            space.scale(np.concatenate([np.zeros((0, space.width), np.float32),
                                        *(getattr(state, name) for state in ordered)]))
            for name in ('centres', 'spared', 'defects'))
        self._fates: dict[bool, dict[PartFeatures, bool]] = {False: {}, True: {}}
        self._head = ClassHead(sums)
        self._gap = typical_gap(space.good)
        if defects is not None:
            named = np.concatenate([named, space.scale(defects)])
        self._widening = Widening(centres, named, *space.alike)
        self._called_good = {robot: states[robot].centres for robot in sorted(states)}
        # What is known to be good never alarms: it is accepted, or counts here.
        self._good = np.concatenate([space.good, spared])
        self._least_margin = _least_margin(self._head.name(self._good))

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the defect classes."""
        return tuple(sorted({*self._head.classes, *self._spotter.words, *self._matcher.words}))

    @property
    def knows_spots(self) -> bool:
        """Whether any part could have a spot."""
        return bool(self._spotter.words or self._matcher.words)

    def judge(self, part: PartFeatures) -> tuple[Opinion, ...]:
        """Return an opinion on each place of a part.

        Raises:
            ValueError: another number of features.
        """
        names, accepted, alarmed = self._look(part.vectors, part.flagged)
        only = len(self.classes) == 1
        return tuple(Opinion(*told, only) for told in zip(
            names.labels, names.confidence.tolist(), accepted.tolist(), alarmed.tolist()))

    def excuse(self, vector: np.ndarray) -> tuple[str, np.ndarray] | None:
        """Return what lets a place [F] pass: the robot that was told, and the place called good.

        None where nothing does.
        """
        row = self._widening.speaker(self._space.scale(vector[None])[0])
        if row is None:
            return None
        for robot, places in self._called_good.items():
            if row < len(places):
                return robot, places[row]
            row -= len(places)
        return None

    def spot(self, part: PartFeatures) -> Spot | None:
        """Return where a part differs faintly as parts of a class did; None where it does not."""
        found = [one for one in (self._spotter.spot(part.faint), self._matcher.match(part.faint))
                 if one is not None]
        return max(found, key=lambda one: one.confidence, default=None)

    def passes(self, parts: Sequence[PartFeatures], *, held_out: bool = False) -> np.ndarray:
        """Say which parts [N] would pass: flagged places accepted, none alarmed, no spot.

        The answers are kept: the same challenge set is asked about again at the next change.

        Args:
            parts: The parts.
            held_out: Ask of known defects whether their like may pass, as if each were not known.
        """
        fates = self._fates[held_out]
        new = [part for part in dict.fromkeys(parts) if part not in fates]
        if len(fates) + len(new) > _MOST_FATES:
            fates.clear()
            new = list(dict.fromkeys(parts))
        if new:
            fates.update(zip(new, self._pass(new, held_out).tolist()))
        return np.array([fates[part] for part in parts], dtype=bool)

    def _pass(self, parts: Sequence[PartFeatures], held_out: bool) -> np.ndarray:
        flagged = np.concatenate([part.flagged for part in parts])
        _, accepted, alarmed = self._look(
            np.concatenate([part.vectors for part in parts]), flagged, held_out)
        stopped = alarmed | (flagged & ~accepted)
        owners = np.repeat(np.arange(len(parts)), [len(part.flagged) for part in parts])
        passed = np.bincount(owners[stopped], minlength=len(parts)) == 0
        return passed & ~self._spotter.spotted(parts) & ~self._matcher.matched(parts)

    def looks_good(self, vectors: np.ndarray) -> np.ndarray:
        """Say which places [N, F] lie as near to a known good one as good ones do: bool [N]."""
        return nearest(self._space.scale(vectors), self._good) <= self._gap

    def looks_taught(self, vectors: np.ndarray) -> np.ndarray:
        """Say which places [N, F] lie as near to a taught one as those do: bool [N]."""
        return nearest(self._space.scale(vectors), self._space.good) <= self._gap

    def looks_bad(self, vectors: np.ndarray) -> np.ndarray:
        """Say which places [N, F] hardly differ from a known defect: bool [N]."""
        return self._widening.contradicts(self._space.scale(vectors))

    def _look(
        self, vectors: np.ndarray, flagged: np.ndarray, held_out: bool = False,
    ) -> tuple[Names, np.ndarray, np.ndarray]:
        """Return names of places, which are accepted and which alarm, both bool [N]."""
        scaled = self._space.scale(vectors)
        names = self._head.name(scaled)
        accepted, alarmed = np.zeros(len(scaled), bool), names.margin > self._least_margin
        # Only these are asked about: it takes the most time. No known defect is accepted.
        asked = flagged | alarmed
        accepted[asked] = self._widening.holds(scaled[asked], held_out=held_out)
        return names, accepted, alarmed & ~accepted


def _least_margin(good: Names) -> float:
    """Return the margin above which a place is like a known defect, from what good places have.

    It is above that of all that are known, and of nearly all that are not.
    """
    leaning = good.leaning[np.isfinite(good.leaning)]
    beyond = leaning.mean() + _SIGMAS * leaning.std() if len(leaning) else _LEAST_MARGIN
    return max(_LEAST_MARGIN, float(good.margin.max()), float(beyond))
