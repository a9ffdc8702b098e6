# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The hash by which an image is known again."""

import hashlib

import numpy as np

__all__ = ['image_digest']


def image_digest(image: np.ndarray) -> str:
    """Return the SHA-256 of an image's shape, type and pixels, whatever its layout in memory."""
    digest = hashlib.sha256(f'{list(image.shape)} {image.dtype.str}\n'.encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()
