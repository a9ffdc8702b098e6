# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Named places of a product, in pixels of its golden image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

__all__ = ['ELSEWHERE', 'Zone', 'inside', 'locate']

ELSEWHERE = 'elsewhere'
"""Where most of a region lies in no zone."""

Point = tuple[float, float]
_MAIN_SHARE = 0.5


class Zone(BaseModel):
    """A rectangle or a polygon in the golden image; x goes right, y goes down.

    Attributes:
        rectangle: Left, top, width and height in pixels.
        polygon: Corners x, y in pixels, at least three, in either direction.
    """

    model_config = ConfigDict(extra='forbid', frozen=True, allow_inf_nan=False)

    rectangle: tuple[float, float, Annotated[float, Field(gt=0)],
                     Annotated[float, Field(gt=0)]] | None = None
    polygon: Annotated[tuple[Point, ...], Field(min_length=3)] | None = None

    @model_validator(mode='after')
    def _check(self) -> Zone:
        if (self.rectangle is None) == (self.polygon is None):
            raise ValueError('a zone has either rectangle: [left, top, width, height] or '
                             'polygon: [[x, y], ...]')
        if self.polygon is not None and _area(np.array(self.polygon)) == 0:
            raise ValueError('the polygon has no area')
        return self

    @property
    def corners(self) -> np.ndarray:
        """Corners [E, 2]."""
        if self.polygon is not None:
            return np.array(self.polygon)
        assert self.rectangle is not None
        left, top, width, height = self.rectangle
        right, bottom = left + width, top + height
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def inside(zone: Zone, points: np.ndarray) -> np.ndarray:
    """Say which points [N, 2] lie in a zone, by the parity of the edges to their right.

    Returns:
        bool [N].
    """
    start = zone.corners[None]
    end = np.roll(zone.corners, -1, axis=0)[None]
    x, y = points[:, :1], points[:, 1:2]
    straddles = (start[..., 1] > y) != (end[..., 1] > y)
    rise = np.where(end[..., 1] == start[..., 1], 1.0, end[..., 1] - start[..., 1])
    crossing = start[..., 0] + (y - start[..., 1]) * (end[..., 0] - start[..., 0]) / rise
    return (straddles & (x < crossing)).sum(axis=1) % 2 == 1


def locate(zones: Mapping[str, Zone], pixels: np.ndarray) -> tuple[str, tuple[str, ...]]:
    """Say where a region lies.

    Args:
        zones: The table of zones; of zones with equal shares the first one counts.
        pixels: Columns and rows [N, 2] in the golden image.

    Returns:
        The zone that holds at least half of it, else `ELSEWHERE`, and all zones that it touches.
    """
    shares = {name: float(inside(zone, pixels).mean()) for name, zone in zones.items()}
    touches = tuple(name for name, share in shares.items() if share > 0)
    main = max(shares, key=shares.__getitem__, default=ELSEWHERE)
    return (main if shares.get(main, 0.0) >= _MAIN_SHARE else ELSEWHERE), touches


def _area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
