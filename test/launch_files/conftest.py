# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The tests of the launch files watch the topics with the fixtures of the topic tests."""

import importlib.util
from pathlib import Path

_PATH = Path(__file__).resolve().parents[1] / 'topics' / 'conftest.py'
_SPEC = importlib.util.spec_from_file_location('topic_fixtures', _PATH)
_FIXTURES = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_FIXTURES)

ros = _FIXTURES.ros

ros_domain = _FIXTURES.ros_domain
