# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import importlib

import pytest

from ant_ros.lazy_names import lazy_names

PACKAGES = ['ant_ros.network', 'ant_ros.network.pruning', 'ant_ros.network.temporal',
            'ant_ros.network.sampled', 'ant_ros.simulation']


def test_a_name_comes_from_its_module_and_no_other_is_known():
    find = lazy_names('ant_ros.network', {'Work': 'work'})

    assert find('Work').__module__ == 'ant_ros.network.work'
    with pytest.raises(AttributeError, match="has no attribute 'Toil'"):
        find('Toil')


@pytest.mark.parametrize('name', PACKAGES)
def test_every_public_name_of_a_package_is_there(name):
    package = importlib.import_module(name)

    assert all(getattr(package, one) is not None for one in package.__all__)
    assert not hasattr(package, 'nothing')
