# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledger's commands print."""

from collections.abc import Iterable
from datetime import datetime
from datetime import timezone
import math
from pathlib import Path
import re
import sys
import time

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ant_ros.inspection.ledger import export_csv
from ant_ros.inspection.ledger import LabelEntry
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import time_text
from ant_ros.inspection.ledger import VerdictEntry
from ant_ros.inspection.ledger import VerdictFilter
from ant_ros.inspection.recipe_history import compare_versions
from ant_ros.inspection.recipe_history import versions_of
from ant_ros.inspection.verdict import Decision

__all__ = ['export_verdicts', 'make_filter', 'print_changes', 'print_differences',
           'print_labels', 'print_part', 'print_verdicts', 'print_versions', 'since_ns']

_SPAN = re.compile(r'(\d+(?:\.\d+)?)([smhd])')
_SECONDS = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
_COLOURS = {Decision.PASS: 'green', Decision.REVIEW: 'yellow', Decision.REJECT: 'red',
            Decision.UNINSPECTED: 'magenta'}
_WIDE = 200
"""Columns where there is no terminal to ask."""


def make_filter(decision: str | None, since: str, recipe: str, label: str,
                last: int | None) -> VerdictFilter:
    """Return what the options of a command ask for.

    Raises:
        ValueError: `since` cannot be read.
    """
    return VerdictFilter(
        Decision(decision) if decision else None, since_ns(since, time.time_ns()) if since else
        None, recipe, label, '', last)


def since_ns(text: str, now_ns: int) -> int:
    """Return a time of day in nanoseconds since 1970.

    Args:
        text: A span before now, as in 90s, 30m, 8h, 3d, or an ISO 8601 time; UTC without a zone.
        now_ns: The time now.

    Raises:
        ValueError: it is neither.
    """
    if match := _SPAN.fullmatch(text):
        return now_ns - int(float(match[1]) * _SECONDS[match[2]] * 1e9)
    try:
        moment = datetime.fromisoformat(text.replace('Z', '+00:00'))
    except ValueError:
        raise ValueError(f'--since {text!r} is no time: give a span as in 30m, 8h or 3d, or a '
                         'time as in 2026-05-01 or 2026-05-01T06:00') from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return int(moment.timestamp() * 1e9)


def print_verdicts(ledger: Path, wanted: VerdictFilter) -> None:
    """Print verdicts as a table, and what is missing from the ledger.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    console = _console()
    with LedgerReader(ledger) as reader:
        entries = list(reader.verdicts(wanted))
        console.print(_verdict_table(entries))
        console.print(f'{len(entries)} verdicts')
        for wall_ns, count, first, last, reason in reader.gaps():
            console.print(Text(f'not recorded: {count} verdicts, parts {first} to {last}, noted '
                               f'{time_text(wall_ns)}: {reason}', 'yellow'))


def print_part(ledger: Path, part: str) -> None:
    """Print all that is known of a part.

    Raises:
        LedgerError: the ledger cannot be read, or knows nothing of it.
    """
    console = _console()
    with LedgerReader(ledger) as reader:
        entries = list(reader.verdicts(VerdictFilter(part=part)))
        labels = list(reader.labels(part=part))
        if not entries and not labels:
            raise LedgerError(f'the ledger {ledger} knows nothing of part {part!r}: check the ID')
        console.print(_verdict_table(entries))
        for label in labels:
            console.print(Text(f'label {label.number}: {label.label} by {label.by}'))
            for wall_ns, state, reason, version in reader.label_history(label.number):
                made = '' if version is None else f' in version {version}'
                console.print(Text(f'  {time_text(wall_ns)} {state.value}{made} {reason}'))
        for image in reader.images(part):
            gone = '' if image.removed_ns is None else f', removed: {image.removed_why}'
            console.print(Text(f'image {image.file}, {image.size} bytes{gone}'))


def print_labels(ledger: Path, recipe: str, state: str | None) -> None:
    """Print labels as a table.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    with LedgerReader(ledger) as reader:
        found = list(reader.labels(recipe=recipe, state=LabelState(state) if state else None))
    console = _console()
    console.print(_table(('label', 'time (UTC)', 'part', 'says', 'by', 'recipe', 'state',
                          'version', 'reason'), map(_label_row, found)))
    console.print(f'{len(found)} labels')


def print_changes(ledger: Path, recipe: str) -> None:
    """Print the changes of the models, those refused last.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    with LedgerReader(ledger) as reader:
        found = list(reader.changes(recipe))
    console = _console()
    console.print(_table(
        ('time (UTC)', 'recipe', 'version', 'who', 'done', 'what', 'why'),
        ((time_text(change.wall_ns), change.recipe, str(change.model_version or ''), change.who,
          Text('refused', 'red') if change.refused else 'yes', change.what, change.why)
         for change in found)))
    console.print(f'{len(found)} changes')


def export_verdicts(ledger: Path, file: Path, wanted: VerdictFilter) -> None:
    """Write verdicts as CSV to a file, or print them if it is called `-`.

    Raises:
        LedgerError: the ledger cannot be read.
        OSError: the file cannot be written.
    """
    with LedgerReader(ledger) as reader:
        if str(file) == '-':
            export_csv(reader, sys.stdout, wanted)
            return
        with open(file, 'w', newline='', encoding='utf-8') as target:
            count = export_csv(reader, target, wanted)
    _console().print(Text(f'{count} verdicts written to {file}'))


def print_versions(place: Path) -> None:
    """Print the versions that a recipe's history keeps, or all that a ledger knows of.

    Raises:
        LedgerError: the ledger cannot be read.
        RecipeError: the history is damaged.
    """
    if place.is_file():
        with LedgerReader(place) as reader:
            rows = [(entry.recipe, entry.version, entry.wall_ns, entry.who, entry.restored_from,
                     entry.why) for entry in reader.versions()]
    else:
        rows = [(place.name, version.number, version.wall_ns, version.who, version.restored_from,
                 version.why) for version in versions_of(place)]
        if not rows:
            raise LedgerError(f'{place} is no ledger, and no recipe with a history: give either')
    _console().print(_table(
        ('recipe', 'version', 'time (UTC)', 'who', 'brings back', 'why'),
        ((recipe, str(number), time_text(wall_ns), who, str(origin or ''), why)
         for recipe, number, wall_ns, who, origin, why in rows)))


def print_differences(recipe: Path, before: int, after: int) -> None:
    """Print what differs between two versions.

    Raises:
        RecipeError: one is not kept, or is damaged.
    """
    differences = compare_versions(recipe, before, after)
    console = _console()
    if not differences:
        console.print(f'versions {before} and {after} do not differ')
        return
    console.print(_table(
        ('what', f'version {before}', f'version {after}', 'by how much'),
        ((entry.name, entry.before, entry.after, entry.amount) for entry in differences)))


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDE)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str | Text]]) -> Table:
    """Lay out rows; a text is taken as it is, whatever brackets it holds."""
    table = Table(*heads)
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table


def _verdict_table(entries: Iterable[VerdictEntry]) -> Table:
    return _table(('number', 'time (UTC)', 'part', 'decision', 'score', 'recipe', 'rule',
                   'reason'), map(_verdict_row, entries))


def _verdict_row(entry: VerdictEntry) -> tuple[str | Text, ...]:
    record = entry.record
    score = math.nan if record.score is None else record.score
    recipe = f'{record.recipe} v{record.recipe_version}' if record.recipe else ''
    rule = ': '.join(filter(None, (record.rule, record.disposition)))
    return (str(entry.number), time_text(record.wall_ns), record.part,
            Text(record.decision.value, _COLOURS[record.decision]),
            '' if math.isnan(score) else f'{score:.3f}', recipe, rule, record.reason)


def _label_row(label: LabelEntry) -> tuple[str, ...]:
    version = '' if label.model_version is None else str(label.model_version)
    return (str(label.number), time_text(label.wall_ns), label.part, label.label, label.by,
            label.recipe, label.state.value, version, label.reason)
