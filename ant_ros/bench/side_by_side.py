# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Parts of a benchmark in processes of their own, so that two cores are used."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import as_completed
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import ThreadPoolExecutor
import multiprocessing
from typing import Any

from rich.console import Console

from ant_ros.bench.one_thread import one_thread
from ant_ros.bench.parts import measure_part
from ant_ros.bench.parts import Measured
from ant_ros.bench.parts import show_part

__all__ = ['measure_side_by_side']


def measure_side_by_side(
    package: str, parts: Sequence[str], quick: bool, *, alone: Sequence[str] = (),
    processes: int = 2, given: Sequence[Any] = (),
) -> dict[str, Any]:
    """Measure parts, each on one thread of a process of its own; return the figures by part.

    Each is shown when it is done; see `measure_parts`.

    Args:
        package: Where the modules of the parts are.
        parts: Their names, the longest first: they run in this order, some at a time.
        quick: For a first look.
        alone: Parts that are measured afterwards, one at a time, because they measure time.
        processes: How many run at a time.
        given: What the parts are given besides.

    Raises:
        ImportError: threadpoolctl is not installed.
    """
    console = Console()
    figures: dict[str, Any] = {}
    for names, workers in ((parts, processes), (alone, 1)):
        with ThreadPoolExecutor(workers) as threads:
            asked = {threads.submit(_apart, console, package, part, quick, given): part
                     for part in names}
            try:
                for done in as_completed(asked):
                    measured = done.result()
                    figures[asked[done]] = measured.figures
                    show_part(console, package, asked[done], measured, quick)
            except BaseException:
                threads.shutdown(cancel_futures=True)
                raise
    return {part: figures[part] for part in (*parts, *alone)}


def _apart(
    console: Console, package: str, part: str, quick: bool, given: Sequence[Any]
) -> Measured:
    console.print(f'[bold]{part}[/bold] …')
    with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as process:
        return process.submit(_measure, package, part, quick, given).result()


def _measure(package: str, part: str, quick: bool, given: Sequence[Any]) -> Measured:
    with one_thread():
        return measure_part(package, part, quick, given)
