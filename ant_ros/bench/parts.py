# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A benchmark of several parts: each figure is made by the module of its name."""

from collections.abc import Iterator
from collections.abc import Sequence
import importlib
import os
from pathlib import Path
import time
from typing import Any
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from ant_ros.bench import BenchError
from ant_ros.bench.goals import goal_lines
from ant_ros.inspection import TeachError

__all__ = ['PICTURES', 'Measured', 'figure_table', 'measure_part', 'measure_parts', 'show_part']

PICTURES = Path('out') / 'bench'
"""Where the plots of the parts that have one go."""

_SHOWN_VALUES = 6


class Measured(NamedTuple):
    """The figures of a part, and what they took."""

    figures: dict[str, Any]
    wall_s: float
    cpu_s: float


def measure_parts(
    package: str, parts: Sequence[str], quick: bool, given: Sequence[Any] = ()
) -> dict[str, Any]:
    """Measure every part, print its table and goals, draw its plot; return the figures by part.

    One that lacks something says what, under `missing`.

    Args:
        package: Where the modules of the parts are.
        parts: Their names; each has `measure(*given, quick)`, and maybe `draw(figures, file)`.
        quick: For a first look.
        given: What the parts are given besides.
    """
    console = Console()
    figures: dict[str, Any] = {}
    for part in parts:
        console.print(f'[bold]{part}[/bold] …')
        measured = measure_part(package, part, quick, given)
        figures[part] = measured.figures
        show_part(console, package, part, measured, quick)
    return figures


def measure_part(
    package: str, part: str, quick: bool, given: Sequence[Any] = ()
) -> Measured:
    """Measure one part; see `measure_parts`."""
    started, worked = time.perf_counter(), _cpu_s()
    module = importlib.import_module(f'{package}.{part}')
    try:
        found = module.measure(*given, quick=quick)
    except (BenchError, ImportError, TeachError) as error:
        found = {'missing': str(error)}
    return Measured(found, time.perf_counter() - started, _cpu_s() - worked)


def show_part(
    console: Console, package: str, part: str, measured: Measured, quick: bool,
) -> None:
    """Print a part's table and goals, and draw its plot."""
    found = measured.figures
    console.print(figure_table(part, found))
    for line in goal_lines(found.get('goals', {})):
        console.print(line, highlight=False)
    if quick and 'goals' in found:
        console.print('a first look: goals that ask for many parts are missed by it')
    module = importlib.import_module(f'{package}.{part}')
    if hasattr(module, 'draw') and 'missing' not in found:
        PICTURES.mkdir(parents=True, exist_ok=True)
        module.draw(found, PICTURES / f'{part}.png')
        console.print(f'plot: {PICTURES / part}.png')
    console.print(f'{part}: {measured.wall_s:.0f} s, {measured.cpu_s:.0f} s of CPU')


def figure_table(part: str, figures: dict[str, Any]) -> Table:
    """Lay out all figures of a part but its goals, each with its path."""
    table = Table(title=part)
    table.add_column('figure')
    table.add_column('value', justify='right')
    for name, value in _flat({name: value for name, value in figures.items() if name != 'goals'}):
        table.add_row(name, value)
    return table


def _flat(value: Any, name: str = '') -> Iterator[tuple[str, str]]:
    """Yield every figure with its path; of a long list its ends."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f'{name} {key}'.strip())
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f'{name} [{number}]')
    elif isinstance(value, (list, tuple)):
        shown = [_text(inner) for inner in value[:_SHOWN_VALUES]]
        yield name, ', '.join(shown) + (' …' if len(value) > _SHOWN_VALUES else '')
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    return f'{value:.4g}' if isinstance(value, float) else str(value)


def _cpu_s() -> float:
    """Return the CPU seconds of this process and of those it has waited for."""
    return sum(os.times()[:4])
