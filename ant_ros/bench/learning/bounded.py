# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Memory and disk over very many parts with labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
import tempfile
from typing import Any

from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import hand_in
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.bench.long_run import LONG_RUN
from ant_ros.bench.long_run import long_run
from ant_ros.bench.long_run import resident_mb
from ant_ros.bench.long_run import SMALL_FRAME
from ant_ros.inspection.learning import Limits
from ant_ros.inspection.ledger import Archive
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import OnlineInspector

__all__ = ['Size', 'measure', 'take']

_QUICK_PARTS = 1_000
_LABEL_EVERY = 100
_MOST_SECONDS = 1500.0
_ARCHIVE_BYTES = 5_000_000
_KEPT_VERDICTS = 10_000
_SETTLED = 0.5
_MOST_GROWTH_MB = 5.0
_VERDICT_BYTES = 1000
"""Of an entry with its regions and index, at most."""

_LABEL_BYTES = 1500
"""Of a label's entries, with those of its version: the ledger never removes them."""

_VERSIONS = 50

_LIMITS = Limits(vectors=400)
"""Few enough that the labels reach them early in the run."""


@dataclass(frozen=True)
class Size:
    """What was used after so many parts, in MB."""

    parts: int
    resident: float
    ledger: float
    archive: float
    recipe: float


def measure(quick: bool) -> dict[str, Any]:
    """Inspect small frames, label one part in 100, and return how memory and disk grew.

    A few good and bad frames come again and again, each time as another part. `growth_mb` is over
    the second half of the run, by which the ledger removes as many verdicts as come and all
    other limits are reached. `parts` are fewer than 100,000 where the machine is too slow for
    25 minutes; the goal says so.
    """
    camera = USUAL.camera.model_copy(update=SMALL_FRAME)
    small = USUAL.model_copy(update={'name': 'small', 'camera': camera})
    frames = [*good_parts(small, SEED + 60, 57), *defects(small, SEED + 61, 3)]
    inspector = new_inspector(small, limits=_LIMITS)
    asked = _QUICK_PARTS if quick else LONG_RUN
    with tempfile.TemporaryDirectory() as folder:
        sizes, answers = take(inspector, frames, Path(folder), asked)
    first, last = next(size for size in sizes if size.parts >= _SETTLED * sizes[-1].parts), \
        sizes[-1]
    labels = last.parts // _LABEL_EVERY
    limits = inspector.learner.limits
    stated = {
        'ledger': (_KEPT_VERDICTS * _VERDICT_BYTES + labels * _LABEL_BYTES) / 1e6 + 8.0,
        'archive': _ARCHIVE_BYTES / 1e6,
        'recipe': (_VERSIONS + 2) * limits.learner_bytes(inspector.learner.space.width) / 1e6}
    grown = {name: getattr(last, name) - getattr(first, name)
             for name in ('resident', 'ledger', 'archive', 'recipe')}
    return {
        'parts': last.parts, 'labels': labels, 'answers': answers,
        'remembered_parts': len(inspector.learner.parts), 'most_remembered': limits.parts,
        'mb': [vars(size) for size in sizes[::max(1, len(sizes) // 10)]], 'growth_mb': grown,
        'stated_mb': stated,
        'goals': {
            'parts': at_least(LONG_RUN, last.parts),
            **{f'{name}_growth_mb': at_most(_MOST_GROWTH_MB, more)
               for name, more in grown.items()},
            **{f'{name}_mb': at_most(most, max(getattr(size, name) for size in sizes))
               for name, most in stated.items()}}}


def take(
    inspector: OnlineInspector, frames: Sequence[LinePart], folder: Path, asked: int,
) -> tuple[list[Size], dict[str, int]]:
    """Inspect as many parts, write all down, and label some.

    Args:
        inspector: What learns.
        frames: Come again and again.
        folder: For recipe, ledger and images.
        asked: How many parts.

    Returns:
        Sizes now and then, and how often each answer was given to a label.
    """
    answers: Counter[str] = Counter()
    with Ledger(folder / 'ledger', keep_verdicts=_KEPT_VERDICTS) as ledger, LabelDesk(
            inspector, folder / 'recipe', ledger) as desk:
        desk.save(by='bench')
        with Recorder(ledger, Archive(
                folder / 'images', ledger, max_bytes=_ARCHIVE_BYTES)) as recorder:
            def work(number: int) -> None:
                part = frames[number % len(frames)]
                verdict = inspector.inspect(part.image, f'part-{number}')
                recorder.record(to_record(verdict, part=verdict.part), part.image)
                if not number % _LABEL_EVERY:
                    # A walk through all frames, so that all kinds of parts are labelled.
                    late = number - (number // _LABEL_EVERY) % len(frames)
                    answer = hand_in(desk, f'part-{late}', frames[late % len(frames)].word)
                    answers[answer.state.value] += 1

            def look(number: int) -> Size:
                recorder.flush(60.0)
                return _size(number, folder)
            sizes = long_run(asked, work, look, most_seconds=_MOST_SECONDS)
    return sizes, dict(answers)


def _size(parts: int, folder: Path) -> Size:
    return Size(
        parts, resident_mb(),
        sum(_bytes(path) for path in folder.glob('ledger*')) / 1e6,
        _bytes(folder / 'images') / 1e6,
        (_bytes(folder / 'recipe') + _bytes(folder / 'recipe.history')) / 1e6)


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob('*') if one.is_file())
