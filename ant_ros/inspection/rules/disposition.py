# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done with a part."""

from __future__ import annotations

from collections.abc import Iterable
import enum

from ant_ros.inspection.verdict import Decision

__all__ = ['Disposition', 'worst']


class Disposition(enum.Enum):
    """What is done with a part, the mildest first.

    Review stands above rework: a part with a place that nobody can tell is looked at before
    anybody works on it.
    """

    ACCEPT = 'accept'
    REWORK = 'rework'
    REVIEW = 'review'
    SCRAP = 'scrap'

    @property
    def decision(self) -> Decision:
        """What the gate needs to know of it."""
        if self is Disposition.ACCEPT:
            return Decision.PASS
        return Decision.REVIEW if self is Disposition.REVIEW else Decision.REJECT


_SEVERITY = {disposition: rank for rank, disposition in enumerate(Disposition)}


def worst(dispositions: Iterable[Disposition]) -> Disposition:
    """Return the severest; accept where there are none."""
    return max(dispositions, key=_SEVERITY.__getitem__, default=Disposition.ACCEPT)
