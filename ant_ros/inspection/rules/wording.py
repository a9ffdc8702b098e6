# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.rule_book import Bounds
from ant_ros.inspection.rules.rule_book import Conditions
from ant_ros.inspection.rules.rule_book import CountBounds
from ant_ros.inspection.rules.rule_book import Rule
from ant_ros.inspection.rules.rule_book import RuleBook

__all__ = ['explain', 'say_conditions', 'say_facts', 'say_region', 'say_rule']


def explain(book: RuleBook) -> str:
    """Return all rules as text, one a line, in the order in which they are asked."""
    lines = [f'{number}. {say_rule(rule)}' for number, rule in enumerate(book.in_order, 1)]
    return '\n'.join([*lines, f'{len(lines) + 1}. Any other region: {book.default.value}.'])


def say_rule(rule: Rule) -> str:
    """Return a rule as a sentence, with the parts that support it if it was learned."""
    because = f', because {rule.because.rstrip(".")}' if rule.because else ''
    said = f'{rule.name}: if {say_conditions(rule.when)}, then {rule.then.value}{because}.'
    if rule.digest is not None and not rule.as_learned:
        return f'{said} A person has changed it since it was learned.'
    if rule.support is None:
        return said
    return (f'{said} Learned from {rule.support.parts} of {rule.support.of} parts labelled '
            f'{rule.then.value}.')


def say_conditions(when: Conditions) -> str:
    """Return conditions in words."""
    said = [f'{key} is {_either(words)}' for key, words in (
        ('class', when.kind), ('zone', when.zone)) if words]
    if when.touches:
        said.append(f'it touches {_either(when.touches)}')
    said.extend(f'{name} is {_range(bounds)}' for name, bounds in when.numbers.items())
    if when.count is not None:
        said.append(f'the number of such regions is {_range(when.count)}')
    return ' and '.join(said)


def say_facts(when: Conditions, region: Measured, count: int) -> str:
    """Return what was measured of a region beside what the conditions ask for."""
    return ', '.join(_facts(when, region, count))


def say_region(region: Measured) -> str:
    """Return a region in a few words: what, how large, where."""
    length = region.value('length_mm')
    size = f'{region.length_px:.0f} px' if length is None else f'{length:.2g} mm'
    return f'{region.label}, {size} long, {region.zone} ({region.x:.0f}, {region.y:.0f})'


def _facts(when: Conditions, region: Measured, count: int) -> Iterator[str]:
    if when.kind:
        yield f'class is {region.label}'
    if when.zone:
        yield f'zone is {region.zone}'
    if when.touches:
        yield f'it touches {_either([name for name in when.touches if name in region.touches])}'
    for name, bounds in when.numbers.items():
        yield f'{name} {region.value(name):.4g} is {_range(bounds)}'
    if when.count is not None:
        yield f'{count} such regions, which is {_range(when.count)}'


def _range(bounds: Bounds | CountBounds) -> str:
    said = []
    if bounds.at_least is not None:
        said.append(f'at least {bounds.at_least:g}')
    if bounds.below is not None:
        said.append(f'below {bounds.below:g}')
    return ' and '.join(said)


def _either(words: Sequence[str]) -> str:
    return ' or '.join(words)
