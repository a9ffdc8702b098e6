# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Refusal of numbers that are none."""

import numpy as np

__all__ = ['check_finite']


def check_finite(name: str, values: np.ndarray) -> None:
    """Raise a ValueError that says how many of the values are NaN or infinite."""
    with np.errstate(over='ignore', invalid='ignore'):
        total = values.sum()
    # One sum finds them all without a temporary array; only then it is worth counting.
    if not np.isfinite(total) and (wrong := int((~np.isfinite(values)).sum())):
        raise ValueError(f'{name} hold {wrong} values that are NaN or infinite: '
                         'leave these rows out or fill them in')
