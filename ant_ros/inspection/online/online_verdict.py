# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A verdict after all that was learned on the line and what the rules say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.joint_verdict import join_verdicts
from ant_ros.inspection.joint_verdict import worst_first
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.learning.features import MOST_ROWS
from ant_ros.inspection.online.confirmed_run import PEAK
from ant_ros.inspection.online.confirmed_run import Run
from ant_ros.inspection.online.pictures import Picture
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.inspection.verdict import Verdict

__all__ = ['Accepted', 'OnlineVerdict', 'join_online']


@dataclass(frozen=True)
class Accepted:
    """A place that looked unusual and was taken as harmless.

    Attributes:
        region: The place; no defect, and not shown as one.
        name: Defect class that it is like, or 'unknown'.
        by: What excuses it: a label, as '4711 is good', or a rule, as "rule 'dust'".
    """

    region: Region
    name: str
    by: str


@dataclass(frozen=True)
class OnlineVerdict(Verdict):
    """The answer to one image of a part that can be labelled.

    Attributes:
        part: ID of the part.
        classes: Defect class of each region, or 'unknown'.
        accepted: What was taken as harmless; `score` is without what labels excuse.
        pattern: What the worst region without a class looks like: the number of a pattern that
            nobody has named yet, or the name that its like was given; empty if nothing known.
        unnamed: Its place among `features`; None where every region has a class.
        disposition: What the rules say shall become of the part; empty without rules.
        rule: Name of the rule that decided; empty if none did.
        rule_sentence: The rule's explanation.
        evidence: What it was based on; None where no part was found.
        features: What the learner gets to see, where that was needed for the verdict.
        run: The parts that the same recipe has judged, where this one belongs.
        image: What was inspected, where a part that was found can be learned; until the part is
            remembered it must not change.
        each: Whether every part in it was judged.
    """

    part: str = ''
    classes: tuple[str, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    pattern: str = ''
    unnamed: int | None = None
    disposition: str = ''
    rule: str = ''
    rule_sentence: str = ''
    evidence: Evidence | None = field(default=None, repr=False, compare=False)
    features: PartFeatures | None = field(default=None, repr=False, compare=False)
    image: np.ndarray | None = field(default=None, repr=False, compare=False)
    each: bool = field(default=False, repr=False, compare=False)
    run: Run | None = field(default=None, repr=False, compare=False)

    @property
    def first_score(self) -> float:
        """The score of the first look, before anything was taken as harmless."""
        return max([self.score, *(one.region.peak for one in self.accepted)])

    @property
    def picture(self) -> Picture | None:
        """What was inspected, as it is kept; None where it cannot be learned."""
        return None if self.image is None else Picture(self.image, self.each)

    @property
    def seen_score(self) -> float | None:
        """The largest score anywhere, whatever labels say of it; None where no part was found."""
        if self.evidence is not None:
            return float(self.evidence.score.max())
        if self.features is not None:  # all else was let go while many parts waited
            return float(np.exp(self.features.vectors[:, PEAK].max()))
        return None


def join_online(
    verdicts: Sequence[OnlineVerdict], boxes: Sequence[tuple[int, int, int, int] | None],
) -> OnlineVerdict:
    """Return one verdict on all parts in an image, see `join_verdicts`.

    A label on it is about the places of all parts that were stopped, in the order of the regions:
    `good` is about all of them, a defect class about the worst place of the worst part, and what
    is too faint to be a place is learned of the worst part.
    """
    joined, order = join_verdicts(verdicts, boxes), worst_first(verdicts)
    stopped = [one.features for one in order
               if one.decision is not Decision.PASS and one.features is not None]
    if order[0].evidence is not None and len(stopped) > 1:
        joined = replace(joined, features=PartFeatures(
            stopped[0].part, np.concatenate([one.vectors for one in stopped])[:MOST_ROWS],
            np.concatenate([one.flagged for one in stopped])[:MOST_ROWS], stopped[0].faint))
    return replace(joined, classes=tuple(name for one in order for name in one.classes),
                   accepted=tuple(place for one in order for place in one.accepted))
