# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules learned from labelled parts by sequential covering: few, short, and each with its support.

One rule after the other is grown to cover labelled parts and none that is labelled milder; what
it covers is done with, and the next rule looks at the rest. Conditions are added one at a time,
the best few conjunctions are kept (beam search; Clark, Niblett: The CN2 induction algorithm,
1989), and a conjunction is worth its gain in information (Quinlan: Learning logical definitions
from relations, 1990).
"""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.judging import judge
from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.predicates import NUMBERS
from ant_ros.inspection.rules.rule_book import Rule
from ant_ros.inspection.rules.rule_book import RuleBook
from ant_ros.inspection.rules.zones import ELSEWHERE

__all__ = ['LabelledPart', 'Learned', 'learn_rules']

_BEAM = 5
_MOST_CONDITIONS = 3
_MOST_THRESHOLDS = 24
_COUNTS = (2, 3, 4, 6)
_BITS = 0.5
_LEAST_ROOM, _MOST_ROOM = 1.2, 1.8
_SIZES = ('length_mm', 'size_mm', 'area_mm2', 'length_px', 'size_px', 'area_px', 'length_share',
          'area_share')
_SHARES = ('length_share', 'area_share')
_HALF = 0.5
_NOT_LEARNED = ('peak', 'confidence', 'nearest_px', 'nearest_mm')
"""How strange or how typical a region looks says little of what it is, and its neighbours less."""


@dataclass(frozen=True)
class LabelledPart:
    """A part with a person's word on what is done with it.

    Attributes:
        part: Its ID.
        regions: Its unusual regions, measured.
        disposition: Accept, rework or scrap.
    """

    part: str
    regions: tuple[Measured, ...]
    disposition: Disposition


@dataclass(frozen=True)
class Learned:
    """What was learned.

    Attributes:
        book: The rules given, with what was learned in place of what was learned before.
        conflicts: Labels that a person's rule contradicts, in sentences; the rule stays in force.
        unexplained: Parts whose label the rules as a whole do not give.
        kept: Names of rules among those learned before that a person has changed or written.
    """

    book: RuleBook
    conflicts: tuple[str, ...]
    unexplained: tuple[str, ...]
    kept: tuple[str, ...] = ()


def learn_rules(
    parts: Sequence[LabelledPart], book: RuleBook | None = None, *, min_support: int = 2,
    most_rules: int = 12,
) -> Learned:
    """Learn a short list of rules that gives the parts their labels.

    What people's rules decide is left to them. Rules for the severest disposition come first, and
    none is learned that speaks of a part labelled milder. Of a part that is accepted all regions
    must be excused; of another one region is to blame, and it need not be known which. What
    excuses a region is bounded in size by what was seen.

    Args:
        parts: Labelled parts; those without regions say nothing and are passed over.
        book: People's rules, zones and default; what was learned before is replaced, unless a
            person has changed it since: then it is a person's rule, too.
        min_support: Parts that must support a rule.
        most_rules: Rules there may be at most.

    Raises:
        ValueError: a part labelled review, which is no word on what to do with it, or no
            positive number.
    """
    if min_support < 1 or most_rules < 1:
        raise ValueError(f'min_support {min_support} and most_rules {most_rules}: expected at '
                         'least 1 each')
    undecided = [part.part for part in parts if part.disposition is Disposition.REVIEW]
    if undecided:
        raise ValueError(f'{", ".join(undecided[:5])} labelled review: give accept, rework or '
                         'scrap, or leave them out')
    book = book or RuleBook()
    theirs = tuple(_as_written(rule) for rule in book.learned if not rule.as_learned)
    book = book.model_copy(update={'learned': theirs})
    parts = [part for part in parts if part.regions]
    conflicts, table = [], _Table()
    for part in parts:
        said = judge(book, part.regions)
        open_regions = [region for region, answer in zip(part.regions, said.regions)
                        if answer.rule is None]
        if open_regions and (said.rule is None or said.disposition is Disposition.ACCEPT):
            table.add(part.disposition, open_regions)
        elif said.rule is not None and said.disposition is not part.disposition:
            conflicts.append(f'{part.part} is labelled {part.disposition.value}, but '
                             f'{said.sentence}')
    taken = {rule.name for rule in book.in_order}
    learned = tuple(_cover(table.freeze(book.zones), min_support, most_rules, taken))
    book = book.model_copy(update={'learned': theirs + learned})
    unexplained = tuple(part.part for part in parts
                        if judge(book, part.regions).disposition is not part.disposition)
    return Learned(book, tuple(conflicts), unexplained, tuple(rule.name for rule in theirs))


def _as_written(rule: Rule) -> Rule:
    """Return a rule that a person has changed, as one that nobody has learned."""
    said = rule.model_dump(by_alias=True, exclude_unset=True, exclude={'support', 'digest'})
    return Rule.model_validate(said)


class _Table:
    """The regions of all parts in columns."""

    def __init__(self) -> None:
        self.labels: list[Disposition] = []
        self.regions: list[Measured] = []
        self.owners: list[int] = []

    def add(self, label: Disposition, regions: Sequence[Measured]) -> None:
        self.owners.extend([len(self.labels)] * len(regions))
        self.labels.append(label)
        self.regions.extend(regions)

    def freeze(self, zones: Collection[str]) -> _Columns:
        words = {'class': np.array([region.label for region in self.regions])}
        # A rule may only ask for the zones that the book has.
        if all(region.zone in (*zones, ELSEWHERE) for region in self.regions):
            words['zone'] = np.array([region.zone for region in self.regions])
        numbers = {}
        for name in NUMBERS:
            values = [region.value(name) for region in self.regions]
            # Where millimetres are known, pixels say nothing more.
            if name not in _NOT_LEARNED and None not in values and f'{name[:-2]}mm' not in numbers:
                numbers[name] = np.array(values, np.float64)
        numbers.pop('area_px' if 'area_mm2' in numbers else '', None)
        return _Columns(
            np.array([label.value for label in self.labels]), np.array(self.owners, np.intp),
            words, numbers)


@dataclass(frozen=True)
class _Columns:
    """Labels by part [N], and owner, words and numbers by region [R]."""

    labels: np.ndarray
    owners: np.ndarray
    words: dict[str, np.ndarray]
    numbers: dict[str, np.ndarray]

    def parts_of(self, masks: np.ndarray) -> np.ndarray:
        """Return which parts own a region of masks [..., R]: bool [..., N]."""
        owned = np.equal.outer(self.owners, np.arange(len(self.labels)))
        return masks.astype(np.float32) @ owned.astype(np.float32) > 0


@dataclass(frozen=True)
class _Literal:
    """A condition on one predicate, and the bits it takes to say it.

    The bits keep chance out: among many thresholds one always seems to tell a few parts apart.
    """

    key: str
    side: str
    value: Any
    bits: float = 0.0


@dataclass(frozen=True)
class _Conjunction:
    """Conditions, the regions [R] that meet all of them, what they are worth, and if they serve.

    Regions that an earlier rule decides on count here too, as they do when a part is judged.
    """

    literals: tuple[_Literal, ...]
    meets: np.ndarray
    worth: float = 0.0
    serves: bool = False

    @property
    def rank(self) -> tuple[float, int]:
        """What is best is largest; of equals the shorter one."""
        return self.worth, -len(self.literals)


@dataclass(frozen=True)
class _Task:
    """What a rule is grown for: parts [N] to cover and to spare, regions [R] still undecided."""

    wanted: np.ndarray
    banned: np.ndarray
    free: np.ndarray
    min_support: int


def _cover(
    columns: _Columns, min_support: int, most_rules: int, taken: set[str],
) -> Iterator[Rule]:
    """Yield rules, the severest disposition first."""
    free = np.ones(len(columns.owners), bool)
    blamed = np.zeros(len(columns.labels), bool)
    for then in (Disposition.SCRAP, Disposition.REWORK, Disposition.ACCEPT):
        labelled = columns.labels == then.value
        todo = labelled.copy()
        while todo.any() and most_rules:
            spared = _spared(columns.labels, then, blamed)
            best = _grow(columns, _Task(todo, spared, free, min_support))
            if best is None:
                break
            covered = columns.parts_of(best.meets & free) & labelled
            most_rules -= 1
            if then is Disposition.ACCEPT:
                best = _bounded(columns, best, free)
            yield _to_rule(best, then, int(covered.sum()), int(labelled.sum()), taken)
            free = free & ~best.meets
            todo &= ~covered
            if then is not Disposition.ACCEPT:
                blamed |= covered


def _spared(labels: np.ndarray, then: Disposition, blamed: np.ndarray) -> np.ndarray:
    """Return the parts [N] that a rule must not speak of.

    These are the milder ones; what excuses a region must spare all that are not accepted, unless
    another region of theirs is to blame already.
    """
    milder = {Disposition.SCRAP: ('rework', 'accept'), Disposition.REWORK: ('accept',)}
    if then is Disposition.ACCEPT:
        return (labels != then.value) & ~blamed
    return np.isin(labels, milder[then])


def _bounded(columns: _Columns, best: _Conjunction, free: np.ndarray) -> _Conjunction:
    """Return what excuses with a bound on the area: nothing much larger than seen is excused."""
    key = 'area_mm2' if 'area_mm2' in columns.numbers else 'area_px'
    if any(literal.key == 'count' or (literal.key in _SIZES and literal.side == 'below')
           for literal in best.literals):
        return best
    areas = columns.numbers[key]
    largest = float(areas[best.meets & free].max())
    limit = _short_number(_LEAST_ROOM * largest, _MOST_ROOM * largest)
    assert limit is not None
    return replace(best, literals=(*best.literals, _Literal(key, 'below', limit)),
                   meets=best.meets & (areas < limit))


def _grow(columns: _Columns, task: _Task) -> _Conjunction | None:
    """Return the best conjunction that spares all banned parts; None if there is none."""
    literals, meets = _literals(columns, task)
    if not len(literals):
        return None
    if not (columns.parts_of(task.free) & task.banned).any():
        return _widest_word(columns, task, literals, meets)
    beam: list[_Conjunction] = [_Conjunction((), np.ones_like(task.free))]
    best: _Conjunction | None = None
    for _ in range(_MOST_CONDITIONS):
        grown: dict[bytes, _Conjunction] = {}
        for conjunction in beam:
            for longer in _extend(columns, conjunction, literals, meets, task):
                # What meets the same regions is the same; the first one is the plainest.
                grown.setdefault((longer.meets & task.free).tobytes(), longer)
        beam = sorted(grown.values(), key=lambda item: item.rank, reverse=True)[:_BEAM]
        serving = max((item for item in grown.values() if item.serves), default=None,
                   key=lambda item: item.rank)
        if serving is not None and (best is None or serving.rank > best.rank):
            best = serving
    return best


def _widest_word(
    columns: _Columns, task: _Task, literals: list[_Literal], meets: np.ndarray,
) -> _Conjunction | None:
    """Return the class or zone that covers most, where nothing has to be told apart."""
    words = [index for index, literal in enumerate(literals) if literal.side == 'is']
    covered = (columns.parts_of(meets[words] & task.free) & task.wanted).sum(axis=1)
    if covered.max() < task.min_support:
        return None
    index = words[int(covered.argmax())]
    return _Conjunction((literals[index],), meets[index])


def _extend(
    columns: _Columns, conjunction: _Conjunction, literals: list[_Literal], meets: np.ndarray,
    task: _Task,
) -> Iterator[_Conjunction]:
    """Yield the conjunctions with one more condition that covers less and still something."""
    used = {(literal.key, literal.side) for literal in conjunction.literals}
    if ('count', 'at_least') in used:
        return  # one more condition would change what is counted
    bits = _BITS * float(np.log2(len(_COUNTS))) + _bits_of_key(columns)
    counts = [_Literal('count', 'at_least', number, bits) for number in _COUNTS]
    masks = np.concatenate([meets & conjunction.meets, _counted(columns, conjunction.meets)])
    covered = columns.parts_of(masks & task.free)
    wanted = (covered & task.wanted).sum(axis=1)
    banned = (covered & task.banned).sum(axis=1)
    fewer = (masks & task.free).sum(axis=1) < (conjunction.meets & task.free).sum()
    share = task.wanted.sum() / (task.wanted.sum() + task.banned.sum())
    every = [*literals, *counts]
    for index in np.flatnonzero((wanted > 0) & fewer):
        literal = every[index]
        if (literal.key, literal.side) not in used:
            precision = wanted[index] / (wanted[index] + banned[index])
            longer = (*conjunction.literals, literal)
            gain = float(wanted[index] * np.log2(precision / share))
            yield _Conjunction(longer, masks[index], gain - sum(one.bits for one in longer),
                               not banned[index] and wanted[index] >= task.min_support)


def _counted(columns: _Columns, meets: np.ndarray) -> np.ndarray:
    """Return the regions [K, R] whose part has as many of these regions as `_COUNTS` says."""
    counts = np.bincount(columns.owners[meets], minlength=len(columns.labels))[columns.owners]
    return meets & (counts >= np.array(_COUNTS)[:, None])


def _literals(columns: _Columns, task: _Task) -> tuple[list[_Literal], np.ndarray]:
    """Return single conditions, the plainest first, and the regions that meet them [L, R]."""
    literals: list[_Literal] = []
    meets: list[np.ndarray] = []
    bits_of_key = _bits_of_key(columns)
    for key, words in columns.words.items():
        there = sorted(set(words[task.free]))
        bits = _BITS * np.log2(len(there)) + bits_of_key if there else 0.0
        literals.extend(_Literal(key, 'is', str(word), bits) for word in there)
        meets.extend(words == word for word in there)
    for key, values in columns.numbers.items():
        thresholds = _thresholds(values[task.free])
        bits = _BITS * np.log2(2 * len(thresholds)) + bits_of_key if thresholds else 0.0
        for threshold in thresholds:
            literals.extend(_Literal(key, side, threshold, bits) for side in ('at_least', 'below'))
            meets.extend((values >= threshold, values < threshold))
    order = sorted(range(len(literals)), key=lambda index: _plainness(literals[index]))
    return ([literals[index] for index in order],
            np.array(meets, dtype=bool).reshape(-1, len(task.free))[order])


def _plainness(literal: _Literal) -> int:
    """Return a number that is lower for what is plainer: words, then what is most of a part.

    That a region is as large as the part is no length in millimetres: another part has another.
    """
    if literal.side == 'is':
        return 0
    return 1 if literal.key in _SHARES and literal.value >= _HALF else 2


def _bits_of_key(columns: _Columns) -> float:
    """Return the bits that it takes to say which predicate is meant."""
    return _BITS * float(np.log2(len(columns.words) + len(columns.numbers) + 1))


def _thresholds(values: np.ndarray) -> list[float]:
    """Return numbers between the values, with as few digits as tell them apart."""
    distinct = np.unique(values[np.isfinite(values)])
    gaps = list(pairwise(distinct))
    if len(gaps) > _MOST_THRESHOLDS:
        chosen = np.linspace(0, len(gaps) - 1, _MOST_THRESHOLDS).round().astype(int)
        gaps = [gaps[index] for index in chosen]
    found = (_short_number(float(low), float(high)) for low, high in gaps)
    return sorted({number for number in found if number is not None})


def _short_number(low: float, high: float) -> float | None:
    """Return the shortest number above `low` and at most `high`, near the middle."""
    middle = (low + high) / 2
    for digits in range(1, 17):
        number = float(f'{middle:.{digits}g}')
        if low < number <= high:
            return number
    return None


def _to_rule(
    conjunction: _Conjunction, then: Disposition, parts: int, of: int, taken: set[str],
) -> Rule:
    when: dict[str, Any] = {}
    for literal in conjunction.literals:
        if literal.side == 'is':
            when[literal.key] = [literal.value]
        else:
            when.setdefault(literal.key, {})[literal.side] = literal.value
    stem = f'learned {then.value}'
    number = next(i for i in range(1, len(taken) + 2) if f'{stem} {i}' not in taken)
    taken.add(f'{stem} {number}')
    return Rule.model_validate({
        'name': f'{stem} {number}', 'when': when, 'then': then.value,
        'support': {'parts': parts, 'of': of}}).signed()
