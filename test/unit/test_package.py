# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import ast
from pathlib import Path
import subprocess
import sys
from xml.etree import ElementTree

import ant_ros

ROOT = Path(__file__).resolve().parents[2]


def test_one_version_number_everywhere():
    manifest = ElementTree.parse(ROOT / 'package.xml').getroot().findtext('version')
    printed = subprocess.run(
        [sys.executable, 'setup.py', '--version'], cwd=ROOT, capture_output=True, text=True,
        check=True).stdout.split()[-1]
    assert manifest == printed == ant_ros.__version__


def test_importing_the_package_pulls_in_nothing_heavy():
    code = ("import sys, ant_ros; print([m for m in ('torch', 'rclpy', 'pybullet', 'cv2', 'numpy')"
            ' if m in sys.modules])')
    printed = subprocess.run(
        [sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ast.literal_eval(printed) == []


def test_every_console_script_exists():
    tree = ast.parse((ROOT / 'setup.py').read_text())
    scripts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)
               and isinstance(node.value, str) and ' = ant_ros' in node.value]
    assert len(scripts) == 6
    for script in scripts:
        module, function = script.split(' = ')[1].split(':')
        path = ROOT.joinpath(*module.split('.'))
        module_file = path.with_suffix('.py')
        source = module_file if module_file.exists() else path / '__init__.py'
        names = {node.name for node in ast.parse(source.read_text()).body
                 if isinstance(node, ast.FunctionDef)}
        assert function in names, f'{script}: {source} has no function {function}'
