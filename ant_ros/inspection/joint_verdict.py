# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""One verdict on an image with several parts: the worst of them decides, or some were not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import PartBox
from ant_ros.inspection.verdict import Verdict
from ant_ros.network.work import total_work

__all__ = ['join_verdicts', 'mention_others', 'worst_first']

AnyVerdict = TypeVar('AnyVerdict', bound=Verdict)

_SEVERITY = {Decision.PASS: 0, Decision.REVIEW: 1, Decision.REJECT: 2}


def worst_first(verdicts: Sequence[AnyVerdict]) -> list[AnyVerdict]:
    """Return verdicts in the order of their decisions, then of their scores."""
    return sorted(verdicts, key=lambda one: (_SEVERITY[one.decision], one.score), reverse=True)


def join_verdicts(
    verdicts: Sequence[AnyVerdict], boxes: Sequence[tuple[int, int, int, int] | None],
) -> AnyVerdict:
    """Return one verdict on all parts in an image.

    Decision and score are those of the worst part; regions are those of all, the worst part's
    first; the reason says how many parts there are and which one decided.

    Args:
        verdicts: One on each part from left to right, all on the same image; at least one.
        boxes: Where the parts are in the image; None where no part stands out.
    """
    order = worst_first(verdicts)
    worst = order[0]
    parts = tuple(PartBox(box, one.decision) for box, one in zip(boxes, verdicts)
                  if box is not None)
    if len(verdicts) == 1:
        return replace(worst, parts=parts)

    def draw_map() -> np.ndarray:
        return np.maximum.reduce([one.anomaly_map for one in verdicts])

    number = 1 + next(i for i, one in enumerate(verdicts) if one is worst)
    return replace(
        worst, parts=parts, regions=tuple(region for one in order for region in one.regions),
        reason=_reason(worst, number, verdicts), work=total_work([one.work for one in verdicts]),
        stage=max(one.stage for one in verdicts), _draw_map=draw_map)


def mention_others(verdict: AnyVerdict) -> AnyVerdict:
    """Let the reason say, once, that there were further parts which were not looked at."""
    if not verdict.others:
        return verdict
    note = ('; another part in the image was not looked at' if verdict.others == 1 else
            f'; {verdict.others} other parts in the image were not looked at')
    return replace(verdict, reason=verdict.reason.removesuffix(note) + note)


def _reason(worst: Verdict, number: int, verdicts: Sequence[Verdict]) -> str:
    stopped = sum(one.decision is not Decision.PASS for one in verdicts)
    if not stopped:
        return f'{len(verdicts)} parts, all pass (the worst: {worst.reason})'
    are = 'is' if stopped == 1 else 'are'
    return (f'{stopped} of {len(verdicts)} parts {are} stopped; part {number} from the left: '
            f'{worst.reason}')
