# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a node is, in a level, a sentence and figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
import enum

__all__ = ['Health', 'Level']


class Level(enum.Enum):
    """The levels of diagnostic_msgs/DiagnosticStatus, as they are on the wire."""

    OK = b'\x00'
    WARN = b'\x01'
    ERROR = b'\x02'
    STALE = b'\x03'


@dataclass(frozen=True)
class Health:
    """What a diagnostics task reports."""

    level: Level
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
