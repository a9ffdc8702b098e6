# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Benchmarks behind `python -m ant_ros bench NAME`: each prints a table and writes JSON."""

from collections.abc import Mapping
import importlib
import json
import os
from pathlib import Path
import platform
from typing import Any

from ant_ros.bench.output_file import check_output

__all__ = ['BENCHES', 'BenchError', 'run_bench']

BENCHES: Mapping[str, str] = {
    'latency': 'published frame to verdict received, between two processes',
    'network': 'the asynchronous network: exactness, schedules, speed, training, growth',
    'training': 'sampled weights, streaming sums and temporal neurons against the usual ways',
    'inspection': 'the inspector: real parts, work saved, others in the same run, the line; '
                  'photographs with --data',
    'learning': 'labels on the line: what they change, how exactly, how fast, and what they '
                'cannot break',
    'photographs': 'a folder of photographs played to the inspector over topics; needs --data',
}


class BenchError(ValueError):
    """A benchmark that cannot run as asked."""


def run_bench(name: str, *, json_file: Path | None = None, data: Path | None = None,
              quick: bool = False) -> dict[str, Any]:
    """Run a benchmark, or all that can run, and return its figures.

    Args:
        name: one of BENCHES, or `all` (what needs other data is named and left).
        json_file: where to write the figures: those of one benchmark at the top level, those of
            `all` each below its name.
        data: a folder of photographs in the MVTec AD layout; for `inspection` a folder of such
            folders, too.
        quick: a tenth of the work.

    Raises:
        BenchError: there is no such benchmark, it lacks what it needs, or the figures could not
            be written.
    """
    if name != 'all' and name not in BENCHES:
        raise BenchError(f'no benchmark {name!r}: choose all, {", ".join(BENCHES)}')
    try:
        check_output(json_file)
    except OSError as error:
        raise BenchError(str(error)) from error
    names = list(BENCHES) if name == 'all' else [name]
    if name == 'all' and (data is None or not (data / 'train').is_dir()):
        names.remove('photographs')
        print('photographs is left out: it needs --data DIR with train/good and test/…')
    figures: dict[str, Any] = {'machine': _machine()}
    for one in names:
        module = importlib.import_module(f'ant_ros.bench.{one}')
        measured = module.measure(data=data, quick=quick)
        figures |= {one: measured} if name == 'all' else measured
    if json_file:
        json_file.write_text(json.dumps(figures, indent=2) + '\n')
    return figures


def _machine() -> dict[str, Any]:
    return {'python': platform.python_version(), 'cores': os.cpu_count(),
            'architecture': platform.machine()}
