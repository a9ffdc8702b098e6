# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a list of rules may say, and how it is read from YAML and written again."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import difflib
import hashlib
import json
import os
from pathlib import Path
import re
import tempfile
from typing import Annotated
from typing import Any

from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator
from pydantic import ValidationError
import yaml

from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.predicates import NUMBERS
from ant_ros.inspection.rules.zones import ELSEWHERE
from ant_ros.inspection.rules.zones import Zone

__all__ = ['Bounds', 'Conditions', 'CountBounds', 'Rule', 'RuleBook', 'RuleError', 'Support',
           'load_rules', 'make_rules', 'save_learned', 'save_rules', 'to_yaml']

_LEARNED = re.compile(r'^learned:[^\n]*\n?(?:(?:[ \t-][^\n]*)?(?:\n|\Z))*', re.MULTILINE)


class RuleError(ValueError):
    """Rules cannot be used; the text names the rule, the key, its value and what is allowed."""


class _Section(BaseModel):
    model_config = ConfigDict(extra='forbid', frozen=True, allow_inf_nan=False)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Word = Annotated[str, Field(min_length=1, max_length=64)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_as_list), Field(min_length=1)]

_SHARES = ('length_share', 'area_share', 'confidence')
_MOST_SHARE = 2.0   # a mark may reach beyond the part; above that a percentage is meant


class Bounds(_Section):
    """A range of a number: `at_least` belongs to it, `below` does not."""

    at_least: float | None = None
    below: float | None = None

    @model_validator(mode='after')
    def _check(self) -> Bounds:
        if self.at_least is None and self.below is None:
            raise ValueError('give at_least, below, or both')
        if self.at_least is not None and self.below is not None and self.at_least >= self.below:
            raise ValueError(f'nothing is at least {self.at_least:g} and below {self.below:g}')
        return self

    def hold(self, value: float) -> bool:
        """Say whether a value lies in the range."""
        return ((self.at_least is None or value >= self.at_least)
                and (self.below is None or value < self.below))


class CountBounds(_Section):
    """How many regions of the part must meet the other conditions."""

    at_least: int = Field(default=1, ge=1)
    below: int | None = Field(default=None, ge=2)

    @model_validator(mode='after')
    def _check(self) -> CountBounds:
        if self.below is not None and self.at_least >= self.below:
            raise ValueError(f'nothing is at least {self.at_least} and below {self.below}')
        return self

    def hold(self, value: int) -> bool:
        """Say whether a number of regions lies in the range."""
        return value >= self.at_least and (self.below is None or value < self.below)


class Conditions(_Section):
    """What a region must be like; all that is given must hold.

    Beside words and count there is a key for each of `predicates.NUMBERS`.
    """

    kind: Words | None = Field(default=None, alias='class')
    zone: Words | None = None
    touches: Words | None = None
    length_mm: Bounds | None = None
    breadth_mm: Bounds | None = None
    size_mm: Bounds | None = None
    area_mm2: Bounds | None = None
    length_px: Bounds | None = None
    breadth_px: Bounds | None = None
    size_px: Bounds | None = None
    area_px: Bounds | None = None
    length_share: Bounds | None = None
    area_share: Bounds | None = None
    elongation: Bounds | None = None
    colour_shift: Bounds | None = None
    brightness_shift: Bounds | None = None
    confidence: Bounds | None = None
    peak: Bounds | None = None
    nearest_mm: Bounds | None = None
    nearest_px: Bounds | None = None
    count: CountBounds | None = None

    @model_validator(mode='after')
    def _check(self) -> Conditions:
        if not self.model_fields_set:
            raise ValueError('no condition is given; what holds for all other regions is said '
                             'by default')
        for name in _SHARES:
            bounds = self.numbers.get(name)
            given = () if bounds is None else (bounds.at_least, bounds.below)
            wrong = [one for one in given if one is not None and not 0 <= one <= _MOST_SHARE]
            if wrong:
                raise ValueError(
                    f'{name} is a share, 0 to 1, got {wrong[0]:g}; write 25 % as 0.25')
        return self

    @property
    def numbers(self) -> dict[str, Bounds]:
        """The ranges that are asked for, by predicate."""
        return {name: bounds for name in NUMBERS if (bounds := getattr(self, name)) is not None}


class Support(_Section):
    """How many labelled parts stand behind a learned rule."""

    parts: int = Field(ge=0, description='labelled so, and the rule says so')
    of: int = Field(ge=0, description='labelled so')


class Rule(_Section):
    """If a region meets the conditions, then this is done with the part, because."""

    name: str = Field(min_length=1, max_length=80)
    when: Conditions
    then: Disposition
    because: str = ''
    support: Support | None = None
    digest: str | None = None

    @property
    def as_learned(self) -> bool:
        """Whether it still says what was learned; if not, a person has written it."""
        return self.digest is not None and self.digest == self._digest()

    def signed(self) -> Rule:
        """Return it with a digest, by which a person's change to it is known."""
        return self.model_copy(update={'digest': self._digest()})

    def _digest(self) -> str:
        said = self.model_dump(mode='json', by_alias=True, exclude_none=True,
                               exclude={'support', 'digest'})
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:12]


class RuleBook(_Section):
    """An ordered list of rules; the first that matches a region decides on it.

    Attributes:
        zones: Named places of the product.
        rules: Those that people wrote; they come first.
        learned: Those that were learned from labels; they only see what no person's rule decides.
            One of them that a person has changed, or written, stays and comes before the others.
        default: What is done with a region that no rule matches.
    """

    zones: dict[Word, Zone] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    learned: tuple[Rule, ...] = ()
    default: Disposition = Disposition.REVIEW

    @model_validator(mode='after')
    def _check(self) -> RuleBook:
        names = [rule.name for rule in self.in_order]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f'rules: each name once, got {", ".join(map(repr, twice))} twice')
        if ELSEWHERE in self.zones:
            raise ValueError(f'zones: {ELSEWHERE!r} means outside of all zones; use another name')
        return self

    @property
    def in_order(self) -> tuple[Rule, ...]:
        """All rules, people's first."""
        return self.rules + self.learned


def load_rules(path: Path) -> RuleBook:
    """Read rules from a YAML file.

    Raises:
        RuleError: it is not there, is not YAML, or a key in it is wrong.
    """
    try:
        content = yaml.load(path.read_text(encoding='utf-8'), Loader=_Loader)  # a safe loader
    except OSError as error:
        raise RuleError(f'cannot read the rules {path}: {error.strerror}') from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RuleError(f'{path} is not YAML: {error}') from error
    return make_rules({} if content is None else content, source=str(path))


def make_rules(content: object, *, source: str = 'rules') -> RuleBook:
    """Validate the content of a rule file; `source` names it in errors.

    Raises:
        RuleError: a key is unknown, missing, or its value is not allowed.
    """
    if not isinstance(content, Mapping):
        raise RuleError(f'{source}: expected a mapping with the keys zones, rules, learned and '
                        f'default, got {type(content).__name__}')
    try:
        book = RuleBook.model_validate(content)
    except ValidationError as error:
        faults = [_explain(fault, content) for fault in error.errors()]
    else:
        faults = list(_wrong_names(book))
    if faults:
        lines = [f'  {fault}' for fault in faults]
        raise RuleError('\n'.join([f'{source} does not hold valid rules:', *lines]))
    return book


def to_yaml(book: RuleBook) -> str:
    """Return the YAML text of rules, which people can edit."""
    content = book.model_dump(mode='json', by_alias=True, exclude_unset=True, exclude_none=True)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=99)


def save_rules(book: RuleBook, path: Path) -> None:
    """Write rules as YAML, whole or not at all; comments of an earlier file are lost.

    Raises:
        RuleError: the place cannot be written.
    """
    _write(to_yaml(book), Path(path))


def save_learned(book: RuleBook, path: Path) -> None:
    """Write the learned rules into a file, whole or not at all; what people wrote there stays.

    Args:
        book: The rules of the file as it is, with what was learned.
        path: The file; made where there is none.

    Raises:
        RuleError: the place cannot be written, the file has changed meanwhile, or its list of
            learned rules cannot be told from the rest.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding='utf-8') if path.exists() else ''
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f'cannot read the rules {path}: {error}') from error
    theirs = _LEARNED.sub('', text).rstrip()
    learned = to_yaml(RuleBook(learned=book.learned))
    text = f'{theirs}\n\n{learned}' if theirs else learned
    try:
        content = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise RuleError(
            f'with the learned rules {path} would not be YAML, nothing is written: {error}; start '
            'each line below the key learned with a space or a dash, comments too, and try '
            'again') from error
    written = make_rules(content, source=str(path))
    if written.model_dump() != book.model_dump():
        raise RuleError(f'the rules {path} are not those that were learned beside: read them '
                        'again, write the key learned at the start of a line, and start each '
                        'line below it with a space or a dash, comments too')
    _write(text, path)


def _write(text: str, path: Path) -> None:
    try:
        handle, temporary = tempfile.mkstemp(prefix=f'.{path.name}.', dir=path.parent)
        try:
            with open(handle, 'w', encoding='utf-8') as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RuleError(f'cannot write the rules {path}: {error.strerror}') from error


class _Loader(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, and not the last one wins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f'the key {twice[0]!r} stands twice', node.start_mark)
        return super().construct_mapping(node, deep)


def _wrong_names(book: RuleBook) -> Iterator[str]:
    """Yield what rules ask for that there is not."""
    zones = (*book.zones, ELSEWHERE)
    for index, rule in enumerate(book.in_order):
        learned = index - len(book.rules)
        where = _place(rule.name, f'learned.{learned}' if learned >= 0 else f'rules.{index}')
        asked = [('zone', rule.when.zone, zones), ('touches', rule.when.touches, zones[:-1])]
        for key, words, allowed in asked:
            for word in words or ():
                if word not in allowed:
                    yield (f'{where}.when.{key}: no such {key}, got {word!r}'
                           f'{_did_you_mean(word, allowed)}; {_allowed(allowed)}')


def _explain(fault: Any, content: Mapping) -> str:
    location = tuple(step for step in fault['loc'])
    where = _where(location, content)
    if fault['type'] == 'extra_forbidden':
        allowed = tuple(_keys_at(location[:-1]))
        return (f'{where}: no such key{_did_you_mean(str(location[-1]), allowed)}; '
                f'{_allowed(allowed)}')
    if fault['type'] == 'missing':
        return f'{where}: this key is required'
    if fault['type'] == 'enum':
        allowed = tuple(disposition.value for disposition in Disposition)
        given = fault['input']
        return (f'{where}: got {given!r}{_did_you_mean(str(given), allowed)}; '
                f'{_allowed(allowed)}')
    message = fault['msg'].removeprefix('Value error, ')
    if not where:
        return message
    return f'{where}: {message[0].lower()}{message[1:]}, got {fault["input"]!r}'


def _where(location: tuple, content: Mapping) -> str:
    """Say where a fault is; a rule is called by its name where it has one."""
    if len(location) < 2 or location[0] not in ('rules', 'learned'):
        return '.'.join(map(str, location))
    rule: Any = content[location[0]]
    rule = rule[location[1]] if isinstance(rule, Sequence) else None
    name = rule.get('name') if isinstance(rule, Mapping) else None
    place = f'{location[0]}.{location[1]}'
    return '.'.join([_place(name, place), *map(str, location[2:])])


def _place(name: object, place: str) -> str:
    return f'{place} ({name})' if isinstance(name, str) else place


_SECTIONS: Mapping[str, type[BaseModel]] = {
    'when': Conditions, 'count': CountBounds, 'support': Support, **dict.fromkeys(NUMBERS, Bounds)}


def _keys_at(location: tuple) -> Iterator[str]:
    """Yield the keys that the section at a location allows."""
    model: type[BaseModel] = RuleBook
    if location:
        under = Zone if location[0] == 'zones' else Rule
        model = _SECTIONS.get(str(location[-1]), under) if len(location) > 2 else under
    for name, field in model.model_fields.items():
        yield field.alias or name


def _allowed(names: Sequence[str]) -> str:
    return f'allowed are {", ".join(names)}' if names else 'there are none'


def _did_you_mean(given: str, allowed: Sequence[str]) -> str:
    close = difflib.get_close_matches(given, allowed, n=1)
    return f' (did you mean {close[0]!r}?)' if close else ''
