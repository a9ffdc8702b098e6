# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An overview picture of the line: conveyor, camera, gate, bins and the parts where they are.

It has a PyBullet world of its own, made for one picture and closed after it.
"""

from collections.abc import Sequence
from pathlib import Path
import tempfile

import cv2
import numpy as np
import pybullet

from ant_ros.simulation.camera import Pose
from ant_ros.simulation.camera import to_pixels
from ant_ros.simulation.client import Client
from ant_ros.simulation.defect import paint_part
from ant_ros.simulation.defect import shape_of
from ant_ros.simulation.family import Family
from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.part_plan import PartPlan
from ant_ros.simulation.scenario import Scenario
from ant_ros.simulation.world import belt_end_m
from ant_ros.simulation.world import Bin
from ant_ros.simulation.world import urdf

__all__ = ['draw_line']

_WIDTH, _HEIGHT, _FINE = 1280, 720, 2
_EYE, _TARGET, _VIEW_DEG = (1.06, -1.30, 0.98), (0.31, 0.0, 0.01), 33.0
_LIGHT = (-0.9, -1.0, 2.2)
_FLOOR_Z_M = -0.41
_BIN_CENTRE_M = {'reject': 0.045, 'accept': 0.268}
_BIN_HALF_M = {'reject': 0.035, 'accept': 0.09}
_TOP, _BOTTOM = np.array([226.0, 230.0, 234.0]), np.array([190.0, 194.0, 198.0])


def draw_line(scenario: Scenario, family: Family, travelling: Sequence[tuple[PartPlan, Pose]],
              ended: Sequence[tuple[PartPlan, Bin]], flap_rad: float) -> np.ndarray:
    """Draw the line as an image [720, 1280, 3] uint8.

    Args:
        scenario: where gate and photo-eye are.
        family: of the parts.
        travelling: parts on their way, where they are.
        ended: parts in the bins, in the order in which they fell.
        flap_rad: angle of the gate's flap.
    """
    client = Client()
    try:
        _build_scene(client, scenario, family, flap_rad)
        with tempfile.TemporaryDirectory() as folder:
            heap = _heap(ended, belt_end_m(scenario))
            for plan, pose in [*travelling, *heap]:
                _place_part(client, family, plan, pose, Path(folder) / f'{plan.part_id}.png')
            return _render(client)
    finally:
        client.close()


def _build_scene(client: Client, scenario: Scenario, family: Family, flap_rad: float) -> None:
    end = (belt_end_m(scenario), 0.0, 0.0)
    for name in ('belt', 'frame', 'accept_bin', 'reject_bin'):
        client.loadURDF(urdf(name), end, useFixedBase=True)
    gate = client.loadURDF(urdf('gate'), end, useFixedBase=True)
    client.resetJointState(gate, 0, flap_rad)
    client.loadURDF(urdf('camera_station'), useFixedBase=True)
    client.loadURDF(urdf('photo_eye'), (family.size_mm[0] / 2000.0, 0.0, 0.0), useFixedBase=True)
    for name, centre_m in _BIN_CENTRE_M.items():
        _label(client, name.upper(), (end[0] + centre_m, -0.1145, -0.29))


def _label(client: Client, text: str, position: tuple[float, float, float]) -> None:
    """Fix a plate with a word to the side of a bin."""
    image = np.full((64, 192, 3), 245, np.uint8)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.3, 4)
    cv2.putText(image, text, ((192 - width) // 2, (64 + height) // 2), cv2.FONT_HERSHEY_SIMPLEX,
                1.3, (40, 40, 40), 4, cv2.LINE_AA)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f'{text}.png'
        cv2.imwrite(str(file), image)
        texture = client.loadTexture(str(file))
    corners = [(-0.06, 0.0, -0.02), (0.06, 0.0, -0.02), (0.06, 0.0, 0.02), (-0.06, 0.0, 0.02)]
    plate = client.createVisualShape(
        pybullet.GEOM_MESH, vertices=corners, indices=[0, 1, 2, 0, 2, 3],
        uvs=[(0, 0), (1, 0), (1, 1), (0, 1)], normals=[(0, -1, 0)] * 4)
    body = client.createMultiBody(0.0, baseVisualShapeIndex=plate, basePosition=position)
    client.changeVisualShape(body, -1, textureUniqueId=texture)


def _place_part(client: Client, family: Family, plan: PartPlan, pose: Pose, file: Path) -> None:
    texture = to_pixels(paint_part(family, plan.look, plan.defect))
    cv2.imwrite(str(file), np.ascontiguousarray(texture[..., ::-1]))
    mesh = family.build(shape_of(family, plan.defect))
    body = client.createMultiBody(0.0, baseVisualShapeIndex=_visual(client, mesh),
                                  basePosition=pose.position, baseOrientation=pose.orientation)
    client.changeVisualShape(body, -1, textureUniqueId=client.loadTexture(str(file)))


def _visual(client: Client, mesh: Mesh) -> int:
    """Create the visual shape of a mesh (its millimetres become metres)."""
    return client.createVisualShape(
        pybullet.GEOM_MESH, vertices=(mesh.vertices / 1000.0).tolist(),
        indices=mesh.triangles.ravel().tolist(), uvs=mesh.texture_coordinates().tolist(),
        normals=mesh.normals.tolist(), specularColor=(1.0, 1.0, 1.0))


def _heap(ended: Sequence[tuple[PartPlan, Bin]],
          end_m: float) -> list[tuple[PartPlan, Pose]]:
    """Lay the ended parts into their bins; how they tumbled there is not simulated."""
    heap = []
    layers = dict.fromkeys(_BIN_CENTRE_M, 0)
    for plan, where in ended:
        if where not in layers:
            continue
        rng = np.random.default_rng((plan.index, len(plan.part_id)))
        along, across, yaw = rng.uniform(-1.0, 1.0, 3) * [_BIN_HALF_M[where], 0.06, np.pi]
        tilt = rng.normal(0.0, 0.16, 2)
        height_m = _FLOOR_Z_M + 0.05 + 0.012 * min(layers[where] // 3, 12)
        layers[where] += 1
        heap.append((plan, Pose(
            (end_m + _BIN_CENTRE_M[where] + float(along), float(across), height_m),
            pybullet.getQuaternionFromEuler((float(tilt[0]), float(tilt[1]), float(yaw))))))
    return heap


def _render(client: Client) -> np.ndarray:
    view = pybullet.computeViewMatrix(_EYE, _TARGET, (0.0, 0.0, 1.0))
    projection = pybullet.computeProjectionMatrixFOV(_VIEW_DEG, _WIDTH / _HEIGHT, 0.4, 8.0)
    width, height = _WIDTH * _FINE, _HEIGHT * _FINE
    _, _, rgba, _, body_of = client.getCameraImage(
        width, height, view, projection, lightDirection=_LIGHT, lightColor=(1.0, 1.0, 0.98),
        lightDistance=5.0, shadow=0, lightAmbientCoeff=0.60, lightDiffuseCoeff=0.55,
        lightSpecularCoeff=0.10, renderer=pybullet.ER_TINY_RENDERER)
    colour = np.reshape(rgba, (height, width, 4))[..., :3].astype(np.float32)
    share = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None, None]
    backdrop = (_TOP + (_BOTTOM - _TOP) * share).astype(np.float32)
    colour = np.where(np.reshape(body_of, (height, width, 1)) < 0, backdrop, colour)
    return to_pixels(cv2.resize(colour, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA))
