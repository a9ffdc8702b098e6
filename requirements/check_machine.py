# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Say what is missing on this machine before anything is installed.

Runs on any Python 3, prints one clear message for each cause with its cure, and exits 1.
"""

import importlib.util
import os
import platform
import shutil
import sys
import sysconfig


def complaints():
    """Return what stands in the way, one sentence each; an empty list when nothing does."""
    version = '{}.{}'.format(*sys.version_info[:2])
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        return ['Python {} is not supported: ROS 2 Jazzy has wheels for Python 3.10 to 3.13. '
                'Install one of these and name it: make PYTHON=python3.11 demo'.format(version)]
    found = []
    if platform.machine() != 'x86_64' or sys.platform != 'linux':
        found.append('ROS 2 wheels exist for x86-64 Linux only, this is {} {}. On such a robot '
                     'install ROS 2 Jazzy from its own packages and build with colcon '
                     '(see README.md).'.format(platform.machine(), sys.platform))
    if importlib.util.find_spec('ensurepip') is None:
        found.append('this Python cannot make virtual environments: '
                     'sudo apt install python{}-venv'.format(version))
    if sys.version_info >= (3, 12):
        found += compiler_complaints(version)
    return found


def compiler_complaints(version):
    """Return what PyBullet's build lacks: it has no wheel from Python 3.12 on."""
    missing = []
    if not (os.environ.get('CXX') or shutil.which('g++') or shutil.which('c++')):
        missing.append('g++')
    header = os.path.join(sysconfig.get_paths()['include'], 'Python.h')
    if not os.path.exists(header):
        missing.append('python{}-dev'.format(version))
    if missing:
        return ['PyBullet has no wheel for Python {} and must be compiled (about 4 minutes), '
                'which needs: sudo apt install {}. Or use Python 3.10 or 3.11: '
                'make PYTHON=python3.11 demo'.format(version, ' '.join(missing))]
    print('PyBullet has no wheel for Python {}: it will be compiled once, '
          'about 4 minutes.'.format(version))
    return []


if __name__ == '__main__':
    problems = complaints()
    for problem in problems:
        print('ant_ros cannot be set up here: ' + problem, file=sys.stderr)
    sys.exit(1 if problems else 0)
