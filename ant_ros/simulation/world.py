# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The physics of the line: belt, flap, bins and a pool of parts.

Belt travel is +x. The camera's axis meets the belt at the origin, and the photo-eye's beam lies
half a part further on, so that a part is under the camera when its front edge breaks the beam.
Nothing is created once the line runs.
"""

import math
from typing import Literal

import pybullet

from ant_ros.share import share_directory
from ant_ros.simulation.camera import Pose
from ant_ros.simulation.client import Client
from ant_ros.simulation.family import Family
from ant_ros.simulation.scenario import Scenario

__all__ = ['FEED_X_M', 'SUBSTEP_S', 'Bin', 'World', 'belt_end_m', 'urdf']

Bin = Literal['accept', 'reject', 'lost']

SUBSTEP_S = 1.0 / 240.0
FEED_X_M = -0.24
_BEAM_HEIGHT_M = 0.0015  # low enough for the thinnest part
_DROP_M = 0.0008  # the feeder lets parts fall from this height
_FLAP_DOWN_RAD, _FLAP_UP_RAD = 1.50, 0.45
_FLAP_SPEED_RAD_S, _FLAP_EFFORT_NM = 25.0, 2.0
_BIN_WALL_M = 0.128
_IN_BIN_Z_M = -0.19
_FLOOR_Z_M = -0.41
_CORNERS = 36  # of the prism that stands for a disc
_PARKED_M = (5.0, 1.0)  # x and z, away from everything
_COMMIT_M = 0.02
"""So far beyond the belt's end a part's centre is when the flap decides where it goes."""


class World:
    """Step the physics and say where parts are.

    Attributes:
        slots: how many parts can be on the line at once.
    """

    def __init__(self, scenario: Scenario, family: Family) -> None:
        self._client = Client()
        self._family = family
        self._speed_m_s = scenario.belt.speed_m_s
        self._end_m = belt_end_m(scenario)
        self._beam_m = family.size_mm[0] / 2000.0
        self._client.setGravity(0.0, 0.0, -9.81)
        # A fixed number of iterations: no part's motion depends on which others are there.
        self._client.setPhysicsEngineParameter(
            fixedTimeStep=SUBSTEP_S, numSolverIterations=10, solverResidualThreshold=0.0,
            deterministicOverlappingPairs=1)
        self._belt = self._load('belt')
        self._load('frame')
        self._load('accept_bin')
        self._load('reject_bin')
        self._flap = self._load('gate')
        self._drive_flap(passing=False)
        self._floor()
        travel_m = self._end_m - FEED_X_M + 0.2
        self.slots = math.ceil(travel_m / scenario.belt.pitch_m) + 2
        self._bodies = self._make_bodies()
        for slot in range(self.slots):
            self.park(slot)
        self._slot_of = {body: slot for slot, body in enumerate(self._bodies)}

    def close(self) -> None:
        """Give the physics' memory back."""
        self._client.close()

    def place(self, slot: int, lateral_m: float, yaw_rad: float) -> None:
        """Lay the part of a slot onto the belt at the feeder, moving with the belt."""
        height_m = self._family.size_mm[2] / 2000.0 + _DROP_M
        self._weigh(slot, self._family.mass_kg)
        self._client.resetBasePositionAndOrientation(
            self._bodies[slot], (FEED_X_M, lateral_m, height_m),
            (0.0, 0.0, math.sin(yaw_rad / 2.0), math.cos(yaw_rad / 2.0)))
        self._client.resetBaseVelocity(self._bodies[slot], (self._speed_m_s, 0.0, 0.0), (0, 0, 0))

    def park(self, slot: int) -> None:
        """Take the part of a slot off the line; without mass it hangs still and costs no time."""
        self._weigh(slot, 0.0)
        self._client.resetBasePositionAndOrientation(
            self._bodies[slot], self._parking(slot), (0.0, 0.0, 0.0, 1.0))
        self._client.resetBaseVelocity(self._bodies[slot], (0, 0, 0), (0, 0, 0))

    def step(self, passing: bool) -> None:
        """Advance by SUBSTEP_S with the flap driven up (passing) or down."""
        # A body of mass 0 with a velocity drags parts along but drifts, so it is put back.
        self._client.resetBasePositionAndOrientation(self._belt, (self._end_m, 0, 0), (0, 0, 0, 1))
        self._client.resetBaseVelocity(self._belt, (self._speed_m_s, 0, 0))
        if passing != self._passing:
            self._drive_flap(passing)
        self._client.stepSimulation()

    def beam_broken_by(self) -> int | None:
        """Return the slot whose part breaks the photo-eye's beam, None when it is clear."""
        (body, *_), = self._client.rayTest((self._beam_m, -0.06, _BEAM_HEIGHT_M),
                                           (self._beam_m, 0.06, _BEAM_HEIGHT_M))
        return self._slot_of.get(body)

    def pose(self, slot: int) -> Pose:
        """Return where the underside's centre of a part is, rounded to 0.1 micrometre."""
        position, turn = self._client.getBasePositionAndOrientation(self._bodies[slot])
        lift = self._family.size_mm[2] / 2000.0
        up = pybullet.getMatrixFromQuaternion(turn)[2::3]
        x, y, z = (round(centre - lift * share, 7)
                   for centre, share in zip(position, up, strict=True))
        qx, qy, qz, qw = (round(part, 7) for part in turn)
        return Pose((x, y, z), (qx, qy, qz, qw))

    def flap_angle_rad(self) -> float:
        """Return the flap's angle below horizontal."""
        return self._client.getJointState(self._flap, 0)[0]

    def bin_of(self, slot: int) -> Bin | None:
        """Return where the part of a slot has ended, None while it is on its way."""
        x, y, z = self._client.getBasePositionAndOrientation(self._bodies[slot])[0]
        if z > _IN_BIN_Z_M:
            return None
        beyond = x - self._end_m
        if abs(y) < 0.11 and -0.03 < beyond < _BIN_WALL_M:
            return 'reject'
        if abs(y) < 0.11 and _BIN_WALL_M <= beyond < 0.40:
            return 'accept'
        return 'lost'

    def _drive_flap(self, passing: bool) -> None:
        self._passing = passing
        self._client.setJointMotorControl2(
            self._flap, 0, pybullet.POSITION_CONTROL,
            targetPosition=_FLAP_UP_RAD if passing else _FLAP_DOWN_RAD,
            force=_FLAP_EFFORT_NM, maxVelocity=_FLAP_SPEED_RAD_S)

    def _load(self, name: str) -> int:
        return self._client.loadURDF(urdf(name), (self._end_m, 0, 0), useFixedBase=True)

    def _floor(self) -> None:
        shape = self._client.createCollisionShape(pybullet.GEOM_PLANE)
        self._client.createMultiBody(0.0, shape, basePosition=(0, 0, _FLOOR_Z_M))

    def _make_bodies(self) -> list[int]:
        shape = self._collision_shape()
        bodies = []
        for slot in range(self.slots):
            body = self._client.createMultiBody(self._family.mass_kg, shape,
                                                basePosition=self._parking(slot))
            self._client.changeDynamics(body, -1, lateralFriction=0.6, rollingFriction=1e-5,
                                        restitution=0.0)
            bodies.append(body)
        return bodies

    def _collision_shape(self) -> int:
        length, width, height = (size / 1000.0 for size in self._family.size_mm)
        if not self._family.is_round:
            return self._client.createCollisionShape(
                pybullet.GEOM_BOX, halfExtents=(length / 2, width / 2, height / 2))
        # Bullet's own cylinder would sink into the belt by half its height: it is so flat.
        angles = [2.0 * math.pi * corner / _CORNERS for corner in range(_CORNERS)]
        prism = [(length / 2 * math.cos(angle), length / 2 * math.sin(angle), z)
                 for z in (-height / 2, height / 2) for angle in angles]
        return self._client.createCollisionShape(pybullet.GEOM_MESH, vertices=prism)

    def _weigh(self, slot: int, mass_kg: float) -> None:
        self._client.changeDynamics(self._bodies[slot], -1, mass=mass_kg)

    def _parking(self, slot: int) -> tuple[float, float, float]:
        return (_PARKED_M[0], 0.15 * slot, _PARKED_M[1])


def belt_end_m(scenario: Scenario) -> float:
    """Return where the belt ends, so that the gate is at its distance from the photo-eye."""
    return scenario.gate.distance_m - _COMMIT_M


def urdf(name: str) -> str:
    """Return the path of one of the scene's URDF files."""
    return str(share_directory() / 'sim' / 'urdf' / f'{name}.urdf')
