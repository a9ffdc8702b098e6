# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An image is known again by its pixels."""

import numpy as np
import pytest

from ant_ros.inspection.ledger import image_digest

IMAGE = np.arange(360, dtype=np.uint16).reshape(10, 12, 3)


def test_the_layout_in_memory_does_not_count():
    assert image_digest(np.asfortranarray(IMAGE)) == image_digest(IMAGE)
    assert image_digest(np.repeat(IMAGE, 2, axis=1)[:, ::2]) == image_digest(IMAGE)


@pytest.mark.parametrize('other', [
    IMAGE.reshape(12, 10, 3), IMAGE.view(np.int16), IMAGE[:-1], IMAGE[::-1], IMAGE + 1,
    IMAGE.astype(np.float32)])
def test_another_image_has_another_hash(other):
    assert image_digest(other) != image_digest(IMAGE)
