# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector: taught from good parts, says what it thinks of the next."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import NamedTuple
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.backbone import BackboneError
from ant_ros.inspection.backbone import bring_backbone
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import load_backbone
from ant_ros.inspection.deep_stage import Findings
from ant_ros.inspection.deep_stage import no_work
from ant_ros.inspection.deep_stage import TILE
from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.first_look import FirstLook
from ant_ros.inspection.first_look import Glimpse
from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.frame import to_frame
from ant_ros.inspection.joint_verdict import mention_others
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.part_finder import find_part
from ant_ros.inspection.pretrained_stage import AnywhereEye
from ant_ros.inspection.pretrained_stage import PlacedEye
from ant_ros.inspection.recipe import load_recipe
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.recipe import save_recipe
from ant_ros.inspection.regions import describe
from ant_ros.inspection.regions import find_marks
from ant_ros.inspection.regions import to_region
from ant_ros.inspection.separation import separate
from ant_ros.inspection.separation import Separated
from ant_ros.inspection.shape_kind import AUTO
from ant_ros.inspection.sharpening import sharpen_anywhere
from ant_ros.inspection.sharpening import sharpen_registered
from ant_ros.inspection.sharpening import Sharpened
from ant_ros.inspection.surprise import tile_peaks
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.teaching import MIN_PARTS
from ant_ros.inspection.teaching import teach_recipe
from ant_ros.inspection.teaching import TeachError
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.inspection.verdict import Verdict
from ant_ros.inspection.viewing import View
from ant_ros.inspection.viewing import Viewer
from ant_ros.network.work import Work

if TYPE_CHECKING:
    import torch

    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['MOST_MORE', 'MOST_TUNED', 'InspectedPart', 'Inspector', 'Look']

MOST_TUNED = 8
"""Images from which a layout is measured."""
_ANOTHER = 3.0
"""Times the limit from which on a part is none of those that are taught."""
MOST_MORE = 200
"""Further parts that are learned from at once: all are held in memory."""
_CLEAR = 2.0
"""Times the reject limit from which the first look alone rejects: a closer one changes nothing."""

_TOO_LARGE = 'larger than a part: do several touch each other?'


class _Seen(NamedTuple):
    """What was seen of a part, in the registered image."""

    matrix: np.ndarray
    difference: list[np.ndarray]
    score: np.ndarray
    deep_score: np.ndarray
    work: Work
    others: int = 0
    outline: np.ndarray | None = None


class Look(NamedTuple):
    """One of the parts in an image, and what the verdict on it was based on.

    Attributes:
        box: Left, top, width and height in pixels of the image; None where no part stands out.
        verdict: What the inspector thinks of it.
        evidence: What that was based on; None where no part was found.
    """

    box: tuple[int, int, int, int] | None
    verdict: Verdict
    evidence: Evidence | None


class InspectedPart(NamedTuple):
    """One of the parts in an image.

    Attributes:
        box: Left, top, width and height in pixels of the image.
        verdict: What the inspector thinks of it.
    """

    box: tuple[int, int, int, int]
    verdict: Verdict


class Inspector:
    """Judge parts by what the good ones looked like.

    Good at: rigid parts in front of an even background, taught from 5 to 10 good ones; any
    rotation, drifting light. With a pretrained backbone also good parts that differ from each
    other, parts of free shape, and textures. Several parts in a frame are judged by
    `inspect_each`. Bad at: parts that touch each other.

    An inspector is made by `Inspector.teach` or `Inspector.load`. It keeps nothing of the parts
    that it inspects, so the order of parts does not matter.

    Args:
        recipe: All that is known of the product.
        network: The module, if the recipe was taught with one that was brought.

    Raises:
        RecipeError: the recipe's backbone is not installed, or has other weights.
    """

    def __init__(
        self, recipe: Recipe, network: torch.nn.Module | Backbone | None = None
    ) -> None:
        self._recipe = recipe
        self._network = network
        self._placed, self._anywhere = _eyes(recipe, network)
        self._viewer = Viewer(
            mean=recipe.mean, mask=recipe.mask, background=recipe.background, scale=recipe.scale,
            centre=recipe.centre, radius=recipe.radius, mix=recipe.mix,
            light_limits=recipe.light_limits, sure=recipe.sure, prints=recipe.prints)
        self._first = FirstLook(recipe.mean, recipe.reach_px, recipe.surprise)
        self._part_tiles = tile_peaks(recipe.mask.astype(np.uint8), TILE) > 0
        self._units = int(self._part_tiles.sum())

    @classmethod
    def teach(
        cls, images: Sequence[np.ndarray], *, name: str = 'recipe', kind: str = AUTO,
        backbone: str | torch.nn.Module | Backbone = 'auto', gate: str = 'learned',
        target_frr: float = 0.005,
    ) -> Inspector:
        """Learn from good parts.

        Args:
            images: One good part each, [H, W] or [H, W, 3] RGB, uint8, uint16 or float32, all
                of one form; an alpha channel [H, W, 4] is dropped. At least 5, better 10.
            name: Name of the product.
            kind: What is inspected: `registered` (everything has its place on the part, or in
                the frame), `free shape` (a part stands out from its background, but no two are
                alike), `texture` (it fills the frame), or `auto`: the good parts tell.
            backbone: Where deep features come from: `sampled`, which needs nothing,
                `efficientnet-lite0`, a torch.nn.Module in evaluation mode, or `auto`, which
                takes sampled features where the good parts say that they suffice, or where
                nothing else is installed; the recipe's `backbone_note` says why.
            gate: `learned` wakes deep features where a part surprises, or everywhere if good
                parts differ too much from each other for that; `open` always and everywhere, to
                compare with. Sampled features are always gated.
            target_frr: Share of good parts that may be stopped. The recipe's `guarantee` says
                whether there were enough good parts for it.

        Raises:
            TeachError: names the cause and the cure.
        """
        recipe = teach_recipe(
            images, name=name, kind=kind, backbone=backbone, gate=gate, target_frr=target_frr)
        return cls(recipe, None if isinstance(backbone, str) else backbone)

    @classmethod
    def load(
        cls, path: Path, *, network: torch.nn.Module | Backbone | None = None
    ) -> Inspector:
        """Read a recipe folder.

        Args:
            path: The folder.
            network: The module, if the recipe was taught with one that was brought.

        Raises:
            RecipeError: it is missing, damaged or foreign, or its backbone is not at hand.
        """
        return cls(load_recipe(path), network)

    def like(self, recipe: Recipe) -> Inspector:
        """Return an inspector with another recipe and the same module, if one was brought.

        They share nothing that changes, so that both may be used at the same time.
        """
        return type(self)(recipe, self._network)

    def save(self, path: Path) -> None:
        """Write the recipe as a folder, whole or not at all.

        Raises:
            RecipeError: the place holds something else or cannot be written.
        """
        save_recipe(self._recipe, path)

    def sharpen(self, images: Sequence[np.ndarray]) -> Sharpened:
        """Learn from more good parts without starting over; see `sharpened`."""
        other, told = self.sharpened(images)
        self.__dict__.update(vars(other))
        return told

    def sharpened(self, images: Sequence[np.ndarray]) -> tuple[Inspector, Sharpened]:
        """Return an inspector that has learned from more good parts, too.

        What is expected, how far good parts stray from it and the limits are learned anew from
        those that were taught and those that are added. The recipe keeps pictures of them as long
        as it takes less than 18.5 MB: of about 50 to 130 parts. Of more, those that are kept are
        drawn by lot. An image of another form, without a part, or of one that is quite unlike
        the good ones is left out. Limits from confirmed parts go, since these were judged by what
        was taught before: confirm a run again.

        Args:
            images: One further good part each, at most 200.

        Raises:
            TeachError: there are too many or too few, or none of them can be used.
        """
        if len(images) > MOST_MORE:
            raise TeachError(f'more than {MOST_MORE} images, which are too many at once: give '
                             'some of them, from the whole of a run')
        seen: list[np.ndarray | CutOut] = []
        left_out, stopped = [], []
        for number, image in enumerate(images):
            try:
                one, score = self._taken(image)
            except (ImageError, TeachError) as error:
                left_out.append((number, str(error)))
                continue
            seen.append(one)
            if score >= self._recipe.limits.review:
                stopped.append(number)
        if images and not seen:
            raise TeachError(f'none of {len(images)} images can be learned from; image '
                             f'{left_out[0][0] + 1}: {left_out[0][1]}')
        known = len(self._recipe.taught.pictures) + len(seen)
        if known < MIN_PARTS:
            raise TeachError(f'{known} pictures of good parts: at least {MIN_PARTS} are needed; '
                             'give more images')
        recipe = self._learn_again(seen)
        return self.like(recipe), Sharpened(
            len(seen), tuple(left_out), tuple(stopped), recipe.enough)

    def _taken(self, image: np.ndarray) -> tuple[np.ndarray | CutOut, float]:
        """Return what is learned from a good part, and its score."""
        frame = to_frame(image, self._recipe.format)
        shown = self._show(frame)
        if shown is None:
            raise TeachError('shows no part: check lighting and background')
        score, limit = float(self._see(shown).score.max()), self._recipe.limits.review
        if score >= _ANOTHER * limit:
            raise TeachError(
                f'is quite unlike the good parts: score {score:.3g}, limit {limit:.3g}; if it is '
                'good, teach a recipe with parts of both kinds')
        return np.stack(shown.planes) if isinstance(shown, View) else shown, score

    def _learn_again(self, more: Sequence[Any]) -> Recipe:
        stage, network = self._recipe.pretrained, self._network
        if stage is None:
            return sharpen_registered(self._recipe, None, more)
        backbone = load_backbone() if network is None else bring_backbone(network)
        if self._anywhere is not None:
            return sharpen_anywhere(self._recipe, backbone, self._anywhere, more)
        return sharpen_registered(self._recipe, backbone, more)

    def confirm(self, images: Sequence[np.ndarray]) -> str:
        """Take a whole run of parts as good, also those that would be stopped.

        From as many on as the false reject rate needs, the limits are what they bear out.

        Args:
            images: One good part each, not taught from; images without a part do not count.

        Returns:
            The recipe's `guarantee`.

        Raises:
            ImageError: one of them cannot be inspected; nothing has changed.
        """
        seen = [self.look(image)[1] for image in images]
        self._recipe = self._recipe.with_confirmed(
            [float(one.score.max()) for one in seen if one is not None])
        return self._recipe.guarantee

    def confirmed(self, scores: Sequence[float]) -> Inspector:
        """Return the inspector with further confirmed scores; see `Recipe.with_confirmed`."""
        other = copy(self)
        other._recipe = self._recipe.with_confirmed(scores)
        return other

    def tune(self, images: Sequence[np.ndarray], *, budget_s: float = 20.0) -> TunedLayout:
        """Measure how the deep network runs fastest here, and run it so from now on.

        The layout is saved with the recipe and gives the same scores on other machines. Against
        another layout scores move a little, because small changes die out tile by tile.

        Args:
            images: Good parts, as they come at work; a few are enough.
            budget_s: Seconds after which nothing more is tried.

        Raises:
            ImageError: one of them cannot be inspected.
            RecipeError: the recipe has no network with a layout, or no part was found.
            ValueError: the budget is not above 0.
        """
        recipe, eye = self._recipe, self._placed
        gate = None if recipe.pretrained is None else recipe.pretrained.gate
        if eye is None or gate is None or gate.is_open:
            raise RecipeError(f'the recipe {recipe.name} has nothing to tune: only registered '
                              'parts with a pretrained backbone and a learned gate are followed '
                              'by events')
        inputs = self.network_inputs(images)[:MOST_TUNED]
        if not len(inputs):
            raise RecipeError(f'no part was found in {len(images)} images: give good parts')
        layout = eye.measure_layout(inputs, budget_s)
        tuned = recipe.with_layout(layout)
        self._placed, self._recipe = eye.laid_out(layout), tuned
        return layout

    def network_inputs(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return what the deep network gets to see of parts [N, 3, H, W], float32.

        It is what a network that is to be brought can be trained or pruned on. Images in which no
        part is found are left out; with sampled features there are none.

        Raises:
            ImageError: one of them cannot be inspected.
        """
        found = [self._network_input(to_frame(image, self._recipe.format)) for image in images]
        seen = [one for one in found if one is not None]
        return np.stack(seen) if seen else np.zeros((0, 3, *self._recipe.mask.shape), np.float32)

    def _network_input(self, frame: np.ndarray) -> np.ndarray | None:
        shown = self._show(frame)
        if isinstance(shown, CutOut) and self._anywhere is not None:
            return self._anywhere.input(shown)
        if isinstance(shown, View) and self._placed is not None:
            return self._placed.input(shown.planes, self._first.look(shown).surprise)
        return None

    @property
    def name(self) -> str:
        """Name of the recipe."""
        return self._recipe.name

    @property
    def version(self) -> int:
        """Version of the recipe."""
        return self._recipe.version

    @property
    def recipe(self) -> Recipe:
        """All that is known of the product."""
        return self._recipe

    def warm_up(self) -> None:
        """Import, compile and run once what the first part would otherwise wait for."""
        if self._anywhere is not None:
            self._anywhere.warm_up()
            return
        glimpse = self._first.look(self._viewer.warm_up())
        if self._placed is not None:
            self._placed.warm_up(list(self._recipe.mean))
            return
        tile = np.argwhere(self._part_tiles)[:1]
        self._recipe.deep.examine(list(self._recipe.mean), glimpse.white.planes, tile, self._units)

    def inspect(self, image: np.ndarray) -> Verdict:
        """Judge one image.

        Args:
            image: [H, W] or [H, W, 3] RGB, of the size and type that was taught.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        return self.look(image)[0]

    def look(self, image: np.ndarray) -> tuple[Verdict, Evidence | None]:
        """Judge one image and say what that was based on; None where no part was found.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        return self._look(to_frame(image, self._recipe.format), (image.shape[1], image.shape[0]))

    def inspect_each(self, image: np.ndarray) -> list[InspectedPart]:
        """Judge each part in an image, from left to right.

        They must not touch each other: what touches is one part, which does not look like a good
        one. Where no part stands out, the whole image gets the one verdict.

        Args:
            image: As for `inspect`.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        whole = (0, 0, image.shape[1], image.shape[0])
        return [InspectedPart(one.box or whole, one.verdict) for one in self.look_each(image)]

    def look_each(self, image: np.ndarray) -> list[Look]:
        """Judge each part in an image and say what that was based on; see `inspect_each`.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        frame = to_frame(image, self._recipe.format)
        size = (image.shape[1], image.shape[0])
        background = self._background
        parts = [] if background is None else separate(frame, background)
        if not parts:
            return [Look(None, *self._look(frame, size))]
        return [self._look_at_one(part, frame.shape, size) for part in parts]

    def _look_at_one(
        self, part: Separated, shape: tuple[int, ...], size: tuple[int, int]
    ) -> Look:
        """Judge one of the parts in a frame of a shape, of an image of a size."""
        across, down = size[0] / shape[1], size[1] / shape[0]
        left, top, width, height = part.box
        box = (round(across * left), round(down * top), round(across * width),
               round(down * height))
        if part.too_large:
            verdict = replace(self._nothing_found(size), reason=_TOO_LARGE)
            return Look(box, verdict, None)
        return Look(box, *self._look(part.frame, size))

    def part_mask(self, image: np.ndarray) -> np.ndarray | None:
        """Return where the part is in an image [H, W], bool; None where none stands out.

        Raises:
            ImageError: it cannot be inspected; names the cause.
        """
        if self._background is None:
            return None
        found = find_part(to_frame(image, self._recipe.format), self._background)
        if found is None:
            return None
        size = (image.shape[1], image.shape[0])
        return cv2.resize(found.mask, size, interpolation=cv2.INTER_LINEAR) > 127

    @property
    def _background(self) -> Background | None:
        """What lies around the part; None where the frame is taken as it is."""
        stage = self._recipe.pretrained
        if self._recipe.background is None and stage is not None and stage.crop is not None:
            return stage.crop.background
        return self._recipe.background

    def _look(
        self, frame: np.ndarray, size: tuple[int, int]
    ) -> tuple[Verdict, Evidence | None]:
        """Judge a frame as the recipe wants it, of an image of some size."""
        shown = self._show(frame)
        if shown is None:
            return self._nothing_found(size), None
        seen = self._see(shown)
        evidence = self._weigh(seen, size)
        verdict = self._judge(evidence, seen.work, size)
        if seen.others:
            verdict = mention_others(replace(verdict, others=seen.others))
        return verdict, evidence

    def _show(self, frame: np.ndarray) -> View | CutOut | None:
        """Return the part in a frame as it is looked at; None where there is none."""
        if self._anywhere is not None:
            return self._anywhere.cut_out(frame)
        return self._viewer.view(frame)

    def _see(self, shown: View | CutOut) -> _Seen:
        """Look at a part."""
        if isinstance(shown, CutOut):
            return self._see_anywhere(shown)
        glimpse = self._first.look(shown)
        if self._placed is not None:
            return self._see_placed(shown, glimpse)
        return self._see_sampled(shown, glimpse)

    def _see_sampled(self, view: View, glimpse: Glimpse) -> _Seen:
        """Look at a registered part with sampled features."""
        recipe = self._recipe
        difference, white, surprise = glimpse
        score = surprise * (1 / recipe.limits.look)
        woken = self._undecided(tile_peaks(surprise, TILE))
        work, deep_score = no_work(recipe.deep, self._units), np.zeros_like(score)
        if len(woken):
            settled = [cv2.add(mean, plane) for mean, plane in zip(recipe.mean, difference)]
            found = recipe.deep.examine(settled, white.planes, woken, self._units)
            work = found.work
            deep_score = self._spread_out(found, score.shape)
            score = np.maximum(score, deep_score)
        return _Seen(view.matrix, difference, score, deep_score, work, view.others)

    def _see_placed(self, view: View, glimpse: Glimpse) -> _Seen:
        """Look at a registered part with a pretrained backbone."""
        stage = self._recipe.pretrained
        assert self._placed is not None and stage is not None and stage.placed is not None
        gazes = self._placed.look(view.planes, glimpse.surprise, stage.placed, stage.limit)
        size = gazes.unusual.shape[::-1]
        difference = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
                      for plane in glimpse.difference]
        return _Seen(view.matrix, difference, gazes.unusual, gazes.unusual, gazes.work,
                     view.others)

    def _see_anywhere(self, cut_out: CutOut) -> _Seen:
        """Look at a part of free shape, or a texture."""
        stage = self._recipe.pretrained
        assert self._anywhere is not None and stage is not None
        gazes = self._anywhere.look(cut_out, stage.sights, stage.limit)
        assert gazes.matrix is not None
        unknown = [np.zeros_like(gazes.unusual)] * 3
        return _Seen(gazes.matrix, unknown, gazes.unusual, gazes.unusual, gazes.work,
                     gazes.others, gazes.outline)

    def _weigh(self, seen: _Seen, size: tuple[int, int]) -> Evidence:
        """Say where in the image what was seen is, and what the limits are."""
        recipe = self._recipe
        mask, centre, radius = recipe.mask, recipe.centre, recipe.radius
        compared = 0 if self._anywhere is not None else recipe.format.channels
        outline = mask if compared else seen.outline
        if seen.score.shape != mask.shape:
            height, width = seen.score.shape
            mask = np.ones(seen.score.shape, bool)
            centre, radius = (width / 2, height / 2), max(width, height) / 2
        return Evidence(
            seen.score, seen.deep_score, seen.difference, compared, mask, outline,
            self._to_image(seen.matrix, size), recipe.limits.review, centre, radius)

    def _undecided(self, peaks: np.ndarray) -> np.ndarray:
        """Return row and column of the tiles [N, 2] that surprise but are no clear case yet."""
        limits = self._recipe.limits
        clear = _CLEAR * limits.reject * limits.look
        return np.argwhere((peaks >= limits.wake) & (peaks < clear))

    def _judge(self, evidence: Evidence, work: Work, size: tuple[int, int]) -> Verdict:
        recipe = self._recipe
        limits = recipe.limits
        score, matrix = evidence.score, evidence.matrix
        worst = float(score.max())
        decision, reason = Decision.PASS, 'looks like the good parts'
        regions: tuple[Region, ...] = ()
        if worst >= limits.review:
            decision = Decision.REJECT if worst >= limits.reject else Decision.REVIEW
            marks = find_marks(
                score, evidence.deep_score, limits.review, evidence.known_difference,
                evidence.mask)
            regions = tuple(to_region(mark, matrix, size) for mark in marks)
            pixel = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
            reason = describe(marks[0], regions[0], pixel, len(marks) - 1)

        def draw_map() -> np.ndarray:
            return cv2.warpAffine(score, matrix, size, flags=cv2.INTER_LINEAR)

        return Verdict(
            decision, worst, limits.review, limits.reject, regions, reason, work,
            1 if work.units else 0, recipe.name, recipe.version, size, draw_map)

    def _nothing_found(self, size: tuple[int, int]) -> Verdict:
        limits = self._recipe.limits
        return Verdict(
            Decision.REVIEW, limits.review, limits.review, limits.reject, (), 'no part found',
            no_work(self._recipe.deep, self._units), 0, self._recipe.name, self._recipe.version,
            size)

    def _spread_out(self, found: Findings, shape: tuple[int, int]) -> np.ndarray:
        """Put the woken tiles' scores into a map [H, W]; zero where nothing was woken."""
        limits, mask = self._recipe.limits, self._recipe.mask
        score = np.zeros(shape, np.float32)
        cell = TILE // found.features.shape[-1]
        features = found.features.repeat(cell, axis=1).repeat(cell, axis=2) / limits.features
        tiles = np.maximum(found.lines / limits.lines, features)
        for (row, column), tile in zip(found.tiles * TILE, tiles):
            score[row:row + TILE, column:column + TILE] = tile
        return score * mask

    def _to_image(self, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return the map to the image as it was given, which may be of another size."""
        form = self._recipe.format
        across, down = size[0] / form.width, size[1] / form.height
        if across == down == 1:
            return matrix
        enlarge = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])
        return enlarge @ np.vstack([matrix, (0, 0, 1)])


def _eyes(
    recipe: Recipe, network: torch.nn.Module | Backbone | None
) -> tuple[PlacedEye | None, AnywhereEye | None]:
    """Return what sees with the recipe's pretrained backbone; nothing with sampled features."""
    stage = recipe.pretrained
    if stage is None:
        return None, None
    try:
        if stage.backbone != EFFICIENTNET and network is None:
            raise BackboneError('it was taught with a module that was brought: bring it again, '
                                'in Python, as network=')
        backbone = load_backbone() if network is None else bring_backbone(network)
    except BackboneError as error:
        raise RecipeError(
            f'the recipe {recipe.name} needs {stage.backbone}: {error}') from error
    if backbone.digest != stage.digest:
        raise RecipeError(
            f'the recipe {recipe.name} was taught with other weights of {stage.backbone} than '
            'those at hand: install the version it was taught with, or teach again')
    if stage.placed is not None:
        return _placed_eye(recipe, backbone), None
    assert stage.crop is not None
    forms = [(sight.taps, sight.size) for sight in stage.sights]
    return None, AnywhereEye(backbone, stage.crop, forms)


def _placed_eye(recipe: Recipe, backbone: Backbone) -> PlacedEye:
    from ant_ros.network.tuned_layout import LayoutError
    stage = recipe.pretrained
    assert stage is not None and stage.gate is not None
    try:
        return PlacedEye(backbone, recipe.mean, stage.gate, stage.layout)
    except LayoutError as error:
        raise RecipeError(
            f'the layout of the recipe {recipe.name} belongs to another network: {error}. '
            'Measure it anew with python -m ant_ros tune, or leave it out: '
            'Inspector(load_recipe(PATH).with_layout(None))') from error
