# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done with a part."""

from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.disposition import worst
from ant_ros.inspection.verdict import Decision


def test_the_severest_wins_and_nothing_is_accepted():
    assert worst([Disposition.REWORK, Disposition.SCRAP, Disposition.ACCEPT]) is Disposition.SCRAP
    assert worst([Disposition.REWORK, Disposition.REVIEW]) is Disposition.REVIEW
    assert worst([]) is Disposition.ACCEPT


def test_only_what_is_accepted_passes_the_gate():
    passed = [one for one in Disposition if one.decision is Decision.PASS]
    assert passed == [Disposition.ACCEPT]
    assert Disposition.REVIEW.decision is Decision.REVIEW
    assert Disposition.REWORK.decision is Disposition.SCRAP.decision is Decision.REJECT
