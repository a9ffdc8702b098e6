# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated inspection line: parts, defects, camera and gate in PyBullet; no ROS.

PyBullet is imported when the line is first asked for: who reads a scenario does not need it.
"""

from typing import TYPE_CHECKING

from ant_ros.lazy_names import lazy_names
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

__getattr__ = lazy_names(__name__, {
    'Ended': 'line', 'Event': 'line', 'InspectionLine': 'line', 'Triggered': 'line',
    'PartTruth': 'truth'})


def __dir__() -> list[str]:
    return sorted(__all__)
