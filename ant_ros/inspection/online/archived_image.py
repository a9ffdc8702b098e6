# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The image of a part that was inspected long ago."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ant_ros.inspection.image_files import read_image
from ant_ros.inspection.ledger import image_digest
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import VerdictFilter

__all__ = ['archived_image']


def archived_image(ledger: Path, archive: Path, recipe: str, part: str) -> np.ndarray | None:
    """Return the image of a part that its latest verdict was about; None if it is not kept.

    Args:
        ledger: File of the ledger.
        archive: Folder of the images that it knows of.
        recipe: Name of the recipe that judged it.
        part: ID of the part.

    Raises:
        ImageError: it cannot be read.
        LedgerError: the ledger cannot be read.
    """
    wanted = VerdictFilter(part=part, recipe=recipe, last=1)
    with LedgerReader(ledger) as reader:
        entry = next(iter(reader.verdicts(wanted)), None)
        kept = [image for image in reader.images(part) if image.removed_ns is None]
    if entry is None or not kept or kept[-1].image_hash != entry.record.image_hash:
        return None
    image = read_image(archive / kept[-1].file)
    return image if image_digest(image) == kept[-1].image_hash else None
