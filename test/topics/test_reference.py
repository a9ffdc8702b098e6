# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from ant_ros.nodes.reference import reference
from ant_ros.nodes.reference import with_reference

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'nodes.md'


def test_the_reference_on_the_page_is_that_of_the_code():
    text = PAGE.read_text()
    assert with_reference(text) == text, \
        'run: python -m ant_ros.nodes.reference docs/nodes.md'


def test_a_page_without_the_marks_is_refused():
    with pytest.raises(ValueError, match='marks'):
        with_reference('# no marks here\n')


def test_every_parameter_is_described_and_bounded():
    rows = [line.split('|') for line in reference().splitlines()
            if line.startswith('| `') and line.count('|') == 6]
    assert len(rows) > 20
    assert all(len(row[5].strip()) > 10 for row in rows)
