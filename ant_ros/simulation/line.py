# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated inspection line: feeder, belt, photo-eye, camera, gate and bins."""

from dataclasses import dataclass
import math
from types import TracebackType

import numpy as np

from ant_ros.simulation.camera import add_noise
from ant_ros.simulation.camera import Camera
from ant_ros.simulation.camera import Pose
from ant_ros.simulation.families import family_named
from ant_ros.simulation.part_plan import PartPlan
from ant_ros.simulation.part_plan import plan_part
from ant_ros.simulation.picture import draw_line
from ant_ros.simulation.scenario import Scenario
from ant_ros.simulation.truth import compare
from ant_ros.simulation.truth import good_part
from ant_ros.simulation.truth import PartTruth
from ant_ros.simulation.world import Bin
from ant_ros.simulation.world import FEED_X_M
from ant_ros.simulation.world import SUBSTEP_S
from ant_ros.simulation.world import World

__all__ = ['Ended', 'Event', 'InspectionLine', 'Triggered']

_LOST_AFTER = 2.0
"""A part that takes this many times as long as belt travel needs is jammed: it counts as lost."""
_SHOWN_IN_BINS = 60
"""The parts that ended last are remembered for the picture."""


@dataclass(frozen=True)
class Triggered:
    """A part broke the photo-eye's beam and was photographed."""

    part_id: str
    time_s: float
    image: np.ndarray
    truth: PartTruth


@dataclass(frozen=True)
class Ended:
    """A part came to its physical end."""

    part_id: str
    time_s: float
    bin: Bin
    truth: PartTruth


Event = Triggered | Ended


@dataclass
class _Travelling:
    """A part on the line."""

    plan: PartPlan
    slot: int
    fed_s: float
    truth: PartTruth | None = None


class InspectionLine:
    """Run a scenario in steps of simulated time.

    Which parts come, their images and their truth follow from the scenario and the seed alone;
    where they end follows from the gate commands.

    Attributes:
        scenario: as given.
        camera: the camera above the photo-eye.
        feeding: False holds the feeder back, the belt runs on.

    Example:
        >>> from ant_ros.simulation import InspectionLine, Triggered, load_scenario
        >>> with InspectionLine(load_scenario('demo'), seed=7, parts=1) as line:
        ...     while not line.finished:
        ...         for event in line.step():
        ...             if isinstance(event, Triggered):
        ...                 pass  # event.image goes to the inspector
    """

    def __init__(self, scenario: Scenario, *, seed: int = 0, parts: int | None = None) -> None:
        """Build the line.

        Args:
            scenario: what to simulate.
            seed: 0 or more; the same seed gives the same parts.
            parts: number of inspected parts, the scenario's by default.

        Raises:
            ValueError: seed or parts is out of range.
        """
        if seed < 0:
            raise ValueError(f'seed must be 0 or more, got {seed}')
        if parts is not None and parts < 0:
            raise ValueError(f'parts must be 0 or more, got {parts}')
        self.scenario = scenario
        self.feeding = True
        self._seed = seed
        self._family = family_named(scenario.family)
        self._to_feed = scenario.teach_parts + (scenario.parts if parts is None else parts)
        self._world = World(scenario, self._family)
        self.camera = Camera(self._family, scenario.camera)
        self._noise = np.random.default_rng((seed, 3))
        self._substep = 0
        self._substeps_per_tick = max(1, round(scenario.tick_s / SUBSTEP_S))
        self._pitch_substeps = round(scenario.belt.pitch_m / (scenario.belt.speed_m_s * SUBSTEP_S))
        self._fed = 0
        self._next_slot_at = 0
        self._waiting: tuple[int, PartPlan] | None = None
        self._travelling: dict[int, _Travelling] = {}
        self._beam_was_broken_by: int | None = None
        self._pass_until_s = -math.inf
        self._in_bins: list[tuple[PartPlan, Bin]] = []

    def __enter__(self) -> 'InspectionLine':
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory of the physics back; calling it again does nothing."""
        self._world.close()

    @property
    def time_s(self) -> float:
        """Simulated time since the start."""
        return self._substep * SUBSTEP_S

    @property
    def belt_speed_m_s(self) -> float:
        """Speed of the belt."""
        return self.scenario.belt.speed_m_s

    @property
    def belt_position_m(self) -> float:
        """How far the belt has travelled since the start."""
        return self.time_s * self.belt_speed_m_s

    @property
    def flap_angle_rad(self) -> float:
        """Angle of the gate's flap below horizontal: about 0.45 passes, 1.5 rejects."""
        return self._world.flap_angle_rad()

    @property
    def finished(self) -> bool:
        """Whether all parts have been fed and have ended."""
        return self._fed >= self._to_feed and not self._travelling and self._waiting is None

    def command_gate(self, passing: bool) -> None:
        """Command the flap up (passing) or down; a pass holds for the scenario's timeout only."""
        timeout_s = self.scenario.gate.command_timeout_s
        self._pass_until_s = self.time_s + timeout_s if passing else -math.inf

    def step(self) -> tuple[Event, ...]:
        """Advance by one tick and return what happened, in order."""
        events: list[Event] = []
        for _ in range(self._substeps_per_tick):
            self._feed(events)
            self._world.step(passing=self.time_s < self._pass_until_s)
            self._substep += 1
            self._watch_beam(events)
            self._watch_ends(events)
        return tuple(events)

    def photograph(self) -> np.ndarray:
        """Return what the camera sees now, [H, W, 3] uint8 RGB with noise."""
        parts = [(part.plan, self._world.pose(slot)) for slot, part in self._travelling.items()]
        parts = [(plan, pose) for plan, pose in parts if abs(pose.position[0]) < 0.2]
        parts.sort(key=lambda part: abs(part[1].position[0]))
        light = parts[0][0].light if parts else self._plan(max(self._fed - 1, 0)).light
        frame = self.camera.render(parts, light,
                                   self.camera.belt_phase(self.belt_position_m))
        return add_noise(frame, self.scenario.noise.sigma, self._noise)

    def picture(self) -> np.ndarray:
        """Return an overview of the line as it is now, [H, W, 3] uint8 RGB."""
        parts = [(part.plan, self._world.pose(slot)) for slot, part in self._travelling.items()]
        return draw_line(self.scenario, self._family, parts, self._in_bins,
                         self.flap_angle_rad)

    def _plan(self, number: int) -> PartPlan:
        """Return the plan of the part fed as `number`, from 0: teach parts come first."""
        teach_parts = self.scenario.teach_parts
        if number < teach_parts:
            return plan_part(self.scenario, self._family, self._seed, 'teach', number)
        return plan_part(self.scenario, self._family, self._seed, 'inspect', number - teach_parts)

    def _feed(self, events: list[Event]) -> None:
        """Release the next part once per pitch of belt travel, early or late by its jitter."""
        if self._waiting is None and self._substep >= self._next_slot_at:
            # Slots stay a whole pitch apart also after the feeder was held.
            missed = (self._substep - self._next_slot_at) // self._pitch_substeps
            start = self._next_slot_at + missed * self._pitch_substeps
            if self.feeding and self._fed < self._to_feed and start == self._substep:
                plan = self._plan(self._fed)
                jitter_m = plan.delay_m + self.scenario.belt.pitch_jitter_m
                delay = round(jitter_m / (self.belt_speed_m_s * SUBSTEP_S))
                self._waiting = (self._substep + delay, plan)
                self._next_slot_at = start + self._pitch_substeps
        if self._waiting is not None and self._substep >= self._waiting[0]:
            self._release(self._waiting[1], events)
            self._waiting = None

    def _release(self, plan: PartPlan, events: list[Event]) -> None:
        slot = self._fed % self._world.slots
        if slot in self._travelling:
            self._end(slot, 'lost', events)
        self._world.place(slot, plan.lateral_m, plan.yaw_rad)
        self._travelling[slot] = _Travelling(plan, slot, self.time_s)
        self._fed += 1

    def _watch_beam(self, events: list[Event]) -> None:
        slot = self._world.beam_broken_by()
        if slot is not None and slot != self._beam_was_broken_by and slot in self._travelling:
            events.append(self._trigger(self._travelling[slot]))
        self._beam_was_broken_by = slot

    def _trigger(self, part: _Travelling) -> Triggered:
        image, part.truth = self._photograph_part(part.plan, self._world.pose(part.slot))
        return Triggered(part.plan.part_id, self.time_s, image, part.truth)

    def _photograph_part(self, plan: PartPlan, pose: Pose) -> tuple[np.ndarray, PartTruth]:
        parts = [(plan, pose)]
        frame = self.camera.render(parts, plan.light, plan.belt_phase)
        truth = good_part(plan)
        if plan.defect is not None:
            twin = self.camera.render(parts, plan.light, plan.belt_phase, with_defects=False)
            truth = compare(plan, frame, twin, self.scenario)
        noise = np.random.default_rng(plan.noise_seed)
        return add_noise(frame, self.scenario.noise.sigma, noise), truth

    def _watch_ends(self, events: list[Event]) -> None:
        to_gate_m = self.scenario.gate.distance_m - FEED_X_M
        for slot, part in list(self._travelling.items()):
            travel_m = (self.time_s - part.fed_s) * self.belt_speed_m_s
            if travel_m < 0.9 * to_gate_m:  # still on the belt
                continue
            end = self._world.bin_of(slot)
            if end is None and travel_m > _LOST_AFTER * (to_gate_m + 0.3):
                end = 'lost'
            if end is not None:
                self._end(slot, end, events)

    def _end(self, slot: int, where: Bin, events: list[Event]) -> None:
        part = self._travelling.pop(slot)
        self._in_bins.append((part.plan, where))
        del self._in_bins[:-_SHOWN_IN_BINS]
        self._world.park(slot)
        events.append(Ended(part.plan.part_id, self.time_s, where,
                            part.truth or good_part(part.plan)))
