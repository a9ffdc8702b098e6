# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated inspection line: parts, defects, camera and gate in PyBullet; no ROS."""

from .line import Ended
from .line import Event
from .line import InspectionLine
from .line import Triggered
from .scenario import DEFECT_CLASSES
from .scenario import FAMILIES
from .scenario import load_scenario
from .scenario import make_scenario
from .scenario import Scenario
from .scenario import scenario_names
from .scenario import ScenarioError
from .truth import PartTruth

__all__ = ['DEFECT_CLASSES', 'FAMILIES', 'Ended', 'Event', 'InspectionLine', 'PartTruth',
           'Scenario', 'ScenarioError', 'Triggered', 'load_scenario', 'make_scenario',
           'scenario_names']
