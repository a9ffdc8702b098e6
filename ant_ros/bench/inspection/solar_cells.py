# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Solar cells of the ELPV data set: electroluminescence images of monocrystalline cells.

C. Buerhop-Lutz et al., A Benchmark for Visual Identification of Defective Solar Cells in
Electroluminescence Imagery, EU PVSEC 2018. The images are CC BY-NC-SA 4.0: for measuring only.
"""

from __future__ import annotations

from collections.abc import Sequence
import importlib
import importlib.util
from pathlib import Path
import tempfile
from typing import Any

import cv2
import numpy as np

from ant_ros.bench import BenchError
from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import ImageSet
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.goals import at_least
from ant_ros.bench.inspection.real_parts import summary

__all__ = ['load_cells', 'measure']

_TAUGHT = 200
_AUROC = 0.75
_KIND = 'mono'
_SEED = 0


def measure(sets: Sequence[ImageSet], *, quick: bool) -> dict[str, Any]:
    """Teach on 200 cells without a defect, test on the rest of them and on surely defective ones.

    Raises:
        BenchError: elpv-dataset is not installed.
    """
    del sets
    cells, probabilities = load_cells()
    good, bad = (np.flatnonzero(probabilities == label) for label in (0.0, 1.0))
    good = np.random.default_rng(_SEED).permutation(good)
    if quick:
        good, bad = good[:60], bad[:20]
    taught = min(_TAUGHT, len(good) // 2)
    with tempfile.TemporaryDirectory() as folder:
        samples = {
            kind: tuple(_write(Path(folder), cells[one], one, defect) for one in chosen)
            for kind, chosen, defect in (('teach', good[:taught], None),
                                         ('good', good[taught:], None),
                                         ('bad', bad, 'defective'))}
        images = ImageSet(Path(folder), samples['teach'], samples['good'], samples['bad'])
        found = evaluate(images, inspector_teacher('solar_cells'), with_background=False)
    return {'taught': taught, 'test_good': len(good) - taught, 'test_bad': len(bad),
            **summary(found),
            'goals': {'image_auroc': at_least(_AUROC, found.figures['image_auroc'])}}


def load_cells() -> tuple[np.ndarray, np.ndarray]:
    """Return the monocrystalline cells [N, 300, 300] uint8 and how probably each is bad [N].

    Raises:
        BenchError: elpv-dataset is not installed.
    """
    if importlib.util.find_spec('elpv_dataset') is None:
        raise BenchError('elpv-dataset is not installed: pip install elpv-dataset')
    load_dataset = importlib.import_module('elpv_dataset.utils').load_dataset
    cells, probabilities, kinds = load_dataset()
    chosen = np.asarray(kinds) == _KIND
    return np.asarray(cells)[chosen], np.asarray(probabilities, float)[chosen]


def _write(folder: Path, cell: np.ndarray, number: int, defect: str | None) -> Sample:
    path = folder / f'{number}.png'
    cv2.imwrite(str(path), cell)
    return Sample(path, defect)
