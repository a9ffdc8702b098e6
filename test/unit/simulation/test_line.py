# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import hashlib

import numpy as np
import psutil
import pytest

from ant_ros.simulation import DEFECT_CLASSES
from ant_ros.simulation import Ended
from ant_ros.simulation import FAMILIES
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import load_scenario
from ant_ros.simulation import Triggered

DEMO, HARD = load_scenario('demo'), load_scenario('hard')


def run(line, command=lambda line: False, hold=lambda line: False):
    """Run a line to its end; return its events."""
    events = []
    while not line.finished:
        line.feeding = not hold(line)
        line.command_gate(command(line))
        events.extend(line.step())
        assert line.time_s < 600, 'the line does not come to its end'
    return events


def fingerprint(event: Triggered):
    mask = b'' if event.truth.mask is None else event.truth.mask.tobytes()
    digest = hashlib.sha256(event.image.tobytes() + mask).hexdigest()
    return event.part_id, digest, event.truth.contrast_sigmas, event.truth.severity


def triggered(events):
    return [event for event in events if isinstance(event, Triggered)]


def ended(events):
    return [event for event in events if isinstance(event, Ended)]


def open_for(good):
    """Return a gate policy that knows the truth: pass where `good` says so."""
    triggers = []

    def command(line):
        return any(abs(line.belt_position_m - belt_m - line.scenario.gate.distance_m)
                   <= line.scenario.gate.window_m and good(truth) for belt_m, truth in triggers)

    def remember(events, line):
        triggers.extend((event.time_s * line.belt_speed_m_s, event.truth)
                        for event in triggered(events))
        del triggers[:-12]

    return command, remember


def test_every_part_is_photographed_once_and_ends_once_in_order():
    with InspectionLine(DEMO, parts=12) as line:
        events = run(line)
    ids = [f'teach-{i:04d}' for i in range(1, 11)] + [f'part-{i:06d}' for i in range(1, 13)]
    assert [event.part_id for event in triggered(events)] == ids
    assert [event.part_id for event in ended(events)] == ids
    assert {event.truth.role for event in triggered(events)[:10]} == {'teach'}
    assert all(event.truth.defect is None for event in triggered(events)[:10])
    first = triggered(events)[0]
    assert first.image.shape == (240, 320, 3)
    assert first.image.dtype == np.uint8


def test_without_a_command_everything_is_rejected():
    with InspectionLine(DEMO, parts=2) as line:
        assert {event.bin for event in ended(run(line))} == {'reject'}


@pytest.mark.parametrize('family', FAMILIES)
def test_a_part_ends_where_the_gate_sends_it(family):
    scenario = DEMO.model_copy(update={'family': family, 'defect_rate': 0.5})
    command, remember = open_for(lambda truth: truth.defect is None)
    events = []
    with InspectionLine(scenario, parts=20) as line:
        while not line.finished:
            line.command_gate(command(line))
            happened = line.step()
            remember(happened, line)
            events.extend(happened)
    assert {(event.truth.defect is None, event.bin) for event in ended(events)} == {
        (True, 'accept'), (False, 'reject')}


def test_a_pass_command_goes_stale():
    with InspectionLine(DEMO, parts=0) as line:
        line.command_gate(True)
        for _ in range(3):
            line.step()
        raised = line.flap_angle_rad
        for _ in range(9):
            line.step()
        assert raised < 0.6
        assert line.flap_angle_rad > 1.3


@pytest.mark.parametrize('family', FAMILIES)
def test_parts_depend_on_nothing_but_scenario_seed_and_number(family):
    scenario = HARD.model_copy(update={'family': family, 'defect_rate': 0.4, 'teach_parts': 3})
    with InspectionLine(scenario, seed=5, parts=14) as line:
        plain = run(line)
    with InspectionLine(scenario, seed=5, parts=16) as line:
        # Other gate commands, a feeder that is held now and then, pictures in between.
        disturbed = run(line, command=lambda line: line.time_s % 1.0 < 0.4,
                        hold=lambda line: line.time_s % 3.0 < 1.3)
    expected = [fingerprint(event) for event in triggered(plain)]
    assert [fingerprint(event) for event in triggered(disturbed)[:17]] == expected
    assert any(event.truth.defect for event in triggered(plain))


def test_photographs_in_between_change_nothing():
    short = HARD.model_copy(update={'teach_parts': 2})
    with InspectionLine(short, parts=1) as line:
        plain = triggered(run(line))
    with InspectionLine(short, parts=1) as line:
        watched = triggered(run(line, command=lambda line: bool(line.photograph().size == 0)))
    assert [fingerprint(event) for event in watched] == [fingerprint(event) for event in plain]


def test_another_seed_gives_other_images():
    images = []
    for seed in (1, 2):
        with InspectionLine(DEMO.model_copy(update={'teach_parts': 1}), seed=seed,
                            parts=0) as line:
            images.append(triggered(run(line))[0].image)
    assert not np.array_equal(*images)


@pytest.mark.parametrize('family', FAMILIES)
@pytest.mark.parametrize('scenario', ['demo', 'shift'])
def test_defects_of_demo_and_shift_stand_out_from_good_parts(scenario, family):
    settings = load_scenario(scenario).model_copy(
        update={'family': family, 'defect_rate': 1.0, 'teach_parts': 0})
    with InspectionLine(settings, parts=25) as line:
        truths = [event.truth for event in triggered(run(line))]
    assert {truth.defect for truth in truths} == set(DEFECT_CLASSES)
    assert all(truth.visible and truth.contrast_sigmas > 8.0 for truth in truths)


def test_hard_has_defects_on_both_sides_of_the_limit():
    settings = HARD.model_copy(update={'defect_rate': 1.0, 'teach_parts': 0})
    with InspectionLine(settings, parts=40) as line:
        truths = [event.truth for event in triggered(run(line))]
    visible = sum(truth.visible for truth in truths)
    assert 16 < visible < 37


def test_the_free_running_camera_sees_the_part_pass():
    with InspectionLine(DEMO.model_copy(update={'teach_parts': 1}), parts=0) as line:
        brightness = []
        while not line.finished:
            line.step()
            brightness.append(line.photograph().mean())
    assert max(brightness) > min(brightness) + 20
    assert brightness[-1] < min(brightness) + 5


def test_holding_the_feeder_holds_the_parts_and_not_the_belt():
    with InspectionLine(DEMO, parts=1) as line:
        line.feeding = False
        for _ in range(60):
            assert line.step() == ()
        assert line.belt_position_m == pytest.approx(2.0 * 0.4)
        assert not line.finished
        line.feeding = True
        assert len(ended(run(line))) == 11


def test_parts_never_touch():
    scenario = DEMO.model_copy(update={'belt': DEMO.belt.model_copy(
        update={'pitch_m': 0.12, 'pitch_jitter_m': 0.005})})
    with InspectionLine(scenario, parts=15) as line:
        times = [event.time_s for event in triggered(run(line))]
    assert np.diff(times).min() * 0.4 > 0.1


def test_time_and_belt_advance_by_the_tick():
    with InspectionLine(DEMO, parts=0) as line:
        for _ in range(30):
            line.step()
        assert line.time_s == pytest.approx(1.0)
        assert line.belt_position_m == pytest.approx(0.4)


def test_memory_stays_flat():
    process = psutil.Process()
    with InspectionLine(DEMO, parts=110) as line:
        seen = 0
        for _ in range(100_000):
            seen += len(triggered(line.step()))
            if seen == 40:
                break
        before = process.memory_info().rss
        run(line)
        grown = process.memory_info().rss - before
    assert grown < 8 * 2**20


@pytest.mark.parametrize(('arguments', 'words'), [
    ({'seed': -1}, 'seed must be 0 or more, got -1'),
    ({'parts': -1}, 'parts must be 0 or more, got -1')])
def test_nonsense_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        InspectionLine(DEMO, **arguments)


def test_a_closed_line_may_be_closed_again():
    line = InspectionLine(DEMO, parts=0)
    line.close()
    line.close()
