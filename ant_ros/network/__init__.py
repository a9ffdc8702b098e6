# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The network: units that compute only where they are woken."""

from ant_ros.network.patch_features import PatchFeatures
from ant_ros.network.sampling import sample_tanh_layer
from ant_ros.network.work import Work

__all__ = ['PatchFeatures', 'Work', 'sample_tanh_layer']
