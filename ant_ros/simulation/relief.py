# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The relief of a part seen straight from above: its heights, its normals, and where it is.

A relief lies on the grid of the texture, so that paint and shading meet texel by texel. It is
drawn once for each mesh; what faces sideways or down has no place in it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from ant_ros.simulation.mesh import Mesh
from ant_ros.simulation.mesh import TEXTURE_PX
from ant_ros.simulation.mesh import TEXTURE_SPAN_MM

__all__ = ['Relief', 'draw_relief']

_FINE = 2
"""Triangles are drawn this much larger and then averaged."""
_FRACTION_BITS = 4
_LEAST_FACING = 1e-3
"""Triangles whose normals have a smaller z than this are walls."""


@dataclass(frozen=True)
class Relief:
    """What a part looks like from above, without its paint.

    Attributes:
        heights_mm: above the belt, [S, S]; they go on for a texel beyond the part's edges, so
            that they can be interpolated there.
        normals: unit vectors as planes of x, y and z, [3, S, S].
        cover: where the part is, [S, S] in 0..1.
        top_mm: the greatest height.
    """

    heights_mm: np.ndarray
    normals: np.ndarray
    cover: np.ndarray
    top_mm: float


def draw_relief(mesh: Mesh) -> Relief:
    """Draw the relief of a mesh."""
    owner = _owners(mesh)
    seen = owner >= 0
    corners = mesh.triangles[owner[seen]]
    weights = _weights(mesh.vertices[corners][..., :2],
                       _positions_mm(seen)).astype(np.float32)
    size = (TEXTURE_PX, TEXTURE_PX)

    def averaged(values: np.ndarray) -> np.ndarray:
        field = np.zeros((*seen.shape, values.shape[1]), np.float32)
        field[seen] = np.einsum('ijk,ij->ik', values.astype(np.float32)[corners], weights)
        return cv2.resize(field, size, interpolation=cv2.INTER_AREA)

    cover = cv2.resize(seen.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    share = np.maximum(cover, 1e-6)
    heights = averaged(mesh.vertices[:, 2:]) / share
    beyond = cv2.dilate(heights, np.ones((3, 3), np.uint8))
    normals = averaged(mesh.normals)
    normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-6)
    return Relief(np.where(cover > 0.0, heights, beyond), np.array(cv2.split(normals)), cover,
                  top_mm=float(heights.max()))


def _owners(mesh: Mesh) -> np.ndarray:
    """Return the number of the triangle seen at each point of the fine grid, -1 beside them."""
    corners = mesh.vertices[mesh.triangles]
    sides = corners[:, 1:] - corners[:, :1]
    normals = np.cross(sides[:, 0], sides[:, 1])
    up = np.flatnonzero(normals[:, 2] > _LEAST_FACING * np.linalg.norm(normals, axis=1))
    # The painter's order: higher triangles hide lower ones.
    up = up[np.argsort(corners[up, :, 2].mean(axis=1), kind='stable')]
    scale = TEXTURE_PX * _FINE / TEXTURE_SPAN_MM
    pixels = (corners[up, :, :2] * [1, -1] + TEXTURE_SPAN_MM / 2) * scale - 0.5
    canvas = np.full((TEXTURE_PX * _FINE, TEXTURE_PX * _FINE), -1, np.int32)
    for number, points in zip(up.tolist(), np.rint(pixels * 2**_FRACTION_BITS).astype(np.int32),
                              strict=True):
        cv2.fillConvexPoly(canvas, points, number, cv2.LINE_8, _FRACTION_BITS)
    return canvas


def _positions_mm(seen: np.ndarray) -> np.ndarray:
    """Return x and y [N, 2] in mm of the points of the fine grid that are set."""
    rows, columns = np.nonzero(seen)
    scale = TEXTURE_PX * _FINE / TEXTURE_SPAN_MM
    return np.stack([(columns + 0.5) / scale - TEXTURE_SPAN_MM / 2,
                     TEXTURE_SPAN_MM / 2 - (rows + 0.5) / scale], axis=1)


def _weights(corners: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the weights [N, 3] of the corners [N, 3, 2] of a triangle at a point [N, 2] of it."""
    to = corners - points[:, None]
    areas = np.stack([_cross(to[:, 1], to[:, 2]), _cross(to[:, 2], to[:, 0]),
                      _cross(to[:, 0], to[:, 1])], axis=1)
    # Drawn triangles reach over their edges by a part of a pixel.
    areas = np.maximum(areas, 0.0)
    return areas / np.maximum(areas.sum(axis=1, keepdims=True), 1e-12)


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
