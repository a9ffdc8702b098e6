# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Why a part was passed or not, told from the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from datetime import timezone
from typing import Any

from ant_ros.inspection.ledger.ledger_error import LedgerError
from ant_ros.inspection.ledger.ledger_reader import LedgerReader
from ant_ros.inspection.ledger.ledger_reader import VerdictFilter
from ant_ros.inspection.ledger.ledger_reader import VersionEntry
from ant_ros.inspection.ledger.records import LabelEntry
from ant_ros.inspection.ledger.records import VerdictEntry
from ant_ros.inspection.ledger.records import VerdictRecord
from ant_ros.inspection.verdict import Decision

__all__ = ['explain', 'time_text']

_WORDS = {Decision.PASS: 'passed', Decision.REVIEW: 'sent to review',
          Decision.REJECT: 'rejected', Decision.UNINSPECTED: 'not inspected'}
_REGIONS = 5
_LATEST = 3
_KINDS = 10
_BY = 'accepted'


def explain(reader: LedgerReader, part: str) -> str:
    """Tell of the last verdict on a part: scores, regions, rule, version, what it had learned.

    Raises:
        LedgerError: the ledger holds no verdict on it, or cannot be read.
    """
    entries = list(reader.verdicts(VerdictFilter(part=part, last=2)))
    if not entries:
        raise LedgerError(f'the ledger {reader.path} holds no verdict on part {part!r}: '
                          + _why_missing(reader))
    entry = entries[-1]
    lines = [_headline(entry)]
    if len(entries) > 1:
        lines.append('  the last of several verdicts on a part of this ID')
    learned = reader.learned_by(entry.record.recipe, entry.record.recipe_version)
    lines += [*_findings(entry.record, learned), *_recipe(reader, entry.record, learned),
              *_image(reader, entry.record), *_labels(reader, part)]
    return '\n'.join(lines)


def time_text(wall_ns: int) -> str:
    """Write a time of day: UTC, to the second."""
    moment = datetime.fromtimestamp(wall_ns // 10 ** 9, timezone.utc)
    return moment.strftime('%Y-%m-%d %H:%M:%SZ')


def _why_missing(reader: LedgerReader) -> str:
    gaps = sum(count for _, count, *_ in reader.gaps())
    removed = reader.removed_verdicts()
    known = [f'{gaps} verdicts could not be recorded'] if gaps else []
    if removed:
        known.append(f'those up to number {removed} were removed to keep the limit')
    return '; '.join(known) or 'check the ID'


def _headline(entry: VerdictEntry) -> str:
    record = entry.record
    by = f' by {record.inspector}' if record.inspector else ''
    return (f'part {record.part} was {_WORDS[record.decision]} on {time_text(record.wall_ns)}{by} '
            f'(verdict {entry.number}, ant_ros {entry.software})')


def _findings(record: VerdictRecord, learned: Sequence[LabelEntry]) -> list[str]:
    lines = [f'  reason: {record.reason}']
    if record.cause:
        lines.append(f'  cause: {record.cause}')
    if record.score is not None:
        lines.append(f'  score: {record.score:.3f}{_first_score(record)}{_thresholds(record)}')
    found = [region for region in record.regions if _BY not in region]
    lines += [f'  region {number}: {_region(region)}'
              for number, region in enumerate(found[:_REGIONS], 1)]
    if len(found) > _REGIONS:
        lines.append(f'  and {len(found) - _REGIONS} regions more')
    harmless = [region for region in record.regions if _BY in region]
    lines += [f'  taken as harmless by {_by(region, learned)}: {_region(region)}'
              for region in harmless[:_REGIONS]]
    if len(harmless) > _REGIONS:
        lines.append(f'  and {len(harmless) - _REGIONS} more taken as harmless')
    if record.rule:
        sentence = f': {record.rule_sentence}' if record.rule_sentence else ''
        lines.append(f'  rule: {record.rule}{sentence}')
    if record.disposition:
        lines.append(f'  disposition: {record.disposition}')
    if record.units_total:
        took = '' if record.compute_ms is None else f', {record.compute_ms:.1f} ms'
        lines.append(f'  work: stage {record.stage}, {record.units} of {record.units_total} tiles '
                     f'woken, {record.macs / 1e6:.2f} of {record.macs_dense / 1e6:.2f} million '
                     f'multiply-adds{took}')
    return lines


def _thresholds(record: VerdictRecord) -> str:
    if record.review_threshold is None or record.reject_threshold is None:
        return ''
    return (f', review from {record.review_threshold:.3f}, '
            f'reject from {record.reject_threshold:.3f}')


def _first_score(record: VerdictRecord) -> str:
    """Return the score before anything was taken as harmless, where that is another one."""
    assert record.score is not None
    first = max([record.score, *(region['peak'] for region in record.regions
                                 if _BY in region and 'peak' in region)])
    return '' if first == record.score else f' ({first:.3f} with what was taken as harmless)'


def _by(region: Mapping[str, Any], learned: Sequence[LabelEntry]) -> str:
    """Return what excuses a region; of a label, also who gave it and when."""
    by = region[_BY]
    given = [f' (said by {label.by or "nobody"}, {time_text(label.wall_ns)})' for label in learned
             if by == f'{label.part} is {label.label}']
    return by + ''.join(given[-1:])


def _region(region: Mapping[str, Any]) -> str:
    return ', '.join(f'{name} {_short(value)}' for name, value in region.items() if name != _BY)


def _short(value: Any) -> str:
    if value is None:
        return 'unknown'
    return f'{value:.3g}' if isinstance(value, float) else str(value)


def _recipe(
    reader: LedgerReader, record: VerdictRecord, learned: Sequence[LabelEntry],
) -> list[str]:
    if not record.recipe:
        return ['  recipe: none']
    lines = [f'  recipe: {record.recipe} version {record.recipe_version}']
    versions = [version for version in reader.versions(record.recipe)
                if version.version == record.recipe_version]
    for version in versions[-1:]:
        restored = '' if version.restored_from is None else \
            f', brings back version {version.restored_from}'
        lines[0] += f', made by {version.who} on {time_text(version.wall_ns)}: {version.why}' \
            + restored
    counts = ', '.join(f'{count} {label}' for label, count in sorted(
        Counter(label.label for label in learned).items()))
    lines.append('  labels learned by then: ' + (counts or 'none here'))
    lines += [f'    {label.label} on part {label.part} by {label.by}, {time_text(label.wall_ns)}'
              for label in learned[-_LATEST:]]
    return lines + _changes(reader, record)


def _changes(reader: LedgerReader, record: VerdictRecord) -> list[str]:
    """Tell what the recipe's version is made of beside labels, the last of each kind.

    That is what came from the fleet, what it was sharpened and confirmed by, what it followed by
    itself, and what was brought back.
    """
    line = reader.lineage(record.recipe, record.recipe_version)
    labelled = reader.label_changes(record.recipe)
    kinds: dict[str, list[VersionEntry]] = {}
    for version in reader.versions(record.recipe):
        if version.version in line and (version.version, version.why) not in labelled:
            kinds.setdefault(version.why, []).append(version)
    if not kinds:
        return []
    said = {change.model_version: change.what for change in reader.changes(record.recipe)
            if not change.refused}
    lines = ['  what else it had learned by then:']
    for why, versions in list(kinds.items())[-_KINDS:]:
        last = versions[-1]
        often = f' (the last of {len(versions)})' if len(versions) > 1 else ''
        what = said.get(last.version, '')
        told = f': {what}' if what and what != why else ''
        lines.append(f'    version {last.version} by {last.who or "nobody"}, '
                     f'{time_text(last.wall_ns)}: {why}{often}{told}')
    if len(kinds) > _KINDS:
        lines.insert(1, f'    {len(kinds) - _KINDS} earlier changes of other kinds, and')
    return lines


def _image(reader: LedgerReader, record: VerdictRecord) -> list[str]:
    if not record.image_hash:
        return ['  image: none was recorded']
    images = [image for image in reader.images(record.part)
              if image.image_hash == record.image_hash]
    if not images:
        return [f'  image: SHA-256 {record.image_hash}, not archived']
    image = images[-1]
    gone = '' if image.removed_ns is None else \
        f', removed on {time_text(image.removed_ns)}: {image.removed_why}'
    return [f'  image: SHA-256 {record.image_hash}, archived as {image.file}{gone}']


def _labels(reader: LedgerReader, part: str) -> list[str]:
    lines = []
    for label in reader.labels(part=part):
        made = '' if label.model_version is None else f', version {label.model_version}'
        why = f': {label.reason}' if label.reason else ''
        lines.append(f'  labelled {label.label} by {label.by} on {time_text(label.wall_ns)}: '
                     f'{label.state.value}{made}{why}')
    return lines
