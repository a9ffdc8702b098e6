# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What people say of a part counts with the next one."""

import numpy as np
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import Inspector
from ant_ros.inspection import RecipeError
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.online import LearningError
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.attachments import LEARNED

KINDS = ('scratch', 'spot', 'colour', 'dent', 'missing')


def _learn_kinds(online, plate, kinds=KINDS) -> None:
    for kind in kinds:
        verdict = online.inspect(plate(2000, defect=kind), kind)
        answer = online.learn(verdict, kind, by='me', create=True)
        assert answer.state is LabelState.APPLIED


def test_without_labels_it_says_what_the_inspector_says(online, inspector, plate):
    for image in (plate(1000), plate(2000, defect='spot'), np.full_like(plate(1), 40)):
        verdict, plain = online.inspect(image), inspector.inspect(image)
        assert (verdict.decision, verdict.score, verdict.regions, verdict.reason) == (
            plain.decision, plain.score, plain.regions, plain.reason)
        assert (verdict.anomaly_map == plain.anomaly_map).all()


def test_a_verdict_names_the_version_that_was_there_when_it_began(online, plate, monkeypatch):
    inspector, version = online.known.inspector, online.version
    look = inspector.look

    def look_while_something_is_learned(image):
        online.version += 1
        return look(image)

    monkeypatch.setattr(inspector, 'look', look_while_something_is_learned)
    assert online.judge(plate(1000), 'a').recipe_version == version
    assert online.judge(plate(1000), 'b').recipe_version == version + 1


def test_good_after_all_counts_from_the_next_part_on(online, plate):
    others = [kind for kind in KINDS if kind != 'spot']
    _learn_kinds(online, plate, others)
    spotted = [plate(seed, defect='spot') for seed in range(2000, 2006)]
    verdict = online.inspect(spotted[0], '4711')
    assert verdict.decision is Decision.REJECT

    assert online.label('4711', 'good', by='me').state is LabelState.APPLIED

    after = [online.inspect(image) for image in spotted[1:]]
    assert [one.decision for one in after] == [Decision.PASS] * 5
    assert all(one.score < one.review_threshold and not one.regions for one in after)
    assert 'called good' in after[0].reason
    for kind in others:
        assert online.inspect(plate(2001, defect=kind)).decision is Decision.REJECT


def test_good_after_all_lets_no_other_defect_pass_that_nobody_has_named(online, plate):
    online.learn(online.inspect(plate(2000, defect='spot')), 'good', by='me')

    assert online.inspect(plate(2001, defect='spot')).decision is Decision.PASS
    for kind in (kind for kind in KINDS if kind != 'spot'):
        for seed in range(2001, 2004):
            assert online.inspect(plate(seed, defect=kind)).decision is Decision.REJECT


def test_good_after_all_lets_nothing_clearly_stronger_pass(online, plate):
    faint, spot = plate(2000), plate(2000, defect='spot')

    def strong(share: float) -> np.ndarray:
        return np.clip(faint + share * (spot.astype(float) - faint), 0, 255).astype(np.uint8)
    online.learn(online.inspect(strong(0.6)), 'good', by='me')

    assert online.inspect(strong(0.6)).decision is Decision.PASS
    assert online.inspect(strong(0.65)).decision is Decision.PASS
    assert online.inspect(strong(0.9)).decision is Decision.REJECT


def test_a_defect_that_was_named_is_called_so(online, plate):
    _learn_kinds(online, plate)

    for kind in KINDS:
        for seed in range(2001, 2004):
            verdict = online.inspect(plate(seed, defect=kind))
            assert verdict.decision is Decision.REJECT
            assert verdict.classes[0] == kind
            assert kind in verdict.reason
    assert [online.inspect(plate(seed)).decision for seed in range(1000, 1020)].count(
        Decision.PASS) >= 19


def test_undo_and_forget_take_back(online, plate):
    online.learn(online.inspect(plate(2000, defect='spot')), 'good')
    online.learn(online.inspect(plate(2000, defect='dent')), 'dent', create=True)
    assert online.undo().state is LabelState.APPLIED
    assert online.learner.classes == ()
    assert online.forget(1).state is LabelState.APPLIED

    assert online.inspect(plate(2001, defect='spot')).decision is Decision.REJECT


def test_a_new_class_is_asked_about_and_an_unknown_part_is_told(online, plate):
    online.inspect(plate(2000, defect='spot'), 'a')

    assert online.label('a', 'spto').state is LabelState.REFUSED
    assert online.label('b', 'good').state is LabelState.UNKNOWN_PART
    assert online.label('a', 'spot', create=True).state is LabelState.APPLIED


def test_features_are_the_same_whether_they_are_asked_for_now_or_later(online, plate):
    verdicts = [online.judge(plate(seed), 'x') for seed in range(1000, 1004)]
    later = [online.describe(verdict).vectors for verdict in verdicts]
    now = [online.describe(online.judge(plate(seed), 'x')).vectors for seed in range(1000, 1004)]

    assert (np.stack(later) == np.stack(now)).all()


def test_a_recipe_without_good_places_inspects_and_says_what_is_missing(
        seeing, plate, teach_images):
    online = OnlineInspector(Inspector(seeing.recipe))
    verdict = online.inspect(plate(2000, defect='spot'), 'a')
    assert verdict.decision is Decision.REJECT
    answer = online.label('a', 'good')
    assert answer.state is LabelState.REFUSED and 'get_ready' in answer.text
    with pytest.raises(LearningError, match='teach it'):
        online.run_challenge()

    with pytest.raises(LearningError, match='at least 2'):
        online.get_ready(teach_images[:1])
    online.get_ready(teach_images)

    assert online.learn(verdict, 'good').state is LabelState.APPLIED


def test_challenge_guards_against_a_wrong_label(online, plate):
    online.add_challenge(online.inspect(plate(2000, defect='spot')), 'spot', create=True)
    verdict = online.inspect(plate(2001, defect='spot'), 'wrong')

    online.learn(verdict, 'good')

    assert online.run_challenge().escapes == ()
    assert online.inspect(plate(2000, defect='spot')).decision is Decision.REJECT


def test_what_was_learned_is_saved_with_the_recipe(online, plate, tmp_path):
    _learn_kinds(online, plate)
    online.save(tmp_path / 'plate', who='me', why='labels')

    loaded = OnlineInspector.load(tmp_path / 'plate')

    for kind in KINDS:
        image = plate(2001, defect=kind)
        assert loaded.inspect(image).classes == online.inspect(image).classes
    assert loaded.learner.to_bytes() == online.learner.to_bytes()
    content = bytearray((tmp_path / 'plate' / LEARNED).read_bytes())
    content[-1] ^= 1
    (tmp_path / 'plate' / LEARNED).write_bytes(content)
    with pytest.raises(RecipeError, match='go back to an earlier version'):
        OnlineInspector.load(tmp_path / 'plate')


def test_teaching_makes_it_ready_to_learn(teach_images, plate):
    online = OnlineInspector.teach(teach_images[:5], name='few')

    assert not online.why_not
    assert online.name == 'few'
    verdict = online.inspect(plate(2000, defect='dent'))
    assert online.learn(verdict, 'dent', create=True).state is LabelState.APPLIED


def test_robots_learn_from_each_other(new_online, plate):
    one, other = new_online(robot='one'), new_online(robot='other')
    one.learn(one.inspect(plate(2000, defect='spot')), 'spot', create=True)

    assert other.merge(one.export()).state is LabelState.APPLIED
    assert other.merge(one.export()).text == 'nothing new'

    assert other.inspect(plate(2001, defect='spot')).classes == ('spot',)


def test_going_back_knows_what_was_known_and_counts_on(online, plate):
    before = online.attachments()
    online.learn(online.inspect(plate(2000, defect='spot'), 'a'), 'good')
    version = online.learner.version

    online.restore(before)

    assert online.learner.version > version
    assert online.inspect(plate(2001, defect='spot')).decision is Decision.REJECT
    assert online.label('a', 'good').state is LabelState.APPLIED  # the part is still remembered
    with pytest.raises(MessageError):
        online.restore({name: content[:-3] for name, content in before.items()})
    assert online.inspect(plate(2001, defect='spot')).decision is Decision.PASS


RULES = """
rules:
- name: small spots
  when: {class: spot, size_px: {below: 40}}
  then: accept
  because: they do not show
- name: scratches
  when: {elongation: {at_least: 3}}
  then: rework
"""


def test_rules_decide_and_say_why(online, plate, tmp_path):
    path = tmp_path / 'rules.yaml'
    path.write_text(RULES)
    online.set_rules(path)
    _learn_kinds(online, plate)

    spot = online.inspect(plate(2001, defect='spot'))
    scratch = online.inspect(plate(2001, defect='scratch'))
    missing = online.inspect(plate(2001, defect='missing'))

    assert (spot.decision, spot.disposition, spot.rule) == (Decision.PASS, 'accept', 'small spots')
    assert 'they do not show' in spot.reason
    assert (scratch.decision, scratch.disposition) == (Decision.REJECT, 'rework')
    assert (missing.decision, missing.rule) == (Decision.REJECT, '')  # no rule speaks of it
    path.write_text(RULES.replace('then: accept', 'then: scrap'))
    online.inspect(plate(1000))
    assert online.inspect(plate(2002, defect='spot')).disposition == 'scrap'


def test_rules_on_a_class_that_is_not_known_are_told_until_it_is(online, plate, tmp_path):
    path = tmp_path / 'rules.yaml'
    path.write_text('rules:\n- {name: r, when: {class: [spot, scrach]}, then: scrap}\n')
    assert online.rules_doubt == ''
    online.set_rules(path)
    assert 'known are unknown' in online.rules_doubt

    _learn_kinds(online, plate)

    assert online.rules_doubt.startswith("class 'scrach' (rule 'r') is not known to the recipe "
                                         "(did you mean 'scratch'?); known are ")
    path.write_text('rules:\n- {name: r, when: {class: [spot, scratch]}, then: scrap}\n')
    online.reload_rules()
    assert online.rules_doubt == ''


def test_rules_may_ask_for_millimetres(online, plate, tmp_path):
    path = tmp_path / 'rules.yaml'
    path.write_text('rules:\n- {name: short, when: {length_mm: {below: 5}}, then: accept}\n')
    decisions = []
    for mm_per_px in (None, 0.1, 1.0):
        online.set_rules(path, mm_per_px=mm_per_px)
        decisions.append(online.inspect(plate(2001, defect='spot')).disposition)

    assert decisions == ['review', 'accept', 'review']
