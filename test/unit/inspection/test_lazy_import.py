# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What importing the package brings along."""

import subprocess
import sys


def test_importing_the_inspection_does_not_import_torch():
    code = 'import sys, ant_ros.inspection; sys.exit("torch" in sys.modules)'

    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0
