# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a person watches while the line runs, and the summary at its end."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

__all__ = ['LineDisplay', 'summary_table']

_REPORTS = 10


class LineDisplay:
    """Show the running score: a live table, or without a terminal a line now and then.

    Args:
        console: where to.
        title: name of the scenario.
        parts: number of parts to come.
        headless: no live table even on a terminal.
    """

    def __init__(self, console: Console, title: str, parts: int, headless: bool):
        self._console = console
        self._title = title
        self._parts = parts
        self._reported = 0
        self._live = None if headless or not console.is_terminal else Live(
            console=console, auto_refresh=False, transient=True)

    def __enter__(self) -> 'LineDisplay':
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def show(self, score: Mapping[str, Any], last_verdict: str) -> None:
        """Show the score as it is now."""
        if self._live:
            self._live.update(_live_table(score, self._parts, last_verdict), refresh=True)
            return
        done = _REPORTS * score.get('parts', 0) // self._parts
        if self._reported < done < _REPORTS:
            self._reported = done
            self._console.print(
                f'{score["parts"]} parts at their end; verdicts: '
                f'{score["pass"]} pass, {score["review"]} review, {score["reject"]} reject, '
                f'{score["uninspected"]} uninspected; {score["escapes"]} escapes',
                highlight=False, soft_wrap=True)


def _live_table(score: Mapping[str, Any], parts: int, last_verdict: str) -> Table:
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
