# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A PyBullet world of its own, without a window."""

import functools
from typing import Any

import pybullet

__all__ = ['Client']


class Client:
    """Give PyBullet's functions with the client's number filled in.

    `client.stepSimulation()` is `pybullet.stepSimulation(physicsClientId=...)`.
    """

    def __init__(self) -> None:
        self._id = pybullet.connect(pybullet.DIRECT)
        if self._id < 0:
            raise RuntimeError('PyBullet opened no world: it allows about 1000 per process; '
                               'close lines that are no longer used')

    def __getattr__(self, name: str) -> Any:
        function = functools.partial(getattr(pybullet, name), physicsClientId=self._id)
        setattr(self, name, function)
        return function

    def close(self) -> None:
        """Give the world's memory back; calling it again does nothing."""
        if self._id >= 0:
            pybullet.disconnect(self._id)
            self._id = -1
