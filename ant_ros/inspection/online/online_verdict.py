# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A verdict after all that was learned on the line and what the rules say."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.learning import PartFeatures
from ant_ros.inspection.verdict import Verdict

__all__ = ['OnlineVerdict']


@dataclass(frozen=True)
class OnlineVerdict(Verdict):
    """The answer to one image of a part that can be labelled.

    Attributes:
        part: ID of the part.
        classes: Defect class of each region, or 'unknown'.
        pattern: What the worst region without a class looks like: the number of a pattern that
            nobody has named yet, or the name that its like was given; empty if nothing known.
        unnamed: Its place among `features`; None where every region has a class.
        disposition: What the rules say shall become of the part; empty without rules.
        rule: Name of the rule that decided; empty if none did.
        rule_sentence: The rule's explanation.
        evidence: What it was based on; None where no part was found.
        features: What the learner gets to see, where that was needed for the verdict.
    """

    part: str = ''
    classes: tuple[str, ...] = ()
    pattern: str = ''
    unnamed: int | None = None
    disposition: str = ''
    rule: str = ''
    rule_sentence: str = ''
    evidence: Evidence | None = field(default=None, repr=False, compare=False)
    features: PartFeatures | None = field(default=None, repr=False, compare=False)
