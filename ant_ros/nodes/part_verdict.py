# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is said about one part on the line."""

from dataclasses import dataclass
import math
from typing import Any

from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Verdict

__all__ = ['CAUSES', 'PartVerdict', 'inspected', 'uninspected']

CAUSES = ('teaching', 'no_image', 'late', 'bad_image', 'no_recipe', 'overflow', 'inactive',
          'error')
"""Why a part was not inspected."""


@dataclass(frozen=True)
class PartVerdict:
    """What is said about one part on the line; the fields are those of the message.

    Attributes:
        part_id: The part.
        stamp_ns: Stamp of its image (of its trigger where there is no image).
        frame_id: Frame of its image.
        inspector: Who says it.
        decision: What shall become of it.
        reason: A sentence for the operator.
        region_boxes: Left, top, width and height of each region in pixels of the image.
        compute_ms: Milliseconds of wall time the inspection took.
        latency_ms: Milliseconds from the image's arrival to the verdict, on a monotonic clock.
        cause: Why it is uninspected, one of `CAUSES`; empty when it was inspected.
        classes: Defect class of each region, or 'unknown'.
        pattern: What the worst region without a class looks like, as it can be labelled.
        part_boxes: Left, top, width and height of each part in pixels of the image, from left to
            right, where several parts are told apart.
        part_decisions: What is thought of each of them; the worst is `decision`.
        disposition: What the rules say shall become of it: accept, rework, review or scrap; empty
            where they were not asked, without rules and where nothing unusual was found.
        region_areas_px: Area of each region in pixels of the image.
        region_stages: Stage that found it: 0 the cheap look, 1 the deep features.
        region_peaks: Largest score in it.
        region_elongations: Its length by its breadth.
        region_colour_shifts: Its distance in colour from what is expected there, grey levels; None
            where that is not known.
        region_brightness_shifts: How much brighter it is than expected, the same.
    """

    part_id: str
    stamp_ns: int
    frame_id: str
    inspector: str
    decision: Decision
    reason: str
    score: float = math.nan
    review_threshold: float = math.nan
    reject_threshold: float = math.nan
    region_boxes: tuple[tuple[int, int, int, int], ...] = ()
    stage: int = 0
    units: int = 0
    units_total: int = 0
    macs: int = 0
    macs_dense: int = 0
    compute_ms: float = math.nan
    latency_ms: float = math.nan
    recipe: str = ''
    recipe_version: int = 0
    cause: str = ''
    classes: tuple[str, ...] = ()
    pattern: str = ''
    part_boxes: tuple[tuple[int, int, int, int], ...] = ()
    part_decisions: tuple[Decision, ...] = ()
    disposition: str = ''
    region_areas_px: tuple[int, ...] = ()
    region_stages: tuple[int, ...] = ()
    region_peaks: tuple[float, ...] = ()
    region_elongations: tuple[float, ...] = ()
    region_colour_shifts: tuple[float | None, ...] = ()
    region_brightness_shifts: tuple[float | None, ...] = ()


def inspected(verdict: Verdict, *, compute_ms: float, latency_ms: float,
              **part: Any) -> PartVerdict:
    """Say of a part what the inspector found.

    Args:
        verdict: what the inspector found.
        compute_ms: wall time of the inspection.
        latency_ms: from the image's arrival to now.
        part: `part_id`, `stamp_ns`, `frame_id` and `inspector`.
    """
    regions = verdict.regions
    return PartVerdict(
        **part, decision=verdict.decision, reason=verdict.reason, score=verdict.score,
        review_threshold=verdict.review_threshold, reject_threshold=verdict.reject_threshold,
        region_boxes=tuple((region.x, region.y, region.width, region.height)
                           for region in regions),
        stage=verdict.stage, units=verdict.work.units, units_total=verdict.work.units_total,
        macs=verdict.work.macs, macs_dense=verdict.work.macs_dense, compute_ms=compute_ms,
        latency_ms=latency_ms, recipe=verdict.recipe, recipe_version=verdict.recipe_version,
        classes=getattr(verdict, 'classes', ()), pattern=getattr(verdict, 'pattern', ''),
        part_boxes=tuple(part.box for part in verdict.parts),
        part_decisions=tuple(part.decision for part in verdict.parts),
        disposition=getattr(verdict, 'disposition', ''),
        region_areas_px=tuple(region.area_px for region in regions),
        region_stages=tuple(region.stage for region in regions),
        region_peaks=tuple(region.peak for region in regions),
        region_elongations=tuple(region.elongation for region in regions),
        region_colour_shifts=tuple(region.colour_shift for region in regions),
        region_brightness_shifts=tuple(region.brightness_shift for region in regions))


def uninspected(cause: str, reason: str, **part: Any) -> PartVerdict:
    """Say of a part that nobody has looked at it, and why."""
    if cause not in CAUSES:
        raise ValueError(f'{cause!r} is no cause, expected one of {", ".join(CAUSES)}')
    return PartVerdict(**part, decision=Decision.UNINSPECTED, reason=reason, cause=cause)
