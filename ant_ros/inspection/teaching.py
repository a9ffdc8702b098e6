# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn a recipe from good parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import NamedTuple

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.backbone import BackboneError
from ant_ros.inspection.backbone import bring_backbone
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import load_backbone
from ant_ros.inspection.backbone import missing_packages
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.blank_image import blankness
from ant_ros.inspection.calibration import Limits
from ant_ros.inspection.deep_stage import TILE
from ant_ros.inspection.enough import measure_enough
from ant_ros.inspection.frame import FrameFormat
from ant_ros.inspection.frame import learn_format
from ant_ros.inspection.frame import misfits
from ant_ros.inspection.frame import to_frame
from ant_ros.inspection.gate import GATES
from ant_ros.inspection.lighting import to_planes
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.local_shift import learn_shift
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.part_finder import learn_background
from ant_ros.inspection.part_finder import Placement
from ant_ros.inspection.part_finder import structure_held
from ant_ros.inspection.part_finder import whole_frame
from ant_ros.inspection.pretrained_teaching import learn_anywhere_stage
from ant_ros.inspection.pretrained_teaching import learn_placed_stage
from ant_ros.inspection.prints import find_prints
from ant_ros.inspection.prints import NO_PRINTS
from ant_ros.inspection.prints import Prints
from ant_ros.inspection.pyramid import halvings_for
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import room_for_parts
from ant_ros.inspection.registration import Sureness
from ant_ros.inspection.sampled_teaching import learn_sampled
from ant_ros.inspection.shape_kind import AUTO
from ant_ros.inspection.shape_kind import FIXED_LIKENESS
from ant_ros.inspection.shape_kind import frame_likeness
from ant_ros.inspection.shape_kind import KINDS
from ant_ros.inspection.shape_kind import ShapeKind
from ant_ros.inspection.taught_parts import keep_parts
from ant_ros.inspection.taught_parts import pack_cut_out
from ant_ros.inspection.taught_parts import pack_view
from ant_ros.inspection.taught_parts import TaughtParts
from ant_ros.inspection.taught_parts import unpack_view
from ant_ros.inspection.viewing import cut_out
from ant_ros.inspection.viewing import View
from ant_ros.inspection.viewing import Viewer
from ant_ros.network.conversion_error import ConversionError

__all__ = ['MIN_PARTS', 'TeachError', 'teach_recipe']

MIN_PARTS = 5
_MAX_PIXELS = 36_000
_MARGIN_PX = 10
_ROUNDS = 2
_OUTLINE_PX = 3
_LEAST_LIKENESS = 0.72
_STRUCTURE_HELD = 0.5
_LEFT_UNLIKE = 0.5
_LIGHT_FLOORS = (0.026, 0.008, 0.008)
_FREE_BRIGHTNESS = 0.3
_CLOSE_SPREADS = 14.0
_MOST_UNEXPLAINED = 0.2
_MOST_TO_SUFFICE = 0.1
"""Of what is seen on good parts, the share that is their own: what opens the gate, and what
sampled features bear."""
_NEVER_SURE = Sureness(2.0, 2.0)
"""Try every way round: a part that lies the wrong way blurs all that is learned."""


class TeachError(ValueError):
    """A recipe cannot be taught; names the cause and the cure."""


@dataclass(frozen=True)
class _Frame:
    """Where the registered image lies in the first part's frame.

    Attributes:
        scale: Pixels that are worked on per pixel of the frame.
        origin: Left and top, at that scale.
        size: Width and height, multiples of the tile.
        centre: Centre of area of the part.
        radius: Largest distance of the part from it.
    """

    scale: float
    origin: tuple[int, int]
    size: tuple[int, int]
    centre: tuple[float, float]
    radius: float


class _Expected(NamedTuple):
    """What good parts look like on average, how each is seen, and in which frames."""

    layout: _Frame
    mask: np.ndarray
    mean: np.ndarray
    mix: np.ndarray
    views: list[View]
    prints: Prints
    blur: tuple[float, float]
    seen: tuple[int, ...]


def teach_recipe(
    images: Sequence[np.ndarray], *, name: str, kind: str = AUTO, backbone: Any = 'auto',
    gate: str = 'learned', target_frr: float = 0.005,
) -> Recipe:
    """Learn what good parts look like.

    Args:
        images: Good parts, one per image.
        name: Name of the product.
        kind: As in `Inspector.teach`.
        backbone: As in `Inspector.teach`.
        gate: As in `Inspector.teach`.
        target_frr: As in `Inspector.teach`.

    Raises:
        TeachError: too few images, they do not show one kind of part, or an argument makes no
            sense.
    """
    _check_options(gate, target_frr)
    told, asked = _told(kind), _asked_for(backbone)
    if told is ShapeKind.FREE:
        _check_seen_anywhere(asked)
    form, frames = _checked_frames(images)
    shown = _not_blank(frames)
    frames = [frames[number] for number in shown]
    found, background, expected = _find_kind(frames, told)
    layout, mask, mean, mix, views, prints, blur, seen = expected
    light_limits = _light_limits(views, background)
    stack = np.stack([np.stack(view.planes) for view in views])
    if len(stack) < MIN_PARTS:
        raise TeachError(f'a part was found in {len(stack)} of {len(frames)} images only: at '
                         f'least {MIN_PARTS} are needed; check lighting and background')
    # As it is kept: sharpened by no further part, the recipe is the same.
    reference = np.rint(stack.mean(axis=0)).astype(np.int16)
    pictures = [pack_view(view, reference) for view in stack]
    stack = np.stack([unpack_view(one, reference) for one in pictures])
    shape = told or _kind(found, background, stack)
    mean, reach_px = learn_shift(stack, mask)
    sure = Viewer(
        mean=mean, mask=mask, background=background, scale=layout.scale, centre=layout.centre,
        radius=layout.radius, mix=mix, light_limits=light_limits).sureness(frames)
    moving = prints.cover(mask.shape)
    sampled = learn_sampled(stack, mean, mask, moving, reach_px, target_frr)
    chosen, note = asked or _choose_backbone(shape, sampled.limits, sampled.unexplained)
    learned, cut_outs = None, None
    if chosen is not None:
        try:
            if shape is ShapeKind.REGISTERED:
                # What differs on every good part surprises on none: it cannot tell what wakes.
                gate = 'open' if sampled.unexplained > _MOST_UNEXPLAINED else gate
                learned = learn_placed_stage(
                    chosen, gate, stack, mean, mask, moving, reach_px, target_frr)
            else:
                learned, cut_outs = learn_anywhere_stage(chosen, frames, found, target_frr)
        except (BackboneError, ConversionError) as error:
            raise TeachError(f'the backbone cannot be used: {error}') from error
    judged = learned or sampled
    scores = () if learned is None else learned.scores
    if cut_outs is not None:
        reference = TaughtParts().reference
        pictures = [pack_cut_out(one) for one in cut_outs]
    recipe = Recipe(
        name=name, version=1, taught_parts=len(stack), format=form, background=background,
        scale=layout.scale, centre=layout.centre, radius=layout.radius, mix=mix, mean=mean,
        mask=mask, light_limits=light_limits, sure=sure, prints=prints,
        blur=blur,
        reach_px=reach_px,
        surprise=judged.surprise or sampled.surprise, deep=sampled.deep,
        limits=judged.settle(sampled.limits),
        backbone=SAMPLED if chosen is None else chosen.name, backbone_note=note,
        target_frr=target_frr, pretrained=None if learned is None else learned.stage,
        enough=measure_enough(judged.scores, judged.by_fewer, judged.limit, target_frr),
        taught=TaughtParts(reference),
        left_out=_left_out(images, form, [shown[number] for number in seen]))
    return replace(recipe, taught=keep_parts(
        pictures, room_for_parts(recipe), reference=reference, scores=scores))


def _check_options(gate: str, target_frr: float) -> None:
    if gate not in GATES:
        raise TeachError(f'gate is {gate!r}, expected one of {", ".join(GATES)}')
    if not 0 < target_frr < 1:
        raise TeachError(f'target_frr is {target_frr!r}, expected a share between 0 and 1, such '
                         'as 0.005')


def _told(kind: str) -> ShapeKind | None:
    """Return the kind that was asked for; None where the good parts decide."""
    if kind not in KINDS:
        raise TeachError(f'kind is {kind!r}, expected one of {", ".join(KINDS)}')
    return None if kind == AUTO else ShapeKind(kind)


def _check_seen_anywhere(asked: tuple[Backbone | None, str] | None) -> None:
    """Refuse to teach parts of free shape with what looks for everything in its place."""
    if asked is not None and asked[0] is None:
        raise TeachError(f'parts of {ShapeKind.FREE.value} are not judged by {SAMPLED} features, '
                         f'which look for everything in its place: teach with backbone '
                         f"'auto' or {EFFICIENTNET!r}")
    if asked is None and (missing := missing_packages()):
        raise TeachError(f'parts of {ShapeKind.FREE.value} need {EFFICIENTNET}, which needs '
                         f'{", ".join(missing)}: install with pip install {" ".join(missing)}')


def _checked_frames(images: Sequence[np.ndarray]) -> tuple[FrameFormat, list[np.ndarray]]:
    """Return the form of the images and the images in that form."""
    if len(images) < MIN_PARTS:
        raise TeachError(f'{len(images)} good parts: at least {MIN_PARTS} are needed, 10 are '
                         'better; add more images of good parts')
    faults = misfits(images)
    if faults:
        number, fault = next(iter(faults.items()))
        others = f' (and {len(faults) - 1} others)' if len(faults) > 1 else ''
        raise TeachError(f'image {number + 1} of {len(images)}{others} cannot be taught from: '
                         f'{fault}; leave it out or convert it')
    form = learn_format(images)
    frames = [to_frame(image, form) for image in images]
    if max(float(frame.std()) for frame in frames) < 1.0:
        raise TeachError('the images are all of one colour: check exposure and lens cap')
    return form, frames


def _not_blank(frames: Sequence[np.ndarray]) -> list[int]:
    """Return the numbers of the frames that show something; of all where most do not."""
    shown = [number for number, frame in enumerate(frames) if not blankness(frame)]
    return shown if 2 * len(shown) > len(frames) else list(range(len(frames)))


def _left_out(
    images: Sequence[np.ndarray], form: FrameFormat, seen: Sequence[int]
) -> tuple[tuple[int, str], ...]:
    """Return the numbers of the images that nothing was learned from, and why."""
    found = {number: blankness(to_frame(images[number], form))
             for number in sorted(set(range(len(images))) - set(seen))}
    return tuple((number, f'the image is all {blank}' if blank else 'no part was found in it')
                 for number, blank in found.items())


def _find_kind(
    frames: Sequence[np.ndarray], told: ShapeKind | None = None
) -> tuple[Background | None, Background | None, _Expected]:
    """Find what good parts can be registered by, or what was told allows.

    Returns:
        What a part stands out from, what it is registered against, None for either where there
        is nothing of the kind, and what is expected then.
    """
    if told is ShapeKind.TEXTURE:
        return None, None, _expect(frames, None)
    found = learn_background(frames)
    if told is ShapeKind.FREE:
        if found is None:
            raise TeachError(f'no part of {told.value} stands out from its background: show all '
                             f'of it on an even one, or teach it as {ShapeKind.TEXTURE.value}')
        return found, None, _expect(frames, None)
    first = _expect(frames, found)
    alike = found is not None and (told is not None or np.median(
        [view.likeness for view in first.views]) >= _LEAST_LIKENESS)
    if found is not None and structure_held(frames, found) >= _STRUCTURE_HELD:
        if alike:
            return found, found, first
        # Parts of free shape do not come to lie on each other: look at the whole frame instead.
        return found, None, _expect(frames, None)
    plain = first if found is None else _expect(frames, None)
    whole = whole_frame(frames)
    turned = _expect(frames, whole)
    if _gains(plain.views, turned.views):
        return whole, whole, turned
    if alike:
        return found, found, first
    return found, None, plain


def _gains(plain: Sequence[View], turned: Sequence[View]) -> bool:
    """Tell whether frames become alike by registering the whole of them.

    A texture becomes a little more alike, too.
    """
    before, after = (frame_likeness([view.planes[0] for view in views])
                     for views in (plain, turned))
    return after >= _LEAST_LIKENESS and 1 - after <= _LEFT_UNLIKE * (1 - before)


def _kind(found: Background | None, kept: Background | None, views: np.ndarray) -> ShapeKind:
    """Say what is inspected, by what the good parts have in common."""
    if kept is not None:
        return ShapeKind.REGISTERED
    if found is not None:
        return ShapeKind.FREE
    fixed = frame_likeness([view[0] for view in views]) >= FIXED_LIKENESS
    return ShapeKind.REGISTERED if fixed else ShapeKind.TEXTURE


def _asked_for(wanted: Any) -> tuple[Backbone | None, str] | None:
    """Return the backbone that was asked for and how; None where the good parts decide."""
    if isinstance(wanted, str) and wanted == 'auto':
        return None
    if isinstance(wanted, str) and wanted == SAMPLED:
        return None, 'asked for'
    try:
        if isinstance(wanted, str) and wanted == EFFICIENTNET:
            return load_backbone(), 'asked for'
        return bring_backbone(wanted), 'brought'
    except BackboneError as error:
        raise TeachError(str(error)) from error


def _choose_backbone(
    kind: ShapeKind, limits: Limits, unexplained: float
) -> tuple[Backbone | None, str]:
    """Return the backbone, None for sampled features, and why.

    Sampled features know patches of a few pixels. They suffice where good parts lie so close to
    what is expected that the first look sees the defects; this is what the good parts' own
    deviations say, each left out in turn. Where much of what is seen differs from part to part,
    as on a screw that has rolled, spreads are so large that nothing deviates by many.
    """
    evidence = (f'{kind.value}, good parts deviate up to {limits.look:.1f} spreads, '
                f'{unexplained:.0%} of what is seen on them is their own')
    close = limits.look <= _CLOSE_SPREADS and unexplained <= _MOST_TO_SUFFICE
    if kind is ShapeKind.REGISTERED and close:
        return None, f'sampled features suffice: {evidence}'
    missing = missing_packages()
    if missing:
        return None, (f'{EFFICIENTNET} would see more ({evidence}), but it needs '
                      f'{", ".join(missing)}: install with pip and teach again')
    return load_backbone(), f'sampled features do not suffice: {evidence}'


def _expect(frames: Sequence[np.ndarray], background: Background | None) -> _Expected:
    """Register the parts to each other, from the most usual one to their mean."""
    placements = [None if background is None else find_part(frame, background)
                  for frame in frames]
    first = _most_usual(placements)
    layout = _lay_out(frames, placements, first)
    mean = to_planes(cut_out(frames[first], _shift(layout), layout.size))
    mask = np.ones(mean.shape[1:], bool)
    if background is not None:
        mask = _outline([placements[first]], [_shift(layout)], layout)
    mix = _brightness_mix(mean, mask)
    limits = np.array([[-2.0] * 3, [2.0] * 3])
    views: list[View] = []
    seen: tuple[int, ...] = ()
    prints = NO_PRINTS
    blur: tuple[float, float] | None = None   # linear, until it is known what is usual
    for turn in range(_ROUNDS + 1):
        if turn == _ROUNDS:
            prints = find_prints(np.stack([view.planes[0] for view in views]), mask)
            if not prints.prints:
                break
        viewer = Viewer(
            mean=mean, mask=mask, background=background, scale=layout.scale,
            centre=layout.centre, radius=layout.radius, mix=mix, light_limits=limits,
            sure=_NEVER_SURE, prints=prints, blur=blur)
        found = [(viewer.view(frame), placement) for frame, placement in zip(frames, placements)]
        views = [view for view, _ in found if view is not None]
        seen = tuple(number for number, (view, _) in enumerate(found) if view is not None)
        blur = blur or viewer.usual_blur(views)
        mean = np.mean([np.stack(view.planes) for view in views], axis=0)
        if background is not None:
            kept = [(view, placement) for view, placement in found if view is not None]
            mask = _outline([placement for _, placement in kept],
                            [view.matrix for view, _ in kept], layout)
    return _Expected(layout, mask, mean, mix, views, prints, blur or (0.0, 0.0), seen)


def _most_usual(placements: Sequence[Placement | None]) -> int:
    areas = [np.nan if one is None else one.area_px for one in placements]
    if np.isnan(areas).all():
        return 0
    return int(np.nanargmin(np.abs(np.array(areas) - np.nanmedian(areas))))


def _lay_out(
    frames: Sequence[np.ndarray], placements: Sequence[Placement | None], first: int
) -> _Frame:
    """Choose the registered image: the most usual part, upright as it lies, with a margin."""
    frame, placement = frames[first], placements[first]
    height, width = frame.shape[:2]
    if placement is None:
        scale = _working_scale(width * height)
        across, down = round(width * scale), round(height * scale)
        size = (-(-across // TILE) * TILE, -(-down // TILE) * TILE)
        return _Frame(scale, (0, 0), size, (across / 2, down / 2), max(across, down) / 2)
    left, top, across, down = (value / placement.scale for value in placement.box)
    scale = _working_scale(across * down)
    sides = [side * scale + 2 * _MARGIN_PX for side in (across, down)]
    size = (-(-int(sides[0]) // TILE) * TILE, -(-int(sides[1]) // TILE) * TILE)
    origin = (round((left + across / 2) * scale - size[0] / 2),
              round((top + down / 2) * scale - size[1] / 2))
    ratio = scale / placement.scale
    centre = ((placement.x + 0.5) * ratio - 0.5 - origin[0],
              (placement.y + 0.5) * ratio - 0.5 - origin[1])
    rows, columns = np.nonzero(placement.mask)
    radius = ratio * float(np.hypot(columns - placement.x, rows - placement.y).max()) + 2
    if placement.mask.all():
        # Corners do not turn with what fills the frame.
        radius = min(across, down) * scale / 2
    return _Frame(scale, origin, size, centre, radius)


def _working_scale(pixels: float) -> float:
    """Return the scale at which so many pixels of the frame are worked on.

    A little more than a half, a quarter ... would show no more than these, which cost nothing.
    """
    scale = min(1.0, float(np.sqrt(_MAX_PIXELS / pixels)))
    return min(scale, 0.5 ** halvings_for(scale))


def _shift(layout: _Frame) -> np.ndarray:
    """Return the map [2, 3] from the registered image to the first part's frame."""
    grow = 1 / layout.scale
    x, y = layout.origin
    return np.array([[grow, 0, grow * (x + 0.5) - 0.5], [0, grow, grow * (y + 0.5) - 0.5]])


def _outline(
    placements: Sequence[Placement | None], matrices: Sequence[np.ndarray], layout: _Frame
) -> np.ndarray:
    """Return where the part is in the registered image, with a little of its surroundings."""
    votes = np.zeros((layout.size[1], layout.size[0]), np.float32)
    count = 0
    for placement, matrix in zip(placements, matrices):
        if placement is None:
            continue
        shrink = placement.scale
        small = np.array([[shrink, 0, (shrink - 1) / 2], [0, shrink, (shrink - 1) / 2]])
        to_small = small @ np.vstack([matrix, (0, 0, 1)])
        votes = votes + np.float32(1 / 255) * cv2.warpAffine(
            placement.mask, to_small, layout.size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        count += 1
    part = (votes > 0.5 * count).astype(np.uint8)
    side = 2 * _OUTLINE_PX + 1
    return cv2.dilate(part, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))) > 0


def _brightness_mix(mean: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return positive weights of the channels, larger where a channel has more contrast."""
    contrast = to_rgb(mean).reshape(-1, 3).std(axis=0) + 1.0
    return (contrast / contrast.sum()).astype(np.float32)


def _light_limits(views: Sequence[View], background: Background | None) -> np.ndarray:
    """Return how much brighter or other in colour than its surroundings a part may be."""
    shifts = np.stack([view.lighting.shift for view in views])
    reach: np.ndarray = 4 * shifts.std(axis=0) + _LIGHT_FLOORS
    if background is None or background.is_hidden:
        # Nothing tells the lamp from the part: brightness is free, colour is bounded.
        reach = reach + _FREE_BRIGHTNESS
    return np.stack([shifts.mean(axis=0) - reach, shifts.mean(axis=0) + reach])
