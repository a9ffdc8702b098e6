# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Triangle meshes of parts, made from outlines and grids.

Lengths are in millimetres; z = 0 is the belt. The texture is projected straight down onto the
part, so that the texture coordinates follow from x and y alone.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ['TEXTURE_PX', 'TEXTURE_SPAN_MM', 'Mesh', 'lattice', 'merge', 'smooth_normals']

TEXTURE_PX = 384
TEXTURE_SPAN_MM = 64.0


@dataclass(frozen=True)
class Mesh:
    """Vertices [N, 3] in mm, unit normals [N, 3] and triangles [M, 3] as vertex indices."""

    vertices: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray

    def texture_coordinates(self) -> np.ndarray:
        """Project the vertices onto the texture, [N, 2] in 0..1."""
        return 0.5 + self.vertices[:, :2] / TEXTURE_SPAN_MM


def lattice(points: np.ndarray, *, closed: bool = False,
            shading: Literal['smooth', 'flat'] = 'smooth') -> Mesh:
    """Join a lattice of points [R, C, 3] to a surface.

    Seen from outside, columns run counter-clockwise and rows outwards.

    Args:
        points: the lattice.
        closed: whether the last column is joined to the first.
        shading: `flat` gives every cell its own normal.
    """
    if closed:
        points = np.concatenate([points, points[:, :1]], axis=1)
    rows, columns = points.shape[:2]
    if shading == 'flat':
        corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], 2)
        vertices = corners.reshape(-1, 3)
        first = np.arange(0, len(vertices), 4)[:, None]
    else:
        vertices = points.reshape(-1, 3)
        first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).reshape(-1, 1)
    offsets = (0, 1, 2, 3) if shading == 'flat' else (0, 1, columns + 1, columns)
    a, b, c, d = (first + offset for offset in offsets)
    triangles = np.concatenate([np.hstack([a, c, b]), np.hstack([a, d, c])])
    return Mesh(vertices, smooth_normals(vertices, triangles), triangles)


def smooth_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Average the normals of the faces around each vertex, weighted by their area."""
    corners = vertices[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], faces)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 0.0, normals / np.maximum(length, 1e-12), [0.0, 0.0, 1.0])


def merge(*meshes: Mesh) -> Mesh:
    """Put meshes into one."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.triangles + start
                        for mesh, start in zip(meshes, starts, strict=True)]))
