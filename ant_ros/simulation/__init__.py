# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated inspection line: parts, defects, camera and gate in PyBullet; no ROS.

PyBullet is imported when the line is first asked for: who reads a scenario does not need it.
"""

import importlib
from typing import Any
from typing import TYPE_CHECKING

from ant_ros.simulation.scenario import DEFECT_CLASSES
from ant_ros.simulation.scenario import FAMILIES
from ant_ros.simulation.scenario import load_scenario
from ant_ros.simulation.scenario import make_scenario
from ant_ros.simulation.scenario import Scenario
from ant_ros.simulation.scenario import scenario_names
from ant_ros.simulation.scenario import ScenarioError

if TYPE_CHECKING:
    from ant_ros.simulation.line import Ended
    from ant_ros.simulation.line import Event
    from ant_ros.simulation.line import InspectionLine
    from ant_ros.simulation.line import Triggered
    from ant_ros.simulation.truth import PartTruth

__all__ = ['DEFECT_CLASSES', 'FAMILIES', 'Ended', 'Event', 'InspectionLine', 'PartTruth',
           'Scenario', 'ScenarioError', 'Triggered', 'load_scenario', 'make_scenario',
           'scenario_names']

_HOMES = {'Ended': 'line', 'Event': 'line', 'InspectionLine': 'line', 'Triggered': 'line',
          'PartTruth': 'truth'}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(importlib.import_module(f'{__name__}.{_HOMES[name]}'), name)


def __dir__() -> list[str]:
    return sorted(__all__)
