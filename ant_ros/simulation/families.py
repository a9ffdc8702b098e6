# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The part families that scenarios choose from."""

from ant_ros.simulation.bottle_cap import BOTTLE_CAP
from ant_ros.simulation.family import Family
from ant_ros.simulation.gear import GEAR
from ant_ros.simulation.plate import PLATE

__all__ = ['family_named']

_BY_NAME = {family.name: family for family in (PLATE, BOTTLE_CAP, GEAR)}


def family_named(name: str) -> Family:
    """Return the family of that name."""
    return _BY_NAME[name]
