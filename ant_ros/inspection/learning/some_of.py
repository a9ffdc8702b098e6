# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A list of names that stays short in a sentence."""

from collections.abc import Sequence

__all__ = ['some_of']


def some_of(named: Sequence[str], most: int = 5) -> str:
    """Name the first ones, and say how many more there are."""
    left = f' and {len(named) - most} more' if len(named) > most else ''
    return ', '.join(named[:most]) + left
