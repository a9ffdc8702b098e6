# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is said about a part on the line, as the ledger keeps it."""

import math

from ant_ros.inspection.ledger import region_values
from ant_ros.inspection.ledger import VerdictRecord
from ant_ros.inspection.verdict import Verdict
from ant_ros.nodes.part_verdict import PartVerdict

__all__ = ['to_verdict_record']


def to_verdict_record(report: PartVerdict, verdict: Verdict | None) -> VerdictRecord:
    """Return the entry of a part.

    Args:
        report: What was published.
        verdict: What the inspector said; None if it was uninspected.
    """
    return VerdictRecord(
        part=report.part_id, decision=report.decision, reason=report.reason,
        inspector=report.inspector, cause=report.cause, score=_known(report.score),
        review_threshold=_known(report.review_threshold),
        reject_threshold=_known(report.reject_threshold), stage=report.stage, units=report.units,
        units_total=report.units_total, macs=report.macs, macs_dense=report.macs_dense,
        compute_ms=_known(report.compute_ms), latency_ms=_known(report.latency_ms),
        regions=() if verdict is None else region_values(verdict), recipe=report.recipe,
        recipe_version=report.recipe_version,
        disposition=getattr(verdict, 'disposition', ''), rule=getattr(verdict, 'rule', ''),
        rule_sentence=getattr(verdict, 'rule_sentence', ''))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
