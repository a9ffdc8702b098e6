# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import pytest

from ant_ros.simulation.families import family_named
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.scenario import make_scenario
from ant_ros.simulation.world import FEED_X_M
from ant_ros.simulation.world import SUBSTEP_S
from ant_ros.simulation.world import World


def scenario(speed_m_s=0.4):
    return make_scenario({'name': 'x', 'defect_rate': 0, 'belt': {'speed_m_s': speed_m_s}})


def drive(family_name, speed_m_s, is_passing, yaw_rad=0.05):
    """Drive one part from feeder to bin; `is_passing` gets its travel in m beyond the eye."""
    settings = scenario(speed_m_s)
    world = World(settings, family_named(family_name))
    world.place(0, 0.004, yaw_rad)
    for step in range(round(2.0 / speed_m_s / SUBSTEP_S)):
        travel_m = FEED_X_M + step * SUBSTEP_S * speed_m_s
        world.step(is_passing(travel_m - settings.gate.distance_m))
        if world.bin_of(0):
            break
    where = world.bin_of(0)
    world.close()
    return where


@pytest.mark.parametrize('name', FAMILIES)
@pytest.mark.parametrize('speed_m_s', [0.1, 0.3, 0.5])
def test_the_gate_decides_at_every_belt_speed(name, speed_m_s):
    window_m = scenario().gate.window_m
    assert drive(name, speed_m_s, lambda _: False) == 'reject'
    assert drive(name, speed_m_s, lambda beyond_m: abs(beyond_m) < window_m) == 'accept'


@pytest.mark.parametrize('name', FAMILIES)
def test_passing_the_neighbours_does_not_pass_a_reject(name):
    window_m, pitch_m = scenario().gate.window_m, 0.152
    assert drive(name, 0.4, lambda beyond_m: min(abs(beyond_m - pitch_m),
                                                 abs(beyond_m + pitch_m)) < window_m) == 'reject'


@pytest.mark.parametrize('name', FAMILIES)
def test_the_belt_carries_a_part_at_its_speed_and_does_not_turn_it(name):
    world = World(scenario(), family_named(name))
    world.place(1, 0.004, 0.1)
    steps = 140
    for _ in range(steps):
        world.step(passing=False)
    pose = world.pose(1)
    assert pose.position[0] == pytest.approx(FEED_X_M + steps * SUBSTEP_S * 0.4, abs=0.002)
    assert pose.position[1] == pytest.approx(0.004, abs=0.0005)
    assert pose.position[2] == pytest.approx(0.0, abs=0.003)
    assert pose.orientation[2] == pytest.approx(0.05, abs=0.005)
    world.close()


def test_the_flap_rests_in_reject_and_rises_within_a_tenth_of_a_second():
    world = World(scenario(), family_named('plate'))
    for _ in range(48):
        world.step(passing=False)
    assert world.flap_angle_rad() == pytest.approx(1.5, abs=0.05)
    for _ in range(24):
        world.step(passing=True)
    assert world.flap_angle_rad() < 0.6
    world.close()


def test_the_beam_tells_which_part_breaks_it():
    world = World(scenario(), family_named('plate'))
    assert world.beam_broken_by() is None
    world.place(2, 0.0, 0.0)
    for _ in range(144):
        world.step(passing=False)
    assert world.beam_broken_by() == 2
    world.park(2)
    world.step(passing=False)
    assert world.beam_broken_by() is None
    world.close()
