# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arguments that are one number or two."""

from collections.abc import Sequence

__all__ = ['pair']


def pair(value: int | Sequence[int]) -> tuple[int, int]:
    """Return (vertical, horizontal)."""
    if isinstance(value, int):
        return value, value
    values = tuple(int(v) for v in value)
    return (values[0], values[-1])
