# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Make the inspectors that are measured."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

import numpy as np

from ant_ros.inspection import Inspector

__all__ = ['inspector_teacher']


def inspector_teacher(name: str, **options: Any) -> Callable[[Sequence[np.ndarray]], Inspector]:
    """Return what teaches an Inspector.

    Args:
        name: Of the product.
        options: Of `Inspector.teach`.
    """
    def teach(good: Sequence[np.ndarray]) -> Inspector:
        return Inspector.teach(good, name=name, **options)

    return teach
