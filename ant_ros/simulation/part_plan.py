# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What part number i is: its pose, light, look and defect, drawn from the seed alone."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ant_ros.simulation.defect import DefectPlan
from ant_ros.simulation.defect import shape_of
from ant_ros.simulation.family import Family
from ant_ros.simulation.scenario import Scenario
from ant_ros.simulation.surface import Look
from ant_ros.simulation.surface import Smudge

__all__ = ['Light', 'PartPlan', 'Role', 'plan_part']

Role = Literal['teach', 'inspect']
_STREAMS = {'pose': 0, 'light': 1, 'look': 2, 'defect': 3, 'noise': 4}


@dataclass(frozen=True)
class Light:
    """How the scene is lit when a part is photographed."""

    gain: float
    colour: tuple[float, float, float]
    direction: tuple[float, float, float]
    gradient: tuple[float, float]


@dataclass(frozen=True)
class PartPlan:
    """Everything about a part that does not come from the physics."""

    part_id: str
    role: Role
    index: int
    lateral_m: float
    yaw_rad: float
    delay_m: float
    belt_phase: float
    light: Light
    look: Look
    defect: DefectPlan | None
    noise_seed: tuple[int, ...]


def plan_part(scenario: Scenario, family: Family, seed: int, role: Role, index: int) -> PartPlan:
    """Draw part `index` (from 0) of a role; the same arguments give the same part."""
    def stream(name: str) -> np.random.Generator:
        return np.random.default_rng(_entropy(seed, role, index, name))

    pose = stream('pose')
    lateral_mm, yaw_deg, delay = pose.uniform(-1.0, 1.0, 3) * [
        scenario.pose.lateral_mm, scenario.pose.yaw_deg, scenario.belt.pitch_jitter_m]
    return PartPlan(
        part_id=f'teach-{index + 1:04d}' if role == 'teach' else f'part-{index + 1:06d}',
        role=role, index=index, lateral_m=float(lateral_mm) / 1000.0,
        yaw_rad=float(np.radians(yaw_deg)), delay_m=float(delay),
        belt_phase=float(pose.uniform()), light=_light(scenario, seed, role, index,
                                                       stream('light')),
        look=_look(scenario, family, stream('look')),
        defect=_defect(scenario, family, index, stream('defect')) if role == 'inspect' else None,
        noise_seed=_entropy(seed, role, index, 'noise'))


def _entropy(seed: int, role: Role, index: int, stream: str) -> tuple[int, ...]:
    return (seed, 0 if role == 'teach' else 1, index, _STREAMS[stream])


def _light(scenario: Scenario, seed: int, role: Role, index: int,
           rng: np.random.Generator) -> Light:
    knobs = scenario.lighting
    place = index - scenario.teach_parts if role == 'teach' else index
    # A phase that depends on the seed only, so that the drift is one curve over the shift.
    phase = np.random.default_rng((seed, 2)).uniform(0.0, 2.0 * np.pi, 3)
    slow = np.sin(2.0 * np.pi * place / knobs.drift_period_parts + phase)
    gain = 1.0 + knobs.drift * slow[0] + knobs.flicker * float(np.clip(rng.normal(), -3.0, 3.0))
    warm = knobs.colour_drift * slow[1]
    azimuth = 0.9 + 0.3 * knobs.drift * slow[2]
    heading = 0.6 + slow[2]
    return Light(
        gain=float(max(gain, 0.05)), colour=(float(1.0 + warm), 1.0, float(1.0 - warm)),
        direction=(float(0.45 * np.cos(azimuth)), float(0.45 * np.sin(azimuth)), 1.0),
        gradient=(float(knobs.gradient * np.cos(heading)),
                  float(knobs.gradient * np.sin(heading))))


def _look(scenario: Scenario, family: Family, rng: np.random.Generator) -> Look:
    knobs = scenario.cosmetic
    row, column = rng.integers(0, 1024, 2)
    grain_deg, tone, print_x, print_y = rng.uniform(-1.0, 1.0, 4) * [
        knobs.grain_deg, knobs.tone, knobs.print_offset_mm, knobs.print_offset_mm]
    reach = np.array(family.size_mm[:2]) * 0.45
    smudges = []
    for _ in range(rng.integers(0, knobs.smudges + 1)):
        x_mm, y_mm = rng.uniform(-reach, reach)
        strength = rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 1.0) * knobs.smudge_strength
        smudges.append(Smudge(float(x_mm), float(y_mm), float(rng.uniform(3.0, 7.0)),
                              float(strength)))
    return Look((int(row), int(column)), float(np.radians(grain_deg)), float(tone),
                (float(print_x), float(print_y)), tuple(smudges), scenario.texture.variation)


def _defect(scenario: Scenario, family: Family, index: int,
            rng: np.random.Generator) -> DefectPlan | None:
    if rng.random() >= scenario.defect_rate:
        return None
    seen = [d for d in scenario.defects if d.appears_after * scenario.parts <= index]
    shares = np.array([defect.share for defect in seen])
    chosen = seen[rng.choice(len(seen), p=shares / shares.sum())]
    places = {'deformation': family.bends,
              'missing_feature': family.painted_features + family.shaped_features}
    place = int(rng.integers(places.get(chosen.kind, 1)))
    severity = float(rng.uniform(*chosen.severity))
    plan = DefectPlan(chosen.kind, severity, place, int(rng.integers(2**31)))
    shape = shape_of(family, plan)
    # Shapes come in steps: the truth states the step that is shown.
    return plan if shape is None else dataclasses.replace(plan, severity=shape.degree)
