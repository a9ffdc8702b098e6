# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""After the warm-up a part waits for no compiler."""

import subprocess
import sys

import numpy as np

_SCRIPT = """
import sys
from numba.core.dispatcher import Dispatcher
import numpy as np
from ant_ros.inspection import Inspector


def compiled():
    return {(name, key, signature) for name, module in list(sys.modules.items())
            if name.startswith('ant_ros.inspection') for key, one in vars(module).items()
            if isinstance(one, Dispatcher) for signature in one.signatures}


inspector = Inspector.load(sys.argv[1])
inspector.warm_up()
warm = compiled()
assert warm, 'no kernel was found'
assert inspector.inspect(np.load(sys.argv[2])).reason != 'no part found'
left = compiled() - warm
assert not left, left
"""


def test_nothing_is_left_to_compile(inspector, plate, tmp_path):
    inspector.save(tmp_path / 'recipe')
    bright = plate(1000)
    bright[100:120, 150:170] = 255   # so bright that its light is bounded
    np.save(tmp_path / 'part.npy', bright)
    done = subprocess.run(
        [sys.executable, '-c', _SCRIPT, tmp_path / 'recipe', tmp_path / 'part.npy'],
        capture_output=True, text=True)

    assert not done.returncode, done.stderr[-2000:]
