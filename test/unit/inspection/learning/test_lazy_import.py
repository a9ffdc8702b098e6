# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What importing rules and learning brings along."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize('package', ['learning', 'rules'])
def test_importing_it_brings_no_heavy_library(package):
    code = (f'import sys, ant_ros.inspection.{package}; '
            "print({'torch', 'numba', 'onnxruntime', 'sklearn', 'rclpy'} & set(sys.modules))")
    run = subprocess.run([sys.executable, '-c', code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == 'set()'
