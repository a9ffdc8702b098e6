# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import cv2
import pytest
import torch

from ant_ros.bench.one_thread import one_thread


def test_threads_are_one_inside_and_as_before_outside():
    before = cv2.getNumThreads(), torch.get_num_threads()
    cv2.setNumThreads(3)
    torch.set_num_threads(2)
    try:
        with pytest.raises(RuntimeError), one_thread():
            assert (cv2.getNumThreads(), torch.get_num_threads()) == (1, 1)
            raise RuntimeError
        assert (cv2.getNumThreads(), torch.get_num_threads()) == (3, 2)
    finally:
        cv2.setNumThreads(before[0])
        torch.set_num_threads(before[1])
