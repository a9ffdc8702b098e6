# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The camera above the photo-eye: renders parts on the belt and adds what a sensor adds.

A part's paint is lit texel by texel by means of its relief, then laid into the image: for each
supersampled pixel the point of the relief that it shows is looked up. Parts lie flat, so that a
relief has all that the camera can see of them, save walls. The belt is a flat strip drawn once at
the camera's resolution; the part is laid over it with its contact shadow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
import math

import cv2
import numpy as np
import pybullet

from ant_ros.simulation.defect import paint_part
from ant_ros.simulation.defect import shape_of
from ant_ros.simulation.family import Family
from ant_ros.simulation.family import Shape
from ant_ros.simulation.mesh import TEXTURE_PX
from ant_ros.simulation.part_plan import Light
from ant_ros.simulation.part_plan import PartPlan
from ant_ros.simulation.relief import draw_relief
from ant_ros.simulation.relief import Relief
from ant_ros.simulation.scenario import CameraSettings
from ant_ros.simulation.surface import PX_PER_MM

__all__ = ['Camera', 'Pose', 'add_noise', 'to_pixels']

_AMBIENT, _DIFFUSE, _SPECULAR = 0.55, 0.45, 0.12
_BELT_PX = 4096
_BELT_COLOUR = np.array([50.0, 66.0, 60.0], np.float32)
_SHADOW_STRENGTH = 0.45
_EDGE_MM = 3.0
"""So much more than its size on the belt may a part cover, seen in perspective."""
_SHADOW_REACH_MM = 8.0

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

    @property
    def k(self) -> np.ndarray:
        """The camera matrix [3, 3] of an ideal pinhole, in pixels."""
        focal = self._height_m * 1000.0 / self.mm_per_px
        return np.array([[focal, 0.0, (self.width - 1) / 2.0],
                         [0.0, focal, (self.height - 1) / 2.0],
                         [0.0, 0.0, 1.0]])

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
        frame *= _three(_gradient(self.height, self.width, light.gradient))
        return frame

    def belt_phase(self, belt_position_m: float) -> float:
        """Return which stretch of the belt is under the camera after so much travel, in 0..1."""
        strip_m = (_BELT_PX - self.width) * self.mm_per_px / 1000.0
        return 1.0 - belt_position_m / strip_m % 1.0

    def _belt_under(self, phase: float, light: Light) -> np.ndarray:
        start = int(phase * (_BELT_PX - self.width))
        facing = 1.0 / math.sqrt(sum(part * part for part in light.direction))
        level = np.float32(_AMBIENT + _DIFFUSE * facing)
        # Rows of mixed channels: numpy is slow at an innermost axis of three.
        under = self._belt[:, 3 * start:3 * (start + self.width)]
        lit = under * np.tile(level * _brightness(light), self.width)
        return lit.reshape(self.height, self.width, 3)

    def _lay_part(self, frame: np.ndarray, plan: PartPlan, pose: Pose, light: Light,
                  with_defects: bool) -> None:
        """Render one part and lay it over the frame with its contact shadow, in place."""
        window, around = self._window(pose, _EDGE_MM), self._window(pose, _SHADOW_REACH_MM)
        if window is None or around is None:
            return
        colour, cover = self._render_part(plan, pose, light, with_defects, window)
        frame[_slices(around)] *= _three(1.0 - self._shadow(cover, window, around))
        patch = frame[_slices(window)]
        patch *= _three(1.0 - cover)
        patch += colour

    def _shadow(self, cover: np.ndarray, window: Window, around: Window) -> np.ndarray:
        """Return how much of the light a part's contact shadow takes, [h, w] around it."""
        left, top, right, bottom = around
        cast = np.zeros((bottom - top, right - left), np.float32)
        cast[window[1] - top:window[3] - top, window[0] - left:window[2] - left] = cover
        soft = cv2.GaussianBlur(cast, (0, 0), 2.2 / self.mm_per_px)
        shift = np.array([[1, 0, -1.2 / self.mm_per_px], [0, 1, 1.6 / self.mm_per_px]])
        shadow = cv2.warpAffine(soft, shift, (right - left, bottom - top))
        return _SHADOW_STRENGTH * shadow

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
        relief = _relief(self._family, shape_of(self._family, defect))
        turn = np.reshape(pybullet.getMatrixFromQuaternion(pose.orientation), (3, 3))
        lit = _shading(relief, turn, light.direction) * relief.cover
        paint = cv2.split(paint_part(self._family, plan.look, defect))
        layers = cv2.merge([
            *(plane * (lit * share) for plane, share in zip(paint, _brightness(light),
                                                            strict=True)), relief.cover])
        fine = cv2.remap(layers, *self._texels(relief, turn, pose, window), cv2.INTER_LINEAR)
        left, top, right, bottom = window
        seen = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        return seen[..., :3], seen[..., 3]

    def _texels(self, relief: Relief, turn: np.ndarray, pose: Pose,
                window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return column and row in the texture of the point that each fine pixel shows."""
        rays_x, rays_y = self._rays(window)
        scale, middle = 1000.0 * PX_PER_MM, (TEXTURE_PX - 1) / 2.0
        yaw = math.atan2(turn[1, 0], turn[0, 0])
        cos, sin = scale * math.cos(yaw), scale * math.sin(yaw)
        x, y, z = pose.position
        # A point so far below the camera lies at distance * ray; from there into the part's frame.
        column_per_m = np.float32(cos) * rays_x + np.float32(sin) * rays_y
        row_per_m = np.float32(sin) * rays_x - np.float32(cos) * rays_y
        column_0 = np.float32(middle - cos * x - sin * y)
        row_0 = np.float32(middle - sin * x + cos * y)

        def at(heights_mm: np.ndarray | np.floating) -> tuple[np.ndarray, np.ndarray]:
            distance = np.float32(self._height_m - z) - heights_mm * np.float32(0.001)
            return distance * column_per_m + column_0, distance * row_per_m + row_0

        # Where a ray meets the relief depends on the height there: begin at the highest.
        first = cv2.remap(relief.heights_mm, *at(np.float32(relief.top_mm)), cv2.INTER_LINEAR)
        second = cv2.remap(relief.heights_mm, *at(first), cv2.INTER_LINEAR)
        # On a slope this closes in from above; at a wall it swings, and the foot shows the wall.
        return at(np.minimum(first, second))

    def _rays(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the slopes dx/dz [w] and dy/dz [h, 1] of the rays of a window's fine pixels."""
        left, top, right, bottom = window
        slope = self.mm_per_px / 1000.0 / self._height_m / self._fine
        columns = np.arange(left * self._fine, right * self._fine) + 0.5
        rows = np.arange(top * self._fine, bottom * self._fine) + 0.5
        return (((columns - self.width * self._fine / 2.0) * slope).astype(np.float32),
                ((self.height * self._fine / 2.0 - rows) * slope).astype(np.float32)[:, None])


def _three(values: np.ndarray) -> np.ndarray:
    """Repeat values [H, W] for each colour channel, [H, W, 3]; faster than broadcasting."""
    return cv2.merge([values] * 3)


def _slices(window: Window) -> tuple[slice, slice]:
    left, top, right, bottom = window
    return slice(top, bottom), slice(left, right)


def _brightness(light: Light) -> np.ndarray:
    """Return the factors [3] that a light has on the colour channels."""
    return np.float32(light.gain) * np.array(light.colour, np.float32)


@lru_cache(maxsize=4)
def _relief(family: Family, shape: Shape | None) -> Relief:
    return draw_relief(family.build(shape))


def _shading(relief: Relief, turn: np.ndarray,
             direction: tuple[float, float, float]) -> np.ndarray:
    """Return how bright a turned relief is under a distant light, [S, S], after Phong."""
    light = np.array(direction) / np.linalg.norm(direction)
    # Rows of the transposed rotation: from the belt's frame into the part's.
    facing, up = (sum(plane * share for plane, share in zip(
        relief.normals, towards.astype(np.float32), strict=True))
        for towards in (light @ turn, turn[2]))
    np.maximum(facing, 0.0, out=facing)
    gleam = np.maximum(2.0 * facing * up - np.float32(light[2]), 0.0)
    return _AMBIENT + _DIFFUSE * facing + _SPECULAR * gleam * gleam


def add_noise(frame: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Return the image [H, W, 3] uint8 that a sensor with Gaussian noise makes of a frame."""
    noisy = rng.standard_normal(frame.shape, dtype=np.float32)
    noisy *= sigma
    noisy += frame
    return to_pixels(noisy)


def to_pixels(values: np.ndarray) -> np.ndarray:
    """Round grey levels to uint8."""
    rounded = values + 0.5
    return np.clip(rounded, 0.0, 255.0, out=rounded).astype(np.uint8)


@lru_cache(maxsize=4)
def _belt_strip(height: int, mm_per_px: float) -> np.ndarray:
    """Draw a stretch of belt: a woven rubber with wear, evenly lit.

    Returns:
        Rows of pixels, [height, 3 * _BELT_PX].
    """
    rng = np.random.default_rng(716)
    x = np.arange(_BELT_PX) * mm_per_px
    y = np.arange(height)[:, None] * mm_per_px
    weave = np.sin(2 * np.pi * (x + y) / 2.6) * np.sin(2 * np.pi * (x - y) / 2.6)
    fine = cv2.GaussianBlur(rng.standard_normal((height, _BELT_PX)), (0, 0), 0.8)
    wear = cv2.GaussianBlur(rng.standard_normal((height, _BELT_PX)), (0, 0), 14.0, sigmaY=5.0)
    wear = wear / wear.std()
    shade = 1.0 + 0.07 * weave + 0.06 * fine + 0.03 * wear
    return (_BELT_COLOUR * shade[..., None]).astype(np.float32).reshape(height, -1)


@lru_cache(maxsize=4)
def _ramps(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :]
    y = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None]
    return x, y, 1.0 - 0.05 * (x * x + y * y)


def _gradient(height: int, width: int, gradient: tuple[float, float]) -> np.ndarray:
    """Return the fall-off of light and lens over the frame, [H, W]."""
    x, y, vignette = _ramps(height, width)
    return vignette * (1.0 + gradient[0] * x + gradient[1] * y)
