# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Killed at any moment: ledger, recipe and archive open, and no acknowledged label is missing."""

import json
import os
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[4]
KILLS = 5


def test_nothing_acknowledged_is_lost(inspector, tmp_path):
    inspector.save(tmp_path / 'recipe')
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name('crash_rounds.py')), str(tmp_path),
         str(KILLS), '7'], capture_output=True, text=True, timeout=100,
        env=os.environ | {'PYTHONPATH': str(ROOT)})

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures['kills'] == KILLS
    assert figures['acknowledged'] >= KILLS
