# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Dispositions from symbols: measured predicates, kinds named by neurons, rules, a small network.

The inspector sees the regions. Temporal neurons group them without labels, which gives each
region the name of a kind. Rules are learned on predicates and kinds; where no rule speaks, a
small network of sampled weights on the same predicates decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.inspection.learning import Opinion
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning import Proposals
from ant_ros.inspection.learning import UNKNOWN
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online import OnlineVerdict
from ant_ros.inspection.online.places import find_places
from ant_ros.inspection.online.second_thought import measure_regions
from ant_ros.inspection.online.second_thought import Stopping
from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import judge
from ant_ros.inspection.rules import LabelledPart
from ant_ros.inspection.rules import learn_rules
from ant_ros.inspection.rules import Measured
from ant_ros.inspection.rules import RuleBook
from ant_ros.network.sampled.estimators import SampledClassifier

__all__ = ['Perception', 'Seen', 'Symbols', 'Tree', 'predicates']

_UNITS = 64
_NUMBERS = ('length_mm', 'breadth_mm', 'area_mm2', 'length_share', 'area_share', 'elongation',
            'colour_shift', 'brightness_shift', 'peak')
_LOGARITHMIC = ('length_mm', 'breadth_mm', 'area_mm2', 'length_share', 'area_share', 'elongation',
                'peak')


class Seen:
    """The unusual regions of a part, measured, with the features of its places."""

    def __init__(self, regions: Sequence[Measured], features: PartFeatures | None) -> None:
        self.regions = tuple(regions)
        self.features = features


class Perception:
    """Look at parts of one product.

    Args:
        inspector: Taught on good parts of the product.
        mm_per_px: Millimetres per pixel of the image.
    """

    def __init__(self, inspector: OnlineInspector, mm_per_px: float) -> None:
        self.inspector = inspector
        self._scale = mm_per_px

    def look(self, part: LinePart) -> Seen:
        """Inspect a part and measure its regions; none where it passes."""
        return self.measure(self.inspector.judge(part.image, part.part))

    def measure(self, verdict: OnlineVerdict) -> Seen:
        """Measure the regions of a part that was inspected; none where it passed."""
        evidence = verdict.evidence
        if evidence is None or not evidence.flagged:
            return Seen((), None)
        unnamed = Opinion(UNKNOWN, 0.0, accepted=False, alarmed=False)
        regions = measure_regions(
            evidence, [Stopping(place, unnamed) for place in find_places(evidence)],
            {}, self._scale)
        return Seen(regions, self.inspector.describe(verdict))


def predicates(regions: Sequence[Measured]) -> np.ndarray:
    """Return the predicates of a part's largest region, and the number of regions."""
    largest = max(regions, key=lambda region: region.area_px)
    values = [largest.value(name) or 0.0 for name in _NUMBERS]
    values = [float(np.log(max(value, 1e-6))) if name in _LOGARITHMIC else value
              for name, value in zip(_NUMBERS, values)]
    return np.array([*values, np.log(len(regions))])


class Symbols:
    """Learn what is done with parts from a few labels.

    Args:
        perception: Looks at the product that is labelled.
    """

    def __init__(self, perception: Perception) -> None:
        self._groups = Proposals(perception.inspector.learner.space)
        self.book = RuleBook()
        self._network: SampledClassifier | None = None
        self._centre = self._spread = np.zeros(0)

    def learn(self, seen: Sequence[Seen], words: Sequence[Disposition]) -> None:
        """Learn from labelled parts; those that pass teach nothing."""
        for number, one in enumerate(seen):
            if one.features is not None:
                self._groups.learn(f'{number}', one.features.vectors[0])
        labelled = [LabelledPart(f'{number}', self._named(one, self._groups), word)
                    for number, (one, word) in enumerate(zip(seen, words))]
        self.book = learn_rules(labelled).book
        stopped = [(predicates(one.regions), word.value)
                   for one, word in zip(seen, words) if one.regions]
        rows = np.stack([row for row, _ in stopped])
        self._centre, self._spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
        self._network = SampledClassifier(_UNITS, random_state=0).fit(
            (rows - self._centre) / self._spread, [word for _, word in stopped])

    def groups_for(self, perception: Perception) -> Proposals:
        """Return the kinds as they look on another product."""
        return Proposals.from_state(perception.inspector.learner.space, self._groups.state())

    def decide(self, seen: Seen, groups: Proposals) -> Disposition:
        """Say what is done with a part."""
        if not seen.regions:
            return Disposition.ACCEPT
        told = judge(self.book, self._named(seen, groups))
        if told.rule is not None and told.disposition is not Disposition.REVIEW:
            return told.disposition
        assert self._network is not None
        row = (predicates(seen.regions) - self._centre) / self._spread
        return Disposition(str(self._network.predict(row[None])[0]))

    def _named(self, seen: Seen, groups: Proposals) -> tuple[Measured, ...]:
        """Return the regions with the kind of each, where it has one."""
        named = list(seen.regions)
        if seen.features is not None:
            for index, vector in enumerate(seen.features.vectors):
                group = groups.propose(vector)
                if group is not None:
                    named[index] = replace(
                        named[index], label=group.name, confidence=group.confidence)
        return tuple(named)


class Tree:
    """A decision tree on the same predicates."""

    def __init__(self) -> None:
        self._tree = DecisionTreeClassifier(min_samples_leaf=2, random_state=0)

    def learn(self, seen: Sequence[Seen], words: Sequence[Disposition]) -> None:
        """Learn from labelled parts."""
        stopped = [(one, word) for one, word in zip(seen, words) if one.regions]
        self._tree.fit(np.stack([predicates(one.regions) for one, _ in stopped]),
                       [word.value for _, word in stopped])

    def decide(self, seen: Seen) -> Disposition:
        """Say what is done with a part."""
        if not seen.regions:
            return Disposition.ACCEPT
        return Disposition(str(self._tree.predict(predicates(seen.regions)[None])[0]))
