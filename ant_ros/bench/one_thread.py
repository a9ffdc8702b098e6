# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measurements on one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import cv2

__all__ = ['one_thread']


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep OpenCV, BLAS and torch to one thread, and give back what they had.

    Raises:
        ImportError: threadpoolctl is not installed.
    """
    import torch
    try:
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError('measuring on one thread needs threadpoolctl, which is not installed: '
                          'pip install threadpoolctl') from error
    before = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(before[0])
        torch.set_num_threads(before[1])
