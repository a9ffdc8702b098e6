# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector that learns on the line: inspector, learner, rules and memory as one."""

from ant_ros.inspection.online.drift_monitor import DriftMonitor
from ant_ros.inspection.online.label_desk import LabelDesk
from ant_ros.inspection.online.label_desk import ledger_path
from ant_ros.inspection.online.learning_error import LearningError
from ant_ros.inspection.online.online_inspector import OnlineInspector
from ant_ros.inspection.online.online_verdict import OnlineVerdict

__all__ = [
    'DriftMonitor',
    'LabelDesk',
    'LearningError',
    'OnlineInspector',
    'OnlineVerdict',
    'ledger_path',
]
