# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a node offers and asks for on the ROS graph, as a table."""

from dataclasses import dataclass
from typing import Literal

__all__ = ['Endpoint']


@dataclass(frozen=True)
class Endpoint:
    """One topic or service of a node; `name` is as in the code, before any remapping."""

    kind: Literal['subscription', 'publisher', 'service']
    name: str
    type: str
    qos: str
    note: str
