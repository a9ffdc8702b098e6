# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the launch files need and can be checked without ROS launch."""

import ast
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

LAUNCH = Path(__file__).resolve().parents[2] / 'launch'


@pytest.mark.parametrize('path', sorted(LAUNCH.glob('*.launch.py')), ids=lambda path: path.name)
def test_a_launch_file_parses_and_has_a_parameter_file_beside_it(path):
    functions = {node.name for node in ast.walk(ast.parse(path.read_text()))
                 if isinstance(node, ast.FunctionDef)}
    assert 'generate_launch_description' in functions
    assert path.with_name(path.name.replace('.launch.py', '.yaml')).is_file()


@pytest.mark.parametrize('path', sorted(LAUNCH.glob('*.yaml')), ids=lambda path: path.name)
def test_a_parameter_file_names_nodes_by_wildcard(path):
    # A full name would be ignored in silence as soon as somebody sets a namespace.
    for node, content in yaml.safe_load(path.read_text()).items():
        assert node.startswith('/**/')
        assert set(content) == {'ros__parameters'}


def test_the_camera_profile_makes_the_segment_larger_than_a_frame():
    root = ElementTree.parse(LAUNCH / 'large_images.xml').getroot()
    sizes = [int(element.text) for element in root.iter() if element.tag.endswith('segment_size')]
    assert sizes and min(sizes) > 10 * 640 * 480 * 3
