# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a person watches while the line runs, and the summary at its end."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

__all__ = ['live_table', 'summary_table']


def live_table(score: Mapping[str, Any], parts: int, last_verdict: str) -> Table:
    """Lay out the running score, a few figures only."""
    table = Table(title=f'inspection line: part {score.get("parts", 0)} of {parts}',
                  caption=last_verdict, min_width=72)
    for column in ('pass', 'review', 'reject', 'uninspected', 'escapes', 'false rejects',
                   'p50 ms'):
        table.add_column(column, justify='right')
    latency = score.get('latency_ms_p50')
    table.add_row(*(str(score.get(key, 0)) for key in (
        'pass', 'review', 'reject', 'uninspected', 'escapes', 'false_rejects')),
        '-' if latency is None else f'{latency:.1f}')
    return table


def summary_table(figures: Mapping[str, Any]) -> Table:
    """Lay out all figures of a finished run."""
    table = Table(title='the run in figures')
    table.add_column('figure')
    table.add_column('value', justify='right')
    for key, value in figures.items():
        table.add_row(key, _text(value))
    return table


def _text(value: Any) -> str:
    if value is None:
        return '-'
    if isinstance(value, float):
        return f'{value:.4g}'
    if isinstance(value, Mapping):
        return ', '.join(f'{key} {_text(entry)}' for key, entry in value.items()) or 'none'
    return str(value)
