# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the good parts that were taught would look like if they came only now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.teaching import MIN_PARTS
from ant_ros.inspection.teaching import TeachError

if TYPE_CHECKING:
    import torch

__all__ = ['look_at', 'look_at_taught']

_MANY = 20
"""Parts of which half suffice, to be taught from and to be looked at."""


def look_at(inspector: Inspector, images: Sequence[np.ndarray]) -> list[Evidence]:
    """Look at good parts that were not taught; those in which no part is found are left out.

    Raises:
        ImageError: one of them cannot be inspected.
    """
    looks = (inspector.look(image)[1] for image in images)
    return [evidence for evidence in looks if evidence is not None]


def look_at_taught(
    inspector: Inspector, images: Sequence[np.ndarray],
    backbone: str | torch.nn.Module,
) -> list[Evidence]:
    """Look at the good parts that were taught as if they had not been.

    With sampled features a part that is compared with a mean that it is in looks better by one
    part in all. A pretrained memory knows a taught part by heart: such parts are looked at by
    inspectors that were taught without them. From 20 parts on one that was taught from half of
    them looks at the others; of fewer each is looked at, by several. With no more parts than
    teaching needs there is nothing to see.

    Args:
        inspector: What was taught.
        images: What it was taught from.
        backbone: As it was asked for.
    """
    count = len(images)
    whole = inspector.recipe.pretrained
    if whole is None:
        return [evidence.enlarged(count / (count - 1)) for evidence in look_at(inspector, images)]
    if count <= MIN_PARTS:
        return []
    asked = inspector.recipe.backbone if isinstance(backbone, str) else backbone
    found = []
    for held in _held_out(count):
        others = [image for number, image in enumerate(images) if number not in held]
        try:
            taught = Inspector.teach(
                others, name=inspector.name, kind=whole.kind.value, backbone=asked)
        except TeachError:  # too few of them show a part
            continue
        found.extend(look_at(taught, [images[number] for number in held]))
    return found


def _held_out(count: int) -> list[np.ndarray]:
    """Return the numbers of the parts that are left out of teaching in turn, and looked at."""
    numbers = np.arange(count)
    if count >= _MANY:
        return [numbers[1::2]]
    return np.array_split(numbers, -(-count // (count - MIN_PARTS)))
