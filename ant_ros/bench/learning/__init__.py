# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learning on the line: what labels change, how fast, how exactly, and what they cannot break."""

import importlib
from pathlib import Path
import time
from typing import Any

from rich.console import Console

from ant_ros.bench import BenchError
from ant_ros.bench.learning.goals import goal_lines
from ant_ros.bench.one_thread import one_thread
from ant_ros.bench.parts import figure_table

__all__ = ['PARTS', 'measure']

PARTS = ('exactness', 'false_rejects', 'new_class', 'wrong_labels', 'effect_ms', 'crash',
         'bounded', 'neuro_symbolic')


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Measure every part on one thread; one that lacks something says what, under `missing`.

    Each has `goals`: what was wanted, what was measured, and whether it was reached.
    """
    del data
    console = Console()
    figures: dict[str, Any] = {}
    for part in PARTS:
        started = time.perf_counter()
        console.print(f'[bold]{part}[/bold] …')
        module = importlib.import_module(f'{__name__}.{part}')
        try:
            with one_thread():
                found = module.measure(quick)
        except (BenchError, ImportError) as error:
            found = {'missing': str(error), 'goals': {}}
        figures[part] = found
        console.print(figure_table(part, {
            name: value for name, value in found.items() if name != 'goals'}))
        for line in goal_lines(found['goals']):
            console.print(line, highlight=False)
        console.print(f'{part}: {time.perf_counter() - started:.0f} s')
    return figures
