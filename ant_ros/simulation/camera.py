# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera above the photo-eye: renders parts on the belt and adds what a sensor adds.

PyBullet renders the part alone, bare and supersampled: its shading, its depth and the pixels it
covers. The depth says which point of the part each pixel shows, so that the part's paint is laid
on filtered and without loading a texture into PyBullet, whose CPU renderer neither filters
textures nor takes new pixels for one it has. The belt is a flat strip drawn once at the camera's
resolution; the part is laid over it with its contact shadow. All meshes are made at the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
import math

import cv2
import numpy as np
import pybullet

from ant_ros.simulation.client import Client
from ant_ros.simulation.defect import paint_part
from ant_ros.simulation.defect import shape_of
from ant_ros.simulation.family import Family
from ant_ros.simulation.family import Shape
from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.mesh import TEXTURE_PX
from ant_ros.simulation.part_plan import Light
from ant_ros.simulation.part_plan import PartPlan
from ant_ros.simulation.scenario import CameraSettings
from ant_ros.simulation.surface import PX_PER_MM

__all__ = ['Camera', 'Pose', 'add_noise', 'to_pixels']

_AMBIENT, _DIFFUSE, _SPECULAR = 0.55, 0.45, 0.12
_BELT_COLOUR = np.array([50.0, 66.0, 60.0], np.float32)
_SHADOW_STRENGTH = 0.45
_EDGE_MM = 3.0
"""So much more than its size on the belt may a part cover, seen in perspective."""
_SHADOW_REACH_MM = 8.0
_BARE = 0.8
"""Brightness of the bare part, so that its brightest shading stays below 255."""


Window = tuple[int, int, int, int]
"""Pixels of the image: left, top, right, bottom, the last two exclusive."""


@dataclass(frozen=True)
class Pose:
    """Where a part is: position in m (camera axis at x = y = 0, belt at z = 0), quaternion."""

    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float]


class Camera:
    """Photograph parts of one family; frames are float32 [H, W, 3] in grey levels, noise-free.

    Attributes:
        width: of the image, pixels.
        height: of the image, pixels.
        mm_per_px: on the belt.
        fov_deg: vertical angle of view.
    """

    def __init__(self, family: Family, settings: CameraSettings) -> None:
        self.width, self.height = settings.width, settings.height
        self.mm_per_px = settings.field_width_mm / settings.width
        self._height_m = settings.height_mm / 1000.0
        self._half_height_m = settings.height * self.mm_per_px / 2000.0
        self.fov_deg = math.degrees(2.0 * math.atan(self._half_height_m / self._height_m))
        self._family = family
        self._fine = settings.supersample
        self._belt = _belt_strip(self.height, self.mm_per_px)
        self._client = Client()
        self._bodies = {shape: self._load(family.build(shape))
                        for shape in (None, *family.shapes())}
        self._shown: Shape | None = None
        for shape in self._bodies:
            self._colour(shape, float(shape is None))

    @property
    def k(self) -> np.ndarray:
        """The camera matrix [3, 3] of an ideal pinhole, in pixels."""
        focal = self._height_m * 1000.0 / self.mm_per_px
        return np.array([[focal, 0.0, (self.width - 1) / 2.0],
                         [0.0, focal, (self.height - 1) / 2.0],
                         [0.0, 0.0, 1.0]])

    def close(self) -> None:
        """Give the renderer's memory back."""
        self._client.close()

    def render(self, parts: Sequence[tuple[PartPlan, Pose]], light: Light, belt_phase: float, *,
               with_defects: bool = True) -> np.ndarray:
        """Photograph the given parts on the belt.

        Args:
            parts: those in the field of view.
            light: of the whole scene.
            belt_phase: which stretch of the belt lies under the camera, in 0..1.
            with_defects: False renders the flawless twins instead.
        """
        frame = self._belt_under(belt_phase, light)
        for plan, pose in parts:
            self._lay_part(frame, plan, pose, light, with_defects)
        frame *= _gradient(self.height, self.width, light.gradient)
        return frame

    def belt_phase(self, belt_position_m: float) -> float:
        """Return which stretch of the belt is under the camera after so much travel, in 0..1."""
        strip_m = (self._belt.shape[1] - self.width) * self.mm_per_px / 1000.0
        return 1.0 - belt_position_m / strip_m % 1.0

    def _belt_under(self, phase: float, light: Light) -> np.ndarray:
        start = int(phase * (self._belt.shape[1] - self.width))
        facing = 1.0 / math.sqrt(sum(part * part for part in light.direction))
        level = np.float32(_AMBIENT + _DIFFUSE * facing)
        return self._belt[:, start:start + self.width] * (level * _brightness(light))

    def _lay_part(self, frame: np.ndarray, plan: PartPlan, pose: Pose, light: Light,
                  with_defects: bool) -> None:
        """Render one part and lay it over the frame with its contact shadow, in place."""
        window, around = self._window(pose, _EDGE_MM), self._window(pose, _SHADOW_REACH_MM)
        if window is None or around is None:
            return
        colour, cover = self._render_part(plan, pose, light, with_defects, window)
        frame[_slices(around)] *= 1.0 - self._shadow(cover, window, around)
        patch = frame[_slices(window)]
        patch *= (1.0 - cover)[..., None]
        patch += colour

    def _shadow(self, cover: np.ndarray, window: Window, around: Window) -> np.ndarray:
        """Return how much of the light a part's contact shadow takes, [h, w, 1] around it."""
        left, top, right, bottom = around
        cast = np.zeros((bottom - top, right - left), np.float32)
        cast[window[1] - top:window[3] - top, window[0] - left:window[2] - left] = cover
        soft = cv2.GaussianBlur(cast, (0, 0), 2.2 / self.mm_per_px)
        shift = np.array([[1, 0, -1.2 / self.mm_per_px], [0, 1, 1.6 / self.mm_per_px]])
        shadow = cv2.warpAffine(soft, shift, (right - left, bottom - top))
        return _SHADOW_STRENGTH * shadow[..., None]

    def _window(self, pose: Pose, margin_mm: float) -> Window | None:
        """Return the pixels around a part, None when it is out of view."""
        x_mm, y_mm = pose.position[0] * 1000.0, pose.position[1] * 1000.0
        half_x, half_y = (half + margin_mm for half in self._half_size_mm(pose))
        left = (x_mm - half_x) / self.mm_per_px + self.width / 2
        right = (x_mm + half_x) / self.mm_per_px + self.width / 2
        top = (-y_mm - half_y) / self.mm_per_px + self.height / 2
        bottom = (-y_mm + half_y) / self.mm_per_px + self.height / 2
        window = (max(0, math.floor(left)), max(0, math.floor(top)),
                  min(self.width, math.ceil(right)), min(self.height, math.ceil(bottom)))
        return window if window[0] < window[2] and window[1] < window[3] else None

    def _half_size_mm(self, pose: Pose) -> tuple[float, float]:
        """Return half the extent along x and y of a turned part."""
        length, width, _ = self._family.size_mm
        if self._family.is_round:
            return length / 2, length / 2
        turn = pybullet.getMatrixFromQuaternion(pose.orientation)
        return (abs(turn[0]) * length / 2 + abs(turn[1]) * width / 2,
                abs(turn[3]) * length / 2 + abs(turn[4]) * width / 2)

    def _render_part(self, plan: PartPlan, pose: Pose, light: Light, with_defects: bool,
                     window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return a part's colour [h, w, 3] times its cover, and the cover [h, w] in 0..1."""
        defect = plan.defect if with_defects else None
        texture = paint_part(self._family, plan.look, defect)
        self._client.resetBasePositionAndOrientation(self._show(shape_of(self._family, defect)),
                                                     pose.position, pose.orientation)
        left, top, right, bottom = window
        width, height = (right - left) * self._fine, (bottom - top) * self._fine
        _, _, rgba, depth, body_of = self._client.getCameraImage(
            width, height, self._view(), self._projection(window), lightDirection=light.direction,
            lightColor=(1.0, 1.0, 1.0), lightDistance=1.0, shadow=0, lightAmbientCoeff=_AMBIENT,
            lightDiffuseCoeff=_DIFFUSE, lightSpecularCoeff=_SPECULAR,
            renderer=pybullet.ER_TINY_RENDERER)
        cover = (np.reshape(body_of, (height, width)) >= 0).astype(np.float32)
        shading = np.reshape(rgba, (height, width, 4))[..., 0] * cover / (255.0 * _BARE)
        texels = self._texels(np.reshape(depth, (height, width)), pose, window)
        paint = cv2.remap(texture, *texels, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        size = (right - left, bottom - top)
        colour = cv2.resize(paint * shading[..., None], size, interpolation=cv2.INTER_AREA)
        return colour * _brightness(light), cv2.resize(cover, size, interpolation=cv2.INTER_AREA)

    def _texels(self, depth: np.ndarray, pose: Pose,
                window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return column and row in the texture of the point that each fine pixel shows."""
        near, far = self._near_far()
        distance = near * far / (far - (far - near) * depth)
        rays_x, rays_y = self._rays(window)
        x = distance * rays_x - np.float32(pose.position[0])
        y = distance * rays_y - np.float32(pose.position[1])
        z = np.float32(self._height_m - pose.position[2]) - distance
        # Rows of the transposed rotation: from the belt's frame into the part's.
        turn = np.array(pybullet.getMatrixFromQuaternion(pose.orientation), np.float32)
        turn = turn.reshape(3, 3) * np.float32(1000.0 * PX_PER_MM)
        middle = np.float32((TEXTURE_PX - 1) / 2.0)
        return (turn[0, 0] * x + turn[1, 0] * y + turn[2, 0] * z + middle,
                middle - (turn[0, 1] * x + turn[1, 1] * y + turn[2, 1] * z))

    def _rays(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the slopes dx/dz [w] and dy/dz [h, 1] of the rays of a window's fine pixels."""
        left, top, right, bottom = window
        slope = self.mm_per_px / 1000.0 / self._height_m / self._fine
        columns = np.arange(left * self._fine, right * self._fine) + 0.5
        rows = np.arange(top * self._fine, bottom * self._fine) + 0.5
        return (((columns - self.width * self._fine / 2.0) * slope).astype(np.float32),
                ((self.height * self._fine / 2.0 - rows) * slope).astype(np.float32)[:, None])

    def _near_far(self) -> tuple[float, float]:
        return 0.8 * self._height_m, 1.05 * self._height_m

    def _view(self) -> list[float]:
        return pybullet.computeViewMatrix([0, 0, self._height_m], [0, 0, 0], [0, 1, 0])

    def _projection(self, window: Window) -> list[float]:
        """Return the part of the camera's frustum that falls on a window of pixels."""
        left, top, right, bottom = window
        near, far = self._near_far()
        scale = self.mm_per_px / 1000.0 * near / self._height_m
        return pybullet.computeProjectionMatrix(
            (left - self.width / 2) * scale, (right - self.width / 2) * scale,
            (self.height / 2 - bottom) * scale, (self.height / 2 - top) * scale,
            near, far)

    def _load(self, mesh: Mesh) -> int:
        visual = create_visual(self._client, mesh)
        return self._client.createMultiBody(baseMass=0.0, baseVisualShapeIndex=visual)

    def _show(self, shape: Shape | None) -> int:
        """Make one mesh the visible one: the renderer skips those whose alpha is 0."""
        if shape != self._shown:
            self._colour(self._shown, 0.0)
            self._colour(shape, 1.0)
            self._shown = shape
        return self._bodies[shape]

    def _colour(self, shape: Shape | None, alpha: float) -> None:
        self._client.changeVisualShape(self._bodies[shape], -1,
                                       rgbaColor=(_BARE, _BARE, _BARE, alpha))


def _slices(window: Window) -> tuple[slice, slice]:
    left, top, right, bottom = window
    return slice(top, bottom), slice(left, right)


def _brightness(light: Light) -> np.ndarray:
    """Return the factors [3] that a light has on the colour channels."""
    return np.float32(light.gain) * np.array(light.colour, np.float32)


def create_visual(client: Client, mesh: Mesh) -> int:
    """Create the visual shape of a mesh (its millimetres become metres)."""
    return client.createVisualShape(
        pybullet.GEOM_MESH, vertices=(mesh.vertices / 1000.0).tolist(),
        indices=mesh.triangles.ravel().tolist(), uvs=mesh.texture_coordinates().tolist(),
        normals=mesh.normals.tolist(), specularColor=(1.0, 1.0, 1.0))


def add_noise(frame: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Return the image [H, W, 3] uint8 that a sensor with Gaussian noise makes of a frame."""
    return to_pixels(frame + sigma * rng.standard_normal(frame.shape, dtype=np.float32))


def to_pixels(values: np.ndarray) -> np.ndarray:
    """Round grey levels to uint8."""
    return np.clip(values + 0.5, 0.0, 255.0).astype(np.uint8)


@lru_cache(maxsize=4)
def _belt_strip(height: int, mm_per_px: float) -> np.ndarray:
    """Draw a stretch of belt [height, 4096, 3]: a woven rubber with wear, evenly lit."""
    length = 4096
    rng = np.random.default_rng(716)
    x = np.arange(length) * mm_per_px
    y = np.arange(height)[:, None] * mm_per_px
    weave = np.sin(2 * np.pi * (x + y) / 2.6) * np.sin(2 * np.pi * (x - y) / 2.6)
    fine = cv2.GaussianBlur(rng.standard_normal((height, length)), (0, 0), 0.8)
    wear = cv2.GaussianBlur(rng.standard_normal((height, length)), (0, 0), 14.0, sigmaY=5.0)
    wear = wear / wear.std()
    shade = 1.0 + 0.07 * weave + 0.06 * fine + 0.03 * wear
    return (_BELT_COLOUR * shade[..., None]).astype(np.float32)


@lru_cache(maxsize=4)
def _ramps(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None, None]
    return x, y, 1.0 - 0.05 * (x * x + y * y)


def _gradient(height: int, width: int, gradient: tuple[float, float]) -> np.ndarray:
    """Return the fall-off of light and lens over the frame, [H, W, 1]."""
    x, y, vignette = _ramps(height, width)
    return vignette * (1.0 + gradient[0] * x + gradient[1] * y)
