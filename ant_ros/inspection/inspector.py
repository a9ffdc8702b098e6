# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector: taught from good parts, says what it thinks of the next."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.blank_image import blankness
from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.frame import to_frame
from ant_ros.inspection.joint_verdict import mention_others
from ant_ros.inspection.more_parts import learn_from_more
from ant_ros.inspection.part_finder import find_part
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
from ant_ros.inspection.sharpening import Sharpened
from ant_ros.inspection.sight import Sight
from ant_ros.inspection.teaching import teach_recipe
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.inspection.verdict import Verdict
from ant_ros.network.work import Work

if TYPE_CHECKING:
    import torch

    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['MOST_TUNED', 'InspectedPart', 'Inspector', 'Look']

MOST_TUNED = 8
"""Images from which a layout is measured."""
_TOO_LARGE = 'larger than a part: do several touch each other?'


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
        self._network = network
        self._sight = Sight(recipe, network)

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
        save_recipe(self.recipe, path)

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
        recipe, told = learn_from_more(self._sight, images, self._network)
        return self.like(recipe), told

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
        self._sight = self._sight.confirmed(
            [float(one.score.max()) for one in seen if one is not None])
        return self.recipe.guarantee

    def confirmed(self, scores: Sequence[float]) -> Inspector:
        """Return the inspector with further confirmed scores; see `Recipe.with_confirmed`."""
        other = copy(self)
        other._sight = self._sight.confirmed(scores)
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
        name = self.recipe.name
        if not self._sight.can_be_tuned:
            raise RecipeError(f'the recipe {name} has nothing to tune: only registered parts with '
                              'a pretrained backbone and a learned gate are followed by events')
        inputs = self.network_inputs(images)[:MOST_TUNED]
        if not len(inputs):
            raise RecipeError(f'no part was found in {len(images)} images: give good parts')
        self._sight, layout = self._sight.tuned(inputs, budget_s)
        return layout

    def network_inputs(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return what the deep network gets to see of parts [N, 3, H, W], float32.

        It is what a network that is to be brought can be trained or pruned on. Images in which no
        part is found are left out; with sampled features there are none.

        Raises:
            ImageError: one of them cannot be inspected.
        """
        frames = (to_frame(image, self.recipe.format) for image in images)
        found = [self._sight.network_input(frame) for frame in frames]
        seen = [one for one in found if one is not None]
        return np.stack(seen) if seen else np.zeros((0, 3, *self.recipe.mask.shape), np.float32)

    @property
    def name(self) -> str:
        """Name of the recipe."""
        return self.recipe.name

    @property
    def version(self) -> int:
        """Version of the recipe."""
        return self.recipe.version

    @property
    def recipe(self) -> Recipe:
        """All that is known of the product."""
        return self._sight.recipe

    def warm_up(self) -> None:
        """Import, compile and run once what the first part would otherwise wait for."""
        self._sight.warm_up()

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
        return self._look(to_frame(image, self.recipe.format), (image.shape[1], image.shape[0]))

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
        frame = to_frame(image, self.recipe.format)
        size = (image.shape[1], image.shape[0])
        background = self._sight.background
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
        if self._sight.background is None:
            return None
        found = find_part(to_frame(image, self.recipe.format), self._sight.background)
        if found is None:
            return None
        size = (image.shape[1], image.shape[0])
        return cv2.resize(found.mask, size, interpolation=cv2.INTER_LINEAR) > 127

    def _look(
        self, frame: np.ndarray, size: tuple[int, int]
    ) -> tuple[Verdict, Evidence | None]:
        """Judge a frame as the recipe wants it, of an image of some size."""
        shown = self._sight.show(frame)
        if shown is None:
            return self._nothing_found(size, blankness(frame)), None
        seen = self._sight.see(shown)
        evidence = self._sight.weigh(seen, size)
        verdict = self._judge(evidence, seen.work, size)
        if seen.others:
            verdict = mention_others(replace(verdict, others=seen.others))
        return verdict, evidence

    def _judge(self, evidence: Evidence, work: Work, size: tuple[int, int]) -> Verdict:
        recipe = self.recipe
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
            reason = describe(marks[0], regions[0], pixel, limits.review, len(marks) - 1)

        def draw_map() -> np.ndarray:
            return cv2.warpAffine(score, matrix, size, flags=cv2.INTER_LINEAR)

        return Verdict(
            decision, worst, limits.review, limits.reject, regions, reason, work,
            1 if work.units else 0, recipe.name, recipe.version, size, draw_map)

    def _nothing_found(self, size: tuple[int, int], blank: str = '') -> Verdict:
        reason = 'no part found'
        if blank:
            reason += f': the image is all {blank}; check camera, light and exposure'
        limits = self.recipe.limits
        return Verdict(
            Decision.REVIEW, limits.review, limits.review, limits.reject, (), reason,
            self._sight.no_work, 0, self.recipe.name, self.recipe.version, size)
