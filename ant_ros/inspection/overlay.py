# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A picture of a verdict that a person understands at a glance."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ant_ros.inspection.frame import check_image
from ant_ros.inspection.frame import without_alpha
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Verdict

__all__ = ['DECISION_COLOURS', 'draw_marks', 'draw_overlay']

DECISION_COLOURS = {
    Decision.PASS: (40, 170, 70),
    Decision.REVIEW: (245, 170, 20),
    Decision.REJECT: (225, 40, 40),
    Decision.UNINSPECTED: (130, 130, 130),
}
"""Red, green and blue of each decision."""

_HEAT_SHARE = 0.55
_SMALLEST_WIDTH = 480
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_overlay(image: np.ndarray, verdict: Verdict) -> np.ndarray:
    """Draw regions, heat and a banner with decision, score and reason over an image.

    Of several parts each has a box and a number, in the colour of its own decision.

    Args:
        image: [H, W], or [H, W, 3] RGB with or without alpha; the one that the verdict is about.
        verdict: What the inspector said.

    Returns:
        [H', W', 3] uint8 RGB: the image, enlarged by a whole factor if it is small, with a
        banner above it.
    """
    picture = draw_marks(image, verdict)
    return np.vstack([_banner(picture.shape[1], verdict, DECISION_COLOURS[verdict.decision]),
                      picture])


def draw_marks(image: np.ndarray, verdict: Verdict) -> np.ndarray:
    """Draw regions and heat over an image, in a frame of the decision's colour.

    Args:
        image: As for `draw_overlay`.
        verdict: What the inspector said.

    Returns:
        [H', W', 3] uint8 RGB: the image, enlarged by a whole factor if it is small.
    """
    picture = _to_display(image)
    if verdict.decision in (Decision.REVIEW, Decision.REJECT):
        picture = _with_heat(picture, verdict)
    factor = max(1, -(-_SMALLEST_WIDTH // picture.shape[1]))
    if factor > 1:
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    for number, part in enumerate(verdict.parts, 1) if len(verdict.parts) > 1 else ():
        _mark_part(picture, number, [factor * value for value in part.box],
                   DECISION_COLOURS[part.decision])
    colour = DECISION_COLOURS[verdict.decision]
    for number, region in enumerate(verdict.regions):
        _outline(picture, region.x * factor, region.y * factor, region.width * factor,
                 region.height * factor, colour, 2 if number == 0 else 1)
    cv2.rectangle(picture, (0, 0), (picture.shape[1] - 1, picture.shape[0] - 1), colour, 3)
    return picture


def _to_display(image: np.ndarray) -> np.ndarray:
    check_image(image)
    image = without_alpha(image)
    if image.dtype != np.uint8:
        top = max(float(np.percentile(image, 99.9)), 1e-6)
        image = np.clip(image * (230.0 / top), 0, 255).astype(np.uint8)
    return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image.copy()


def _with_heat(picture: np.ndarray, verdict: Verdict) -> np.ndarray:
    heat = verdict.anomaly_map
    if heat.shape != picture.shape[:2]:
        heat = cv2.resize(heat, (picture.shape[1], picture.shape[0]))
    limit = verdict.review_threshold
    share: np.ndarray = np.clip((heat - 0.5 * limit) / limit, 0, 1)
    share = np.asarray(cv2.GaussianBlur(share, (0, 0), 1.0))[..., None] * _HEAT_SHARE
    return (picture * (1 - share) + np.array((255, 30, 90)) * share).astype(np.uint8)


def _outline(
    picture: np.ndarray, x: int, y: int, width: int, height: int,
    colour: tuple[int, int, int], thickness: int,
) -> None:
    gap = 4
    corners = (x - gap, y - gap), (x + width + gap, y + height + gap)
    cv2.rectangle(picture, *corners, (255, 255, 255), thickness + 2, cv2.LINE_AA)
    cv2.rectangle(picture, *corners, colour, thickness, cv2.LINE_AA)


def _mark_part(
    picture: np.ndarray, number: int, box: Sequence[int], colour: tuple[int, int, int]
) -> None:
    left, top, width, height = box
    cv2.rectangle(picture, (left, top), (left + width, top + height), colour, 2, cv2.LINE_AA)
    (across, down), _ = cv2.getTextSize(str(number), _FONT, 0.6, 2)
    cv2.rectangle(picture, (left, top), (left + across + 8, top + down + 8), colour, -1)
    cv2.putText(picture, str(number), (left + 4, top + down + 4), _FONT, 0.6, (255, 255, 255), 2,
                cv2.LINE_AA)


def _banner(width: int, verdict: Verdict, colour: tuple[int, int, int]) -> np.ndarray:
    head = f'{verdict.decision.value.upper()}   score {verdict.score:.2f}'
    limits = f'review from {verdict.review_threshold:.2f}, ' \
             f'reject from {verdict.reject_threshold:.2f}'
    lines = [limits, *_wrapped(verdict.reason, width - 20, 0.45)]
    banner = np.full((38 + 20 * len(lines), width, 3), 24, np.uint8)
    banner[:, :8] = colour
    cv2.putText(banner, head, (18, 24), _FONT, 0.6, colour, 2, cv2.LINE_AA)
    for number, line in enumerate(lines):
        cv2.putText(banner, line, (18, 46 + 20 * number), _FONT, 0.45, (235, 235, 235), 1,
                    cv2.LINE_AA)
    return banner


def _wrapped(text: str, width: int, scale: float) -> list[str]:
    lines = ['']
    for word in text.split():
        longer = f'{lines[-1]} {word}'.strip()
        if lines[-1] and cv2.getTextSize(longer, _FONT, scale, 1)[0][0] > width - 18:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
