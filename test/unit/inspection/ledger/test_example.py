# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The example does what its text says."""

from pathlib import Path
import runpy

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'ask_the_ledger.py'


def test_the_example_explains_a_part(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')
    printed = capsys.readouterr().out

    assert printed.startswith('part 4711 was passed')
    assert 'made by ana' in printed
    assert 'learned by then: 1 good' in printed
