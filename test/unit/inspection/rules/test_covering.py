# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Rules learned from labelled parts."""

from pathlib import Path
import runpy

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
import numpy as np
import pytest
import yaml

from ant_ros.inspection.rules.covering import LabelledPart
from ant_ros.inspection.rules.covering import learn_rules
from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.judging import judge
from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.rule_book import make_rules
from ant_ros.inspection.rules.rule_book import to_yaml
from ant_ros.inspection.rules.wording import explain

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'rules_from_labels.py'
ACCEPT, REWORK, REVIEW, SCRAP = Disposition
BOOK = make_rules({'zones': {'rim': {'rectangle': [0, 0, 90, 9]},
                             'face': {'rectangle': [0, 9, 90, 90]}}})


def region(label: str = 'scratch', length: float = 10.0, **more) -> Measured:
    return Measured(label, length_px=length, area_px=4 * length, **more)


def part(number: int, disposition: Disposition, *regions: Measured) -> LabelledPart:
    return LabelledPart(f'part-{number}', regions, disposition)


def true_disposition(regions) -> Disposition:
    scratches = [one for one in regions if one.label == 'scratch']
    if any(one.label == 'dent' for one in regions):
        return SCRAP
    if any(one.length_px >= 50 for one in scratches):
        return SCRAP
    if any(one.zone == 'rim' for one in scratches):
        return REWORK
    return ACCEPT


def some_parts(count: int, seed: int) -> list[LabelledPart]:
    rng = np.random.default_rng(seed)
    parts = []
    for number in range(count):
        regions = tuple(region(
            str(rng.choice(['scratch', 'stain', 'dent'], p=[0.5, 0.4, 0.1])),
            float(rng.uniform(5, 80)), zone=str(rng.choice(['rim', 'face'])),
            colour_shift=float(rng.uniform(0, 30)), confidence=float(rng.uniform(0.5, 1.0)))
            for _ in range(rng.choice([1, 1, 2])))
        parts.append(part(number, true_disposition(regions), *regions))
    return parts


def test_fifty_labels_give_a_short_list_that_holds_for_new_parts():
    learned = learn_rules(some_parts(50, 1), BOOK)
    fresh = some_parts(400, 2)
    right = np.mean([judge(learned.book, one.regions).disposition is one.disposition
                     for one in fresh])
    assert right >= 0.9
    assert len(learned.book.learned) <= 8
    assert learned.unexplained == ()
    assert 'class is dent' in explain(learned.book)


def test_the_same_labels_give_the_same_rules():
    parts = some_parts(50, 1)
    assert learn_rules(parts, BOOK) == learn_rules(parts, BOOK)


def test_support_counts_the_parts_that_a_rule_speaks_of():
    parts = [part(i, SCRAP, region('dent')) for i in range(4)]
    parts += [part(10 + i, ACCEPT, region('stain')) for i in range(3)]
    found = {rule.when.kind: rule for rule in learn_rules(parts).book.learned}
    assert found['dent',].support.model_dump() == {'parts': 4, 'of': 4}
    assert found['stain',].support.model_dump() == {'parts': 3, 'of': 3}
    assert (found['dent',].then, found['stain',].then) == (SCRAP, ACCEPT)


def test_a_threshold_lies_between_the_parts_and_has_few_digits():
    parts = [part(i, SCRAP, region(length=40.0 + i)) for i in range(6)]
    parts += [part(10 + i, ACCEPT, region(length=20.0 + i)) for i in range(6)]
    rule = learn_rules(parts).book.learned[0]
    (bounds,) = rule.when.numbers.values()
    assert 25 < bounds.at_least <= 40
    assert len(f'{bounds.at_least:g}') <= 2


def test_how_many_regions_there_are_can_be_learned():
    parts = [part(i, REWORK, *[region('stain')] * (3 + i % 2)) for i in range(5)]
    parts += [part(10 + i, ACCEPT, *[region('stain')] * (1 + i % 2)) for i in range(5)]
    learned = learn_rules(parts)
    assert learned.book.learned[0].when.count.at_least == 3
    assert learned.unexplained == ()


def test_of_several_regions_it_need_not_be_known_which_is_to_blame():
    parts = [part(i, SCRAP, region('stain', 10.0 + i), region('dent', 30.0 - i))
             for i in range(4)]
    parts += [part(10 + i, ACCEPT, region('stain', 8.0 + i)) for i in range(5)]
    learned = learn_rules(parts)
    assert learned.unexplained == ()
    assert learned.book.learned[0].when.kind == ('dent',)


def test_nothing_is_excused_that_a_part_without_another_flaw_was_rejected_for():
    parts = [part(0, SCRAP, region('stain', 12.0))]   # too few to make a rule of
    parts += [part(10 + i, ACCEPT, region('stain', 10.0 + i)) for i in range(5)]
    learned = learn_rules(parts)
    assert judge(learned.book, parts[0].regions).disposition is not ACCEPT


def test_nothing_much_larger_than_seen_is_excused():
    parts = [part(10 + i, ACCEPT, region('stain', 10.0 + i)) for i in range(5)]
    book = learn_rules(parts).book
    assert judge(book, [region('stain', 15.0)]).disposition is ACCEPT
    assert judge(book, [region('stain', 30.0)]).disposition is REVIEW
    assert book.learned[0].when.area_px.below == 80   # the largest had 4 x 14 pixels


def test_peoples_rules_come_first_and_contradictions_are_told():
    book = make_rules({'rules': [{'name': 'dents go', 'when': {'class': 'dent'}, 'then': 'scrap'}],
                       'default': 'review'})
    parts = [part(i, REWORK, region('dent')) for i in range(3)]
    parts += [part(10 + i, ACCEPT, region('stain')) for i in range(3)]
    learned = learn_rules(parts, book)
    assert learned.book.rules == book.rules
    assert judge(learned.book, parts[0].regions).rule == 'dents go'
    assert len(learned.conflicts) == 3
    assert learned.conflicts[0].startswith(
        "part-0 is labelled rework, but scrap by rule 'dents go'")
    assert learned.unexplained == ('part-0', 'part-1', 'part-2')
    assert [rule.then for rule in learned.book.learned] == [ACCEPT]


def test_what_was_learned_before_is_replaced_and_names_do_not_clash():
    book = make_rules({
        'rules': [{'name': 'learned scrap 1', 'when': {'class': 'crack'}, 'then': 'scrap'}],
        'learned': [{'name': 'old', 'when': {'class': 'stain'}, 'then': 'scrap'}]})
    book = book.model_copy(update={'learned': (book.learned[0].signed(),)})
    parts = [part(i, SCRAP, region('dent')) for i in range(3)]
    learned = learn_rules(parts, book)
    assert [rule.name for rule in learned.book.learned] == ['learned scrap 2']
    assert learned.kept == ()


@pytest.mark.parametrize('change', [
    {'then': 'rework'}, {'because': 'anna can polish it'}, {'name': 'mine'}, {'digest': None},
    {'when': {'length_px': {'at_least': 30}}}])
def test_a_learned_rule_that_a_person_changed_is_that_persons(change):
    parts = [part(i, SCRAP, region('dent', 40 + i)) for i in range(3)]
    parts += [part(10 + i, ACCEPT, region('stain')) for i in range(3)]
    content = yaml.safe_load(to_yaml(learn_rules(parts).book))
    content['learned'][0].update(change)
    theirs = make_rules(content).learned[0]

    again = learn_rules(parts, make_rules(content))
    once_more = learn_rules(parts, make_rules(yaml.safe_load(to_yaml(again.book))))

    for learned in (again, once_more):
        kept = learned.book.learned[0]
        assert learned.kept == (theirs.name,) == (kept.name,)
        assert (kept.when, kept.then, kept.because) == (theirs.when, theirs.then, theirs.because)
        assert (kept.support, kept.digest) == (None, None)
        assert theirs.name not in {rule.name for rule in learned.book.learned[1:]}
    assert len(again.conflicts) == (3 if change == {'then': 'rework'} else 0)


def test_support_and_order_are_no_change_by_a_person():
    book = learn_rules(some_parts(50, 1), BOOK).book
    content = yaml.safe_load(to_yaml(book))
    content['learned'].reverse()
    content['learned'][0]['support']['parts'] += 1

    assert all(rule.as_learned for rule in make_rules(content).learned)
    assert learn_rules(some_parts(50, 1), make_rules(content)).book == book


def test_learned_rules_are_yaml_that_people_can_edit():
    learned = learn_rules(some_parts(50, 1), BOOK).book
    content = yaml.safe_load(to_yaml(learned))
    assert make_rules(content) == learned
    content['rules'] = [content['learned'].pop(0)]  # adopted by a person
    assert make_rules(content).rules[0].support is not None


def test_millimetres_are_learned_where_they_are_known_everywhere():
    def parts(scale):
        return ([part(i, SCRAP, region(length=40.0 + i, mm_per_px=scale)) for i in range(4)]
                + [part(10 + i, ACCEPT, region(length=20.0 + i, mm_per_px=0.1))
                   for i in range(4)])
    known = learn_rules(parts(0.1)).book.learned[0].when.numbers
    assert all(not name.endswith('_px') for name in known)
    missing = learn_rules(parts(None)).book.learned[0].when.numbers
    assert all('_mm' not in name for name in missing)


def test_zones_that_the_recipe_does_not_have_are_not_asked_for():
    parts = [part(i, SCRAP, region(zone='rim')) for i in range(4)]
    parts += [part(10 + i, ACCEPT, region(zone='face')) for i in range(4)]
    assert learn_rules(parts, BOOK).book.learned[0].when.zone == ('rim',)
    assert all(rule.when.zone is None for rule in learn_rules(parts).book.learned)


def test_few_parts_make_no_rule():
    parts = [part(0, SCRAP, region('dent')), part(1, ACCEPT, region('stain'))]
    assert learn_rules(parts).book.learned == ()
    assert len(learn_rules(parts, min_support=1).book.learned) == 2
    assert learn_rules([]).book.learned == ()
    assert learn_rules([part(0, SCRAP)]).unexplained == ()


def test_the_list_stays_as_short_as_asked():
    rng = np.random.default_rng(0)
    parts = [part(i, (SCRAP, ACCEPT)[int(rng.integers(2))], region(length=float(i)))
             for i in range(60)]
    assert len(learn_rules(parts, most_rules=3).book.learned) <= 3


def test_review_is_no_word_on_what_to_do():
    with pytest.raises(ValueError, match='part-7 labelled review'):
        learn_rules([part(7, REVIEW, region())])
    with pytest.raises(ValueError, match='min_support 0'):
        learn_rules([], min_support=0)


some_regions = strategies.builds(
    region, strategies.sampled_from(['a', 'b']), strategies.sampled_from([1.0, 2.0, 3.0, 4.0]),
    zone=strategies.sampled_from(['rim', 'face']))
labelled = strategies.lists(strategies.tuples(
    strategies.sampled_from([ACCEPT, REWORK, SCRAP]),
    strategies.lists(some_regions, min_size=1, max_size=3)), max_size=14)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(labelled)
def test_no_learned_rule_is_severer_than_a_label_nor_lets_a_bad_part_pass(labels):
    parts = [part(i, label, *regions) for i, (label, regions) in enumerate(labels)]
    learned = learn_rules(parts, BOOK)
    order = (ACCEPT, REWORK, SCRAP)
    for one in parts:
        said = judge(learned.book, one.regions)
        if said.disposition in order:   # review: no rule speaks of it
            assert order.index(said.disposition) <= order.index(one.disposition)
        if one.disposition is not ACCEPT:
            assert said.disposition is not ACCEPT


def test_the_example_runs(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    assert 'then scrap' in printed
    assert 'Learned from' in printed
    assert 'scrap by rule' in printed


def test_what_is_as_large_as_the_part_is_told_by_its_share_and_not_in_millimetres():
    def region(length, area):
        return Measured(length_px=length, breadth_px=area / length, area_px=area, mm_per_px=0.3,
                        part=(200.0, 20_000.0))

    parts = [LabelledPart(f'{number}', (region(length, area),), word)
             for number, (length, area, word) in enumerate([
                 (195, 18_000, Disposition.SCRAP), (190, 17_000, Disposition.SCRAP),
                 (198, 19_000, Disposition.SCRAP), (197, 18_500, Disposition.SCRAP),
                 (30, 90, Disposition.REWORK), (40, 120, Disposition.REWORK),
                 (20, 60, Disposition.REWORK), (35, 100, Disposition.REWORK)])]
    book = learn_rules(parts).book
    numbers = book.learned[0].when.numbers
    assert list(numbers) in (['length_share'], ['area_share'])
    assert next(iter(numbers.values())).at_least >= 0.5
