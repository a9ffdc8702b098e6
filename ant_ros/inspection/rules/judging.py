# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From measured regions to what is done with the part, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.disposition import worst
from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.predicates import needs
from ant_ros.inspection.rules.rule_book import Conditions
from ant_ros.inspection.rules.rule_book import Rule
from ant_ros.inspection.rules.rule_book import RuleBook
from ant_ros.inspection.rules.wording import say_facts
from ant_ros.inspection.rules.wording import say_region

__all__ = ['Judgement', 'RegionJudgement', 'fulfils', 'judge']


@dataclass(frozen=True)
class RegionJudgement:
    """What the rules say of one region.

    Attributes:
        disposition: What would be done with the part for this region alone.
        rule: Name of the rule that decided; None for the default.
        sentence: Why.
    """

    disposition: Disposition
    rule: str | None
    sentence: str


@dataclass(frozen=True)
class Judgement:
    """What is done with a part, and why.

    Attributes:
        disposition: The severest that any of its regions asks for.
        rule: Name of the rule that decided; None for the default.
        sentence: Why, in a sentence.
        region: Index of the region that decided; None for a part without regions.
        regions: What the rules say of each region.
    """

    disposition: Disposition
    rule: str | None
    sentence: str
    region: int | None
    regions: tuple[RegionJudgement, ...]


def judge(book: RuleBook, regions: Sequence[Measured]) -> Judgement:
    """Decide what is done with a part.

    The first rule that a region matches decides on this region, and the severest decision on the
    part: a rule that accepts excuses only what it matches. Where a rule asks for something that
    is not known (millimetres without a scale, a colour shift on a part of free shape) and all else
    holds, the region goes to review.

    Args:
        book: The rules.
        regions: The unusual regions of the part, worst first; without any it is accepted.
    """
    if not regions:
        return Judgement(Disposition.ACCEPT, None, 'accept: nothing unusual was measured', None,
                         ())
    # Rules outside, regions inside: a count is the same for all regions.
    told: list[RegionJudgement | None] = [None] * len(regions)
    for rule in book.in_order:
        if all(told):
            break
        for index, answer in enumerate(_ask(rule, regions)):
            if told[index] is None:
                told[index] = answer
    answers = tuple(answer or _by_default(book, region) for answer, region in zip(told, regions))
    final = worst(answer.disposition for answer in answers)
    index = next(i for i, answer in enumerate(answers) if answer.disposition is final)
    return Judgement(final, answers[index].rule, answers[index].sentence, index, answers)


def fulfils(when: Conditions, region: Measured) -> bool | None:
    """Say whether a region meets the conditions other than the count; None: cannot be told."""
    for words, given in ((when.kind, (region.label,)), (when.zone, (region.zone,)),
                         (when.touches, region.touches)):
        if words is not None and not set(words) & set(given):
            return False
    unknown = False
    for name, bounds in when.numbers.items():
        value = region.value(name)
        if value is None:
            unknown = True
        elif not bounds.hold(value):
            return False
    return None if unknown else True


def _ask(rule: Rule, regions: Sequence[Measured]) -> list[RegionJudgement | None]:
    """Return what a rule says of every region; None where it does not match."""
    met = [fulfils(rule.when, region) for region in regions]
    sure = sum(answer is True for answer in met)
    open_ = sum(answer is None for answer in met)
    counts = {rule.when.count is None or rule.when.count.hold(number)
              for number in range(sure, sure + open_ + 1)}
    if counts == {False}:
        return [None] * len(regions)
    return [None if answer is False
            else _cannot_tell(rule, region, regions) if answer is None or len(counts) > 1
            else _matched(rule, region, sure)
            for answer, region in zip(met, regions)]


def _matched(rule: Rule, region: Measured, count: int) -> RegionJudgement:
    because = f': {rule.because.rstrip(".")}' if rule.because else ''
    return RegionJudgement(
        rule.then, rule.name,
        f'{rule.then.value} by rule {rule.name!r}{because} ({say_region(region)}; '
        f'{say_facts(rule.when, region, count)})')


def _cannot_tell(
    rule: Rule, region: Measured, regions: Sequence[Measured],
) -> RegionJudgement:
    names = [name for name in rule.when.numbers if region.value(name) is None]
    asked = ', '.join(names) or 'a count of regions'
    names = names or [name for name in rule.when.numbers
                      if any(one.value(name) is None for one in regions)]
    missing = ' and '.join(dict.fromkeys(needs(name) for name in names))
    return RegionJudgement(
        Disposition.REVIEW, rule.name,
        f'review: rule {rule.name!r} asks for {asked}, which cannot be told without {missing} '
        f'({say_region(region)})')


def _by_default(book: RuleBook, region: Measured) -> RegionJudgement:
    return RegionJudgement(
        book.default, None,
        f'{book.default.value} by default: no rule speaks of this region ({say_region(region)})')
