# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Teach on one split, inspect what is left, and keep what figures are made of."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Protocol
from typing import TypeVar

import cv2
import numpy as np

from ant_ros.bench.evaluation.image_set import ImageSetError
from ant_ros.bench.evaluation.image_set import read_mask
from ant_ros.bench.evaluation.image_set import Sample
from ant_ros.bench.evaluation.image_set import Split
from ant_ros.bench.evaluation.localisation import locate
from ant_ros.bench.evaluation.localisation import LocatedDefects
from ant_ros.inspection import ImageError
from ant_ros.inspection import read_image
from ant_ros.inspection.frame import misfits
from ant_ros.network.work import Work

__all__ = ['Answer', 'Detector', 'Judged', 'SplitRun', 'Teacher', 'Track', 'plainly', 'run_split']

MAP_SIDE_PX = 512
"""Anomaly maps with a longer side than this are made smaller before they are compared."""

T = TypeVar('T')


class Answer(Protocol):
    """What a detector says of one image."""

    @property
    def score(self) -> float:
        """How unusual the part is."""

    @property
    def anomaly_map(self) -> np.ndarray:
        """How unusual each pixel is [H, W], float32."""


class Detector(Protocol):
    """What can be measured: an Inspector, or what it is compared with."""

    def inspect(self, image: np.ndarray) -> Answer:
        """Judge one image [H, W] or [H, W, 3]."""


Teacher = Callable[[Sequence[np.ndarray]], Detector]
"""Makes a detector from images of good parts."""


class Track(Protocol):
    """Passes items on and shows how far it is."""

    def __call__(self, items: Sequence[T], what: str) -> Iterable[T]:
        """Return the items; `what` is done with them."""


def plainly(items: Sequence[T], what: str) -> Iterable[T]:
    """Pass items on and show nothing."""
    del what
    return items


@dataclass(frozen=True)
class Judged:
    """What a detector said of one image, and what that took.

    Attributes:
        sample: The image.
        score: How unusual it looks.
        decision: pass, review or reject; None where the detector draws no limits.
        reason: One sentence, where the detector gives one.
        seconds: Wall time from the decoded frame to the answer.
        cpu_seconds: CPU time of the same.
        work: Work of the network, where it is counted.
    """

    sample: Sample
    score: float
    decision: str | None
    reason: str
    seconds: float
    cpu_seconds: float
    work: Work | None


@dataclass(frozen=True)
class SplitRun:
    """One split, taught and inspected.

    Attributes:
        detector: What was taught.
        taught: Images it was taught with.
        teach_seconds: Wall time of that.
        judged: All that could be inspected.
        located: Where the maps say that the defects are: of good parts and of those with a mask;
            None where no image has a mask.
        located_samples: The samples of `located`.
        faults: What could not be read or inspected, and why.
    """

    detector: Detector
    taught: int
    teach_seconds: float
    judged: tuple[Judged, ...]
    located: LocatedDefects | None
    located_samples: tuple[Sample, ...]
    faults: dict[Sample, str]


def run_split(
    split: Split, teacher: Teacher, *, with_map: bool = False, track: Track = plainly,
    look: Callable[[np.ndarray], np.ndarray] = lambda image: image,
) -> SplitRun:
    """Teach and inspect one split.

    Args:
        split: What to teach from and what to test with.
        teacher: Makes the detector.
        with_map: Count the time to draw the anomaly map, too.
        track: Shows how far it is.
        look: What is done to an image before the detector sees it; an ImageError leaves it out.

    Raises:
        ImageSetError: no image to teach from, or none to test with, can be read.
        ValueError: the images do not suffice for the detector.
    """
    faults: dict[Sample, str] = {}
    good = _alike(list(_read(split.teach, faults, look)), faults)
    if not good:
        raise ImageSetError(f'none of the images to teach from can be read: {_first(faults)}')
    started = time.perf_counter()
    detector = teacher(good)
    teach_seconds = time.perf_counter() - started
    detector.inspect(good[0])  # what is made on the first call counts for no image
    masked = any(sample.mask for sample in split.test)
    judged, maps = [], []
    for sample, image in _read(track(split.test, 'inspecting'), faults, look):
        try:
            one, answer = _judge(detector, sample, image, with_map)
        except ImageError as error:
            faults[sample] = str(error)
            continue
        judged.append(one)
        if masked and (sample.mask or not sample.bad):
            maps.append((sample, _small(answer.anomaly_map), image.shape[:2]))
    if not judged:
        raise ImageSetError(f'none of the images to test with can be used: {_first(faults)}')
    located, located_samples = _locate(maps, faults)
    return SplitRun(detector, len(good), teach_seconds, tuple(judged), located, located_samples,
                    faults)


def _read(
    samples: Iterable[Sample], faults: dict[Sample, str],
    look: Callable[[np.ndarray], np.ndarray],
) -> Iterator[tuple[Sample, np.ndarray]]:
    """Yield the images one by one; note those that cannot be read."""
    for sample in samples:
        try:
            image = look(read_image(sample.path))
        except ImageError as error:
            faults[sample] = str(error)
            continue
        yield sample, image


def _alike(
    found: Sequence[tuple[Sample, np.ndarray]], faults: dict[Sample, str],
) -> list[np.ndarray]:
    """Return the images but for those of another form than most; note these."""
    odd = misfits([image for _, image in found])
    faults.update((found[number][0], fault) for number, fault in odd.items())
    return [image for number, (_, image) in enumerate(found) if number not in odd]


def _judge(
    detector: Detector, sample: Sample, image: np.ndarray, with_map: bool
) -> tuple[Judged, Answer]:
    started, cpu_started = time.perf_counter(), time.process_time()
    answer = detector.inspect(image)
    if with_map:
        _ = answer.anomaly_map
    cpu_seconds = time.process_time() - cpu_started
    seconds = time.perf_counter() - started
    decision = getattr(answer, 'decision', None)
    return Judged(
        sample, float(answer.score), decision.value if decision is not None else None,
        getattr(answer, 'reason', ''), seconds, cpu_seconds, getattr(answer, 'work', None)), answer


def _locate(
    maps: Sequence[tuple[Sample, np.ndarray, tuple[int, ...]]], faults: dict[Sample, str]
) -> tuple[LocatedDefects | None, tuple[Sample, ...]]:
    kept: list[tuple[Sample, np.ndarray, np.ndarray | None]] = []
    for sample, scores, shape in maps:
        mask = None
        if sample.mask is not None:
            try:
                mask = _small_mask(read_mask(sample.mask), shape, scores.shape)
            except ImageError as error:
                faults[sample] = f'its mask is left out: {error}'
                continue
        kept.append((sample, scores, mask))
    if not any(mask is not None and mask.any() for _, _, mask in kept):
        return None, ()
    located = locate([scores for _, scores, _ in kept], [mask for _, _, mask in kept])
    return located, tuple(sample for sample, _, _ in kept)


def _small(scores: np.ndarray) -> np.ndarray:
    """Return a map [H, W] that is no larger than is compared."""
    shrink = MAP_SIDE_PX / max(scores.shape)
    if shrink >= 1:
        return np.asarray(scores, np.float32)
    height, width = (max(1, round(side * shrink)) for side in scores.shape)
    return cv2.resize(np.asarray(scores, np.float32), (width, height),
                      interpolation=cv2.INTER_AREA)


def _small_mask(mask: np.ndarray, shape: tuple[int, ...], small: tuple[int, ...]) -> np.ndarray:
    """Return a mask [H, W] in the size of the map; no defect is too small to stay."""
    if mask.shape != shape:
        raise ImageError(f'a mask of {mask.shape[1]} x {mask.shape[0]} px for an image of '
                         f'{shape[1]} x {shape[0]} px')
    if mask.shape == small:
        return mask
    area = cv2.resize(mask.astype(np.float32), (small[1], small[0]), interpolation=cv2.INTER_AREA)
    return area > 0


def _first(faults: dict[Sample, str]) -> str:
    return next(iter(faults.values()), 'there are none')
