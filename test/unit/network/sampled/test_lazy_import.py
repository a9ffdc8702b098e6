# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The package is light to import."""

import subprocess
import sys

import pytest

import ant_ros.network.sampled as sampled


def test_importing_it_loads_neither_torch_nor_scikit_learn_nor_scipy():
    program = ('import sys; import ant_ros.network.sampled; import ant_ros.network; '
               'print([name for name in ("torch", "sklearn", "scipy") if name in sys.modules])')
    loaded = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True,
                            check=True)

    assert loaded.stdout.strip() == '[]'


@pytest.mark.parametrize('name', sampled.__all__)
def test_every_public_name_is_there(name):
    assert getattr(sampled, name).__name__ == name


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match='no attribute'):
        sampled.SampledTransformer
