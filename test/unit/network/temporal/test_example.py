# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The example does what its text says."""

from pathlib import Path
import runpy

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'temporal_clusters.py'


def test_the_example_finds_the_kinds_and_proposes_them(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    assert '60 flaws, 3 clusters' in printed
    for kind in ('scratch', 'stain', 'dent'):
        assert f'{kind} -> {kind} (' in printed
    assert 'crack -> unknown' in printed
