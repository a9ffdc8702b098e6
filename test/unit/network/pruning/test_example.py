# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The example does what its text says."""

from pathlib import Path
import re
import runpy

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'prune_and_lay_out.py'


def test_the_example_prunes_and_lays_out(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out
    sizes = [(int(n), float(share)) for n, share in
             re.findall(r'(\d+) synapses, ([\d.]+)% right', printed)]
    assert sizes[1][0] <= 0.6 * sizes[0][0]
    assert sizes[1][1] >= sizes[0][1] - 2.0
    assert 'ms per input' in printed
    assert 'measure anew with tune_layout()' in printed
    answer, truth = re.search(r'asynchronously: a (\d), in truth a (\d)', printed).groups()
    assert answer == truth
