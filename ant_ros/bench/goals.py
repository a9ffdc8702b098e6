# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Goals beside figures: what was wanted, what was measured, and whether it was reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ['at_least', 'at_most', 'goal_lines']


def at_most(limit: float, measured: float | None) -> dict[str, Any]:
    """Return the goal that a figure is at most so much; None, not measured, misses it."""
    return {'measured': measured, 'wanted': f'at most {limit:g}',
            'reached': measured is not None and measured <= limit}


def at_least(limit: float, measured: float | None) -> dict[str, Any]:
    """Return the goal that a figure is at least so much; None, not measured, misses it."""
    return {'measured': measured, 'wanted': f'at least {limit:g}',
            'reached': measured is not None and measured >= limit}


def goal_lines(goals: dict[str, Any], name: str = '') -> Iterator[str]:
    """Yield a line for each goal, with its path: measured, wanted, and reached or missed."""
    for key, goal in goals.items():
        path = f'{name} {key}'.strip()
        if 'wanted' not in goal:
            yield from goal_lines(goal, path)
            continue
        measured = goal['measured']
        shown = 'nothing' if measured is None else f'{measured:.4g}'
        yield (f'goal {path}: {shown} (wanted: {goal["wanted"]}): '
               f'{"reached" if goal["reached"] else "MISSED"}')
