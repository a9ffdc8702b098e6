# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Evaluate a detector on a folder of labelled images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ant_ros.bench.evaluation.background_control import score_backgrounds
from ant_ros.bench.evaluation.costs import cost_figures
from ant_ros.bench.evaluation.figures import accuracy_figures
from ant_ros.bench.evaluation.figures import background_figures
from ant_ros.bench.evaluation.figures import decision_counts
from ant_ros.bench.evaluation.figures import FIGURES
from ant_ros.bench.evaluation.image_set import draw_splits
from ant_ros.bench.evaluation.image_set import ImageSet
from ant_ros.bench.evaluation.image_set import Split
from ant_ros.bench.evaluation.split_run import Judged
from ant_ros.bench.evaluation.split_run import plainly
from ant_ros.bench.evaluation.split_run import run_split
from ant_ros.bench.evaluation.split_run import SplitRun
from ant_ros.bench.evaluation.split_run import Teacher
from ant_ros.bench.evaluation.split_run import Track
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import Inspector

__all__ = ['Evaluation', 'evaluate']


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        images: The set.
        protocol: How it was split, in words.
        runs: Every split.
        figures: All of `FIGURES` and a few more; None where one cannot be told.
        per_split: Figures of accuracy of each split.
        intervals: 95 % intervals of figures, low and high.
        unresolved: Why a figure is None.
        decisions: How often good and bad parts got each decision.
    """

    images: ImageSet
    protocol: str
    runs: tuple[SplitRun, ...]
    figures: dict[str, float | None]
    per_split: dict[str, list[float | None]]
    intervals: dict[str, list[float]]
    unresolved: dict[str, str]
    decisions: dict[str, dict[str, int]]

    @property
    def faults(self) -> dict[str, str]:
        """What could not be read or inspected, by file, and why."""
        return {str(sample.path.relative_to(self.images.folder)): fault
                for run in self.runs for sample, fault in run.faults.items()}

    @property
    def inspector(self) -> dict[str, str]:
        """What the Inspector of the first split says of itself; empty for other detectors."""
        detector = self.runs[0].detector
        if not isinstance(detector, Inspector):
            return {}
        recipe = detector.recipe
        return {'backbone': recipe.backbone, 'backbone_note': recipe.backbone_note,
                'guarantee': recipe.guarantee}

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        first = self.runs[0]
        faults = self.faults
        return {
            'folder': self.images.name,
            'protocol': self.protocol,
            'splits': len(self.runs),
            'inspector': self.inspector,
            'images': {
                'taught': first.taught,
                'test_good': sum(not one.sample.bad for one in first.judged),
                'test_bad': sum(one.sample.bad for one in first.judged),
                'with_mask': sum(sample.mask is not None for sample in self.images.bad),
                'unreadable': len(faults)},
            **{name: self.figures[name] for name in FIGURES},
            **{name: value for name, value in self.figures.items() if name not in FIGURES},
            'intervals_95': self.intervals,
            'unresolved': self.unresolved,
            'per_split': self.per_split,
            'decisions': self.decisions,
            'unreadable': [{'image': image, 'fault': fault} for image, fault in faults.items()],
            'verdicts': [self._verdict(number, one) for number, run in enumerate(self.runs)
                         for one in run.judged],
        }

    def _verdict(self, split: int, one: Judged) -> dict[str, Any]:
        return {'split': split, 'image': str(one.sample.path.relative_to(self.images.folder)),
                'truth': one.sample.defect or 'good', 'score': one.score,
                'decision': one.decision}


def evaluate(
    images: ImageSet, teacher: Teacher, *, splits: int = 1, shots: int | None = None,
    seed: int = 0, with_map: bool = False, with_background: bool = True, track: Track = plainly,
) -> Evaluation:
    """Teach and inspect every split of a set on one thread, and work out the figures.

    Args:
        images: The set.
        teacher: Makes the detector from good images.
        splits: 1 for the folder's own split; more are drawn anew.
        shots: Good images to teach from; all of train/good if left out.
        seed: Of the splits and of the intervals.
        with_map: Count the time to draw the anomaly map, too.
        with_background: Ask whether the background alone tells good from bad (first split).
        track: Shows how far it is.

    Raises:
        ImageSetError: the set does not suffice.
        ValueError: the images do not suffice for the detector.
        ImportError: threadpoolctl is not installed.
    """
    drawn = draw_splits(images, splits=splits, shots=shots, seed=seed)
    with one_thread():
        runs = tuple(run_split(split, teacher, with_map=with_map, track=_numbered(track, number,
                                                                                drawn))
                     for number, split in enumerate(drawn))
        backgrounds, lacking = score_backgrounds(
            drawn[0], runs[0].detector, track) if with_background else ([], 'not asked for')
    figures, per_split, intervals, unresolved = accuracy_figures(runs, seed)
    for found in (background_figures(backgrounds, lacking, seed), cost_figures(runs, seed)):
        figures |= found[0]
        intervals |= found[1]
        unresolved |= found[2]
    return Evaluation(images, _protocol(images, drawn, shots, seed), runs, figures, per_split,
                      intervals, unresolved, decision_counts(runs))


def _numbered(track: Track, number: int, splits: Sequence[Split]) -> Track:
    """Return a track that names the split where there are several."""
    if len(splits) == 1:
        return track
    return lambda items, what: track(items, f'{what}, split {number + 1} of {len(splits)}')


def _protocol(images: ImageSet, splits: Sequence[Split], shots: int | None, seed: int) -> str:
    taught = len(splits[0].teach)
    if len(splits) == 1:
        chosen = 'all' if shots is None else f'{taught} drawn with seed {seed}'
        return f"the folder's own split, {chosen} of {len(images.teach)} images of train/good " \
               'taught'
    return f'{len(splits)} splits drawn with seed {seed}: {taught} of ' \
           f'{len(images.teach) + len(images.good)} good images taught, the rest tested'
