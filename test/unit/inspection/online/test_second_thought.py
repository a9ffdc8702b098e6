# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What opinions on places do to a verdict."""

from dataclasses import replace

import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection.learning import Opinion
from ant_ros.inspection.online.places import find_places
from ant_ros.inspection.online.second_thought import apply_learned

ACCEPTED = Opinion('unknown', 0.0, True, False)
ALARMED = Opinion('dent', 0.9, False, True)
NOTHING = Opinion('unknown', 0.0, False, False)

ACCEPT = 'rules:\n- {name: all, when: {length_px: {at_least: 1}}, then: accept}\n'
"""Rules that let any mark pass."""


def _seen(online, image):
    verdict = online.judge(image, 'p')
    return verdict, verdict.evidence, find_places(verdict.evidence)


def test_places_come_in_the_order_of_the_regions(online, plate):
    image = plate(2000, defect='spot')
    image[(plate(2000, defect='dent') != plate(2000)).any(axis=2)] = 30
    verdict, _, places = _seen(online, image)

    assert len(places) == len(verdict.regions) > 1
    assert [place.peak for place in places] == [region.peak for region in verdict.regions]


def test_a_part_that_passed_has_its_worst_place(online, plate):
    verdict, evidence, places = _seen(online, plate(1000))
    column, row = places[0].pixels[
        evidence.score[places[0].pixels[:, 1], places[0].pixels[:, 0]].argmax()]

    assert verdict.decision is Decision.PASS
    assert len(places) == 1
    assert evidence.score[row, column] == evidence.score.max()


def test_likeness_to_a_known_defect_stops_a_part_that_would_pass(online, plate):
    verdict, evidence, places = _seen(online, plate(1000))

    told, stopping = apply_learned(verdict, evidence, places, [ALARMED])

    assert told.decision is Decision.REJECT
    assert (len(told.regions), told.classes, len(stopping)) == (1, ('dent',), 1)
    assert told.reason.startswith('like the known defect dent (90% sure)')
    told, _ = apply_learned(verdict, evidence, places, [replace(ALARMED, only=True)])
    assert told.reason.startswith('like the known defect dent (the only class known)')
    told, _ = apply_learned(verdict, evidence, places, [replace(ALARMED, confidence=0.03)])
    assert told.reason.startswith('like the known defect dent: ')


def test_a_class_that_is_less_likely_than_all_else_is_only_what_it_is_most_like(online, plate):
    verdict, evidence, places = _seen(online, plate(2000, defect='spot'))
    dent = Opinion('dent', 0.03, False, False)

    told, _ = apply_learned(verdict, evidence, places, [dent])
    assert told.reason.startswith('most like dent: ')
    told, _ = apply_learned(verdict, evidence, places, [replace(dent, confidence=0.7)])
    assert told.reason.startswith('dent (70% sure): ')


def test_only_places_that_were_called_good_drop_out(online, plate):
    image = plate(2000, defect='spot')
    image[(plate(2000, defect='dent') != plate(2000)).any(axis=2)] = 30
    verdict, evidence, places = _seen(online, image)
    opinions = [ACCEPTED, *[NOTHING] * (len(places) - 1)]

    told, stopping = apply_learned(verdict, evidence, places, opinions)

    assert told.regions == verdict.regions[1:]
    assert told.decision is not Decision.PASS
    assert told.score == places[1].peak == stopping[0].place.peak
    passed, _ = apply_learned(verdict, evidence, places, [ACCEPTED] * len(places))
    assert passed.decision is Decision.PASS


def test_places_without_an_opinion_stay(online, plate):
    verdict, evidence, places = _seen(online, plate(2000, defect='spot'))

    assert apply_learned(verdict, evidence, places, [])[0] == verdict


def test_a_part_that_rules_let_pass_is_no_pattern(online, plate, tmp_path):
    path = tmp_path / 'rules.yaml'
    path.write_text(ACCEPT)
    for seed in range(2000, 2004):
        stopped = online.inspect(plate(seed, defect='spot'), f'{seed}')
    assert stopped.pattern and stopped.unnamed is not None

    online.set_rules(path)
    passed = online.inspect(plate(2004, defect='spot'), 'a')

    assert (passed.decision, passed.rule) == (Decision.PASS, 'all')
    assert (passed.regions, passed.pattern, passed.unnamed) == ((), '', None)


def test_the_verdict_shows_what_the_rules_measure(online, plate):
    for kind in ('spot', 'scratch'):
        shown = online.judge(plate(2000, defect=kind), kind).regions[0]
        measured = online.measure(plate(2000, defect=kind))[0]
        assert shown.elongation == pytest.approx(measured.elongation, abs=0.006)
        assert shown.colour_shift == pytest.approx(measured.colour_shift, abs=0.006)
        assert shown.brightness_shift == pytest.approx(measured.brightness_shift, abs=0.006)
        assert shown.brightness_shift != 0


@pytest.mark.parametrize(('kind', 'length_px', 'breadth_px'), [
    ('spot', (6, 10), (5, 8)), ('scratch', (24, 29), (1, 4)), ('missing', (14, 22), (10, 16))])
def test_rules_measure_the_mark_and_not_the_evidence_around_it(
        online, plate, kind, length_px, breadth_px):
    for seed in range(2000, 2003):
        found = online.measure(plate(seed, defect=kind))[0]
        assert length_px[0] <= found.length_px <= length_px[1]
        assert breadth_px[0] <= found.breadth_px <= breadth_px[1]
