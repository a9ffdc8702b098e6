# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Ask a ledger, also while it is being written, without changing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from dataclasses import fields
import json
from pathlib import Path
import sqlite3
from types import TracebackType
from typing import Any

from ant_ros.inspection.ledger.ledger_error import told
from ant_ros.inspection.ledger.records import LabelEntry
from ant_ros.inspection.ledger.records import LabelState
from ant_ros.inspection.ledger.records import VerdictEntry
from ant_ros.inspection.ledger.records import VerdictRecord
from ant_ros.inspection.ledger.schema import open_to_read
from ant_ros.inspection.verdict import Decision

__all__ = ['ArchivedImage', 'ChangeEntry', 'LedgerReader', 'VerdictFilter', 'VersionEntry']

_COLUMNS = tuple(field.name for field in fields(VerdictRecord))
_VERDICT = (f'SELECT verdicts.id, software, {", ".join("verdicts." + name for name in _COLUMNS)} '
            'FROM verdicts JOIN sessions ON sessions.id = session')
_LABEL = ('SELECT id, part, label, by, recipe, wall_ns, verdict, state, reason, model_version '
          'FROM labels_now')


@dataclass(frozen=True)
class VerdictFilter:
    """Which verdicts are asked for; None and empty leave all in.

    Attributes:
        decision: With this decision.
        since_ns: Given at this time of day or later, in nanoseconds since 1970.
        recipe: By this recipe.
        label: On parts that are labelled so now (applied or pending).
        part: On this part.
        last: The last so many.
    """

    decision: Decision | None = None
    since_ns: int | None = None
    recipe: str = ''
    label: str = ''
    part: str = ''
    last: int | None = None


@dataclass(frozen=True)
class VersionEntry:
    """A version of a recipe that the ledger holds.

    Attributes:
        recipe: Name of the recipe.
        version: Its number.
        who: Who made it.
        why: What for.
        restored_from: The version whose content it brings back; None for a new one.
        digest: Hash of its content.
        wall_ns: Time of day in nanoseconds since 1970.
    """

    recipe: str
    version: int
    who: str
    why: str
    restored_from: int | None
    digest: str
    wall_ns: int


@dataclass(frozen=True)
class ChangeEntry:
    """A change of a model, made or refused.

    Attributes:
        refused: It was not made.
        recipe: Name of the recipe.
        model_version: The version that it made; when refused, that which refused it, if known.
        who: Who wanted it.
        what: What changed, or should have.
        why: Why it was made, or refused.
        wall_ns: Time of day in nanoseconds since 1970.
    """

    refused: bool
    recipe: str
    model_version: int | None
    who: str
    what: str
    why: str
    wall_ns: int


@dataclass(frozen=True)
class ArchivedImage:
    """An image that was archived.

    Attributes:
        file: Its name in the archive.
        image_hash: Hash of the pixels, as in the verdict.
        file_hash: SHA-256 of the file.
        size: Bytes.
        removed_ns: When it was removed, None while it is there.
        removed_why: Why it was removed.
    """

    file: str
    image_hash: str
    file_hash: str
    size: int
    removed_ns: int | None
    removed_why: str


class LedgerReader:
    """Read a ledger in the order in which it was written, whatever the clock did.

    Args:
        path: The file.

    Raises:
        LedgerError: it is missing, foreign or unreadable. A damaged one is read as far as it goes:
            then the method that meets the damage raises.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._connection = open_to_read(self.path)

    def __enter__(self) -> LedgerReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def verdicts(self, wanted: VerdictFilter | None = None) -> Iterator[VerdictEntry]:
        """Yield the verdicts that are wanted, oldest first."""
        where, values = _conditions(wanted or VerdictFilter())
        query = f'{_VERDICT} WHERE {where}'
        if wanted and wanted.last is not None:
            query += ' ORDER BY verdicts.id DESC LIMIT ?'
            return reversed(list(map(_verdict, self._rows(query, (*values, wanted.last)))))
        return map(_verdict, self._rows(query + ' ORDER BY verdicts.id', values))

    def verdict(self, number: int) -> VerdictEntry | None:
        """Return a verdict by its number."""
        rows = self._rows(f'{_VERDICT} WHERE verdicts.id = ?', (number,))
        return next(map(_verdict, rows), None)

    def labels(self, *, part: str = '', recipe: str = '',
               state: LabelState | None = None) -> Iterator[LabelEntry]:
        """Yield the labels with what became of them, oldest first."""
        wanted = {'part': part, 'recipe': recipe, 'state': state.value if state else ''}
        given = {name: value for name, value in wanted.items() if value}
        where = ' AND '.join(f'{name} = ?' for name in given) or '1'
        return map(_label, self._rows(
            f'{_LABEL} WHERE {where} ORDER BY id', tuple(given.values())))

    def label_history(self, number: int) -> list[tuple[int, LabelState, str, int | None]]:
        """Return time, state, reason and model version of all that became of a label."""
        return [(wall_ns, LabelState(state), reason, version)
                for wall_ns, state, reason, version in self._rows(
                    'SELECT wall_ns, state, reason, model_version FROM label_states '
                    'WHERE label = ? ORDER BY id', (number,))]

    def learned_by(self, recipe: str, version: int) -> list[LabelEntry]:
        """Return the labels that a version of a recipe had learned, oldest first.

        Versions that were rolled back do not count: a version that restores another one knows
        what that one knew. A label taken back in a version does not count from there on.
        """
        line = self.lineage(recipe, version)
        states: dict[int, LabelState] = {}
        for number, state, made in self._rows(
                'SELECT label, state, model_version FROM label_states '
                'WHERE model_version <= ? AND label IN (SELECT id FROM labels WHERE recipe = ?) '
                'ORDER BY id', (version, recipe)):
            if made in line:
                states[number] = LabelState(state)
        known = [number for number, state in states.items() if state is LabelState.APPLIED]
        return [label for number in sorted(known)
                for label in map(_label, self._rows(f'{_LABEL} WHERE id = ?', (number,)))]

    def label_changes(self, recipe: str) -> set[tuple[int, str]]:
        """Return version and reason of all that labels have changed in a recipe."""
        return set(self._rows(
            "SELECT DISTINCT model_version, part || ' is ' || labels.label FROM label_states "
            'JOIN labels ON labels.id = label_states.label '
            'WHERE recipe = ? AND model_version IS NOT NULL', (recipe,)))

    def lineage(self, recipe: str, version: int) -> set[int]:
        """Return the versions that a version is made of, itself among them."""
        origins = dict(self._rows(
            'SELECT version, restored_from FROM recipe_versions WHERE recipe = ? ORDER BY id',
            (recipe,)))
        line: set[int] = set()
        while version > 0 and version not in line:
            line.add(version)
            origin = origins.get(version)
            version = version - 1 if origin is None else origin
        return line

    def versions(self, recipe: str = '') -> Iterator[VersionEntry]:
        """Yield the versions of a recipe, or of all, oldest first."""
        return (VersionEntry(*row) for row in self._rows(
            'SELECT recipe, version, who, why, restored_from, hash, wall_ns FROM recipe_versions '
            "WHERE recipe = ? OR ? = '' ORDER BY id", (recipe, recipe)))

    def changes(self, recipe: str = '') -> Iterator[ChangeEntry]:
        """Yield the updates of a recipe, or of all, and after them what was refused."""
        for table, reason in (('updates', 'why'), ('refusals', 'reason')):
            for row in self._rows(
                    f'SELECT recipe, model_version, who, what, {reason}, wall_ns FROM {table} '
                    "WHERE recipe = ? OR ? = '' ORDER BY id", (recipe, recipe)):
                yield ChangeEntry(table == 'refusals', *row)

    def images(self, part: str) -> Iterator[ArchivedImage]:
        """Yield the images of a part that were archived, removed ones too, oldest first."""
        return (ArchivedImage(*row) for row in self._rows(
            'SELECT images.file, image_hash, file_hash, bytes, image_removals.wall_ns, '
            "coalesce(reason, '') "
            'FROM images LEFT JOIN image_removals ON image_removals.file = images.file '
            'WHERE part = ? ORDER BY images.id', (part,)))

    def files(self) -> dict[str, int]:
        """Return the bytes of every image that should be in the archive, oldest first."""
        return dict(self._rows(
            'SELECT file, bytes FROM images WHERE file NOT IN '
            '(SELECT file FROM image_removals) ORDER BY id', ()))

    def newest_file(self) -> str:
        """Return the name of the image that was archived last, empty if none was."""
        return next(self._rows("SELECT coalesce(max(file), '') FROM images", ()))[0]

    def gaps(self) -> Iterator[tuple[int, int, str, str, str]]:
        """Yield time, number, first and last part, and reason of verdicts that were lost."""
        return self._rows(
            'SELECT wall_ns, verdicts, first_part, last_part, reason FROM gaps ORDER BY id', ())

    def removed_verdicts(self) -> int:
        """Return the number of the last verdict that was removed to keep the limit, or 0."""
        return next(self._rows('SELECT coalesce(max(last), 0) FROM verdict_removals', ()))[0]

    def _rows(self, query: str, values: tuple[Any, ...]) -> Iterator[Any]:
        with told(self.path), closing(self._connection.cursor()) as cursor:
            yield from cursor.execute(query, values)


def _conditions(wanted: VerdictFilter) -> tuple[str, tuple[Any, ...]]:
    """Return the condition and its values."""
    given: list[tuple[str, Any]] = []
    if wanted.decision is not None:
        given.append(('decision = ?', wanted.decision.value))
    if wanted.since_ns is not None:
        given.append(('verdicts.wall_ns >= ?', wanted.since_ns))
    if wanted.recipe:
        given.append(('recipe = ?', wanted.recipe))
    if wanted.part:
        given.append(('part = ?', wanted.part))
    if wanted.label:
        given.append(("verdicts.id IN (SELECT verdict FROM labels_now WHERE label = ? "
                      "AND state IN ('applied', 'pending'))", wanted.label))
    return (' AND '.join(condition for condition, _ in given) or '1',
            tuple(value for _, value in given))


def _verdict(row: sqlite3.Row) -> VerdictEntry:
    values = dict(zip(_COLUMNS, row[2:]))
    values['decision'] = Decision(values['decision'])
    values['regions'] = tuple(json.loads(values['regions']))
    return VerdictEntry(row[0], row[1], VerdictRecord(**values))


def _label(row: sqlite3.Row) -> LabelEntry:
    values = list(row)
    values[7] = LabelState(values[7])
    return LabelEntry(*values)
