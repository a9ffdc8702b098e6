# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evaluate the inspector on a folder of labelled images."""

from collections.abc import Iterable
from collections.abc import Sequence
import json
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import Evaluation
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation import read_image_set
from ant_ros.bench.evaluation import write_page
from ant_ros.bench.output_file import check_output

__all__ = ['evaluate_folder']

T = TypeVar('T')


def evaluate_folder(
    folder: Path, *, splits: int, shots: int | None, seed: int, backbone: str,
    json_file: Path | None, html_file: Path | None,
) -> None:
    """Teach and inspect a folder in the MVTec AD layout; print and write the figures.

    Raises:
        ImageSetError: the folder has another layout or lacks images.
        TeachError: the images do not suffice to teach from.
        ImportError: a package that this needs is not installed.
        OSError: a file cannot be written; told before anything is inspected.
    """
    check_output(json_file, html_file)
    console = Console()
    images = read_image_set(folder)
    console.print(f'{images.name}: {len(images.teach)} images to teach from, {len(images.good)} '
                  f'good and {len(images.bad)} bad ones to test with')

    def follow(items: Sequence[T], what: str) -> Iterable[T]:
        return track(items, what, console=console, transient=True)

    teacher = inspector_teacher(images.name, backbone=backbone)
    found = evaluate(images, teacher, splits=splits, shots=shots, seed=seed, track=follow)
    console.print(_table(found))
    for what, said in found.inspector.items():
        console.print(f'{what.replace("_", " ")}: {said}', highlight=False)
    for image, fault in found.faults.items():
        said = escape(f'{image}: {fault}')
        console.print(f'[yellow]left out:[/] {said}', highlight=False)
    if found.faults:
        total = len(images.teach) + len(images.good) + len(images.bad)
        console.print(f'[yellow]{len(found.faults)} of {total} images could not be used[/]',
                      highlight=False)
    if json_file:
        asked = {'backbone': backbone, 'shots': shots, 'seed': seed}
        json_file.write_text(json.dumps(asked | found.to_json(), indent=2) + '\n')
    if html_file:
        write_page(found, html_file)
        console.print(f'pictures: {html_file}')


def _table(found: Evaluation) -> Table:
    table = Table(title=found.protocol)
    table.add_column('figure')
    table.add_column('value', justify='right')
    table.add_column('95 % interval, or why there is none', overflow='fold')
    for name, value in found.figures.items():
        low_high = found.intervals.get(name)
        note = found.unresolved.get(name, '') if low_high is None else \
            f'{low_high[0]:.4g} to {low_high[1]:.4g}'
        table.add_row(name, '-' if value is None else f'{value:.4g}', note)
    for kind, counts in found.decisions.items():
        table.add_row(f'decisions on {kind} parts', '', ', '.join(
            f'{count} {decision}' for decision, count in counts.items()))
    return table
