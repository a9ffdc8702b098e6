# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Visual inspection for ROS 2 on an asynchronous neural network."""

__all__ = ['__version__']

__version__ = '0.1.0'
