# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is seen of a part: found, compared with what is expected, and looked into."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import NamedTuple
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ant_ros.inspection.backbone import Backbone
from ant_ros.inspection.deep_stage import Findings
from ant_ros.inspection.deep_stage import no_work
from ant_ros.inspection.deep_stage import TILE
from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.eyes import eyes_of
from ant_ros.inspection.first_look import FirstLook
from ant_ros.inspection.first_look import Glimpse
from ant_ros.inspection.part_finder import Background
from ant_ros.inspection.recipe import Recipe
from ant_ros.inspection.surprise import tile_peaks
from ant_ros.inspection.taught_parts import CutOut
from ant_ros.inspection.viewing import View
from ant_ros.inspection.viewing import Viewer
from ant_ros.network.work import Work

if TYPE_CHECKING:
    import torch

    from ant_ros.network.tuned_layout import TunedLayout

__all__ = ['Seen', 'Sight']

_CLEAR = 2.0
"""Times the reject limit from which the first look alone rejects: a closer one changes nothing."""


class Seen(NamedTuple):
    """What was seen of a part, in the registered image."""

    matrix: np.ndarray
    difference: list[np.ndarray]
    score: np.ndarray
    deep_score: np.ndarray
    work: Work
    others: int = 0
    outline: np.ndarray | None = None


class Sight:
    """See parts as a recipe wants them seen, whichever of the kinds of recipe it is.

    Args:
        recipe: All that is known of the product.
        network: The module, if the recipe was taught with one that was brought.

    Attributes:
        recipe: The same.
        placed: What looks into registered parts with a pretrained backbone; None without one.
        anywhere: What looks at parts without fixed places; None where they have such.

    Raises:
        RecipeError: the recipe's backbone is not installed, or has other weights.
    """

    def __init__(self, recipe: Recipe, network: torch.nn.Module | Backbone | None) -> None:
        self.recipe = recipe
        self.placed, self.anywhere = eyes_of(recipe, network)
        self._viewer = Viewer(
            mean=recipe.mean, mask=recipe.mask, background=recipe.background, scale=recipe.scale,
            centre=recipe.centre, radius=recipe.radius, mix=recipe.mix,
            light_limits=recipe.light_limits, sure=recipe.sure, prints=recipe.prints,
            blur=recipe.blur)
        self._first = FirstLook(recipe.mean, recipe.reach_px, recipe.surprise)
        self._part_tiles = tile_peaks(recipe.mask.astype(np.uint8), TILE) > 0
        self._units = int(self._part_tiles.sum())

    def confirmed(self, scores: Sequence[float]) -> Sight:
        """Return the same with further confirmed scores; see `Recipe.with_confirmed`."""
        other = copy(self)
        other.recipe = self.recipe.with_confirmed(scores)
        return other

    @property
    def can_be_tuned(self) -> bool:
        """Whether it has a network that follows changes, whose layout can be measured."""
        stage = self.recipe.pretrained
        gate = None if stage is None else stage.gate
        return self.placed is not None and gate is not None and not gate.is_open

    def tuned(self, inputs: np.ndarray, budget_s: float) -> tuple[Sight, TunedLayout]:
        """Return the same with the network laid out as it runs fastest here, and the layout.

        Args:
            inputs: What the network gets to see of good parts [N, 3, H, W], at least one.
            budget_s: Seconds after which nothing more is tried.

        Raises:
            ValueError: the budget is not above 0.
        """
        assert self.placed is not None, 'can_be_tuned tells it'
        layout = self.placed.measure_layout(inputs, budget_s)
        other = copy(self)
        other.recipe = self.recipe.with_layout(layout)
        other.placed = self.placed.laid_out(layout)
        return other, layout

    @property
    def background(self) -> Background | None:
        """What lies around the part; None where the frame is taken as it is."""
        stage = self.recipe.pretrained
        if self.recipe.background is None and stage is not None and stage.crop is not None:
            return stage.crop.background
        return self.recipe.background

    @property
    def no_work(self) -> Work:
        """What was computed where no part was found."""
        return no_work(self.recipe.deep, self._units)

    def warm_up(self) -> None:
        """Import, compile and run once what the first part would otherwise wait for."""
        if self.anywhere is not None:
            self.anywhere.warm_up()
            return
        glimpse = self._first.look(self._viewer.warm_up())
        if self.placed is not None:
            self.placed.warm_up(list(self.recipe.mean))
            return
        tile = np.argwhere(self._part_tiles)[:1]
        self.recipe.deep.examine(list(self.recipe.mean), glimpse.white.planes, tile, self._units)

    def show(self, frame: np.ndarray) -> View | CutOut | None:
        """Return the part in a frame as it is looked at; None where there is none."""
        if self.anywhere is not None:
            return self.anywhere.cut_out(frame)
        return self._viewer.view(frame)

    def see(self, shown: View | CutOut) -> Seen:
        """Look at a part."""
        if isinstance(shown, CutOut):
            return self._see_anywhere(shown)
        glimpse = self._first.look(shown)
        if self.placed is not None:
            return self._see_placed(shown, glimpse)
        return self._see_sampled(shown, glimpse)

    def _see_sampled(self, view: View, glimpse: Glimpse) -> Seen:
        """Look at a registered part with sampled features."""
        recipe = self.recipe
        difference, white, surprise = glimpse
        score = surprise * (1 / recipe.limits.look)
        woken = self._undecided(tile_peaks(surprise, TILE))
        work, deep_score = self.no_work, np.zeros_like(score)
        if len(woken):
            settled = [cv2.add(mean, plane) for mean, plane in zip(recipe.mean, difference)]
            found = recipe.deep.examine(settled, white.planes, woken, self._units)
            work = found.work
            deep_score = self._spread_out(found, score.shape)
            score = np.maximum(score, deep_score)
        return Seen(view.matrix, difference, score, deep_score, work, view.others)

    def _see_placed(self, view: View, glimpse: Glimpse) -> Seen:
        """Look at a registered part with a pretrained backbone."""
        stage = self.recipe.pretrained
        assert self.placed is not None and stage is not None and stage.placed is not None
        gazes = self.placed.look(view.planes, glimpse.surprise, stage.placed, stage.limit)
        size = gazes.unusual.shape[::-1]
        difference = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
                      for plane in glimpse.difference]
        return Seen(view.matrix, difference, gazes.unusual, gazes.unusual, gazes.work,
                    view.others)

    def _see_anywhere(self, cut_out: CutOut) -> Seen:
        """Look at a part of free shape, or a texture."""
        stage = self.recipe.pretrained
        assert self.anywhere is not None and stage is not None
        gazes = self.anywhere.look(cut_out, stage.sights, stage.limit)
        assert gazes.matrix is not None
        unknown = [np.zeros_like(gazes.unusual)] * 3
        return Seen(gazes.matrix, unknown, gazes.unusual, gazes.unusual, gazes.work,
                    gazes.others, gazes.outline)

    def weigh(self, seen: Seen, size: tuple[int, int]) -> Evidence:
        """Say where in the image what was seen is, and what the limits are."""
        recipe = self.recipe
        mask, centre, radius = recipe.mask, recipe.centre, recipe.radius
        compared = 0 if self.anywhere is not None else recipe.format.channels
        outline = mask if compared else seen.outline
        if seen.score.shape != mask.shape:
            height, width = seen.score.shape
            mask = np.ones(seen.score.shape, bool)
            centre, radius = (width / 2, height / 2), max(width, height) / 2
        return Evidence(
            seen.score, seen.deep_score, seen.difference, compared, mask, outline,
            self._to_image(seen.matrix, size), recipe.limits.review, centre, radius)

    def network_input(self, frame: np.ndarray) -> np.ndarray | None:
        """Return what the deep network gets to see of the part in a frame; None where nothing."""
        shown = self.show(frame)
        if isinstance(shown, CutOut) and self.anywhere is not None:
            return self.anywhere.input(shown)
        if isinstance(shown, View) and self.placed is not None:
            return self.placed.input(shown.planes, self._first.look(shown).surprise)
        return None

    def _undecided(self, peaks: np.ndarray) -> np.ndarray:
        """Return row and column of the tiles [N, 2] that surprise but are no clear case yet."""
        limits = self.recipe.limits
        clear = _CLEAR * limits.reject * limits.look
        return np.argwhere((peaks >= limits.wake) & (peaks < clear))

    def _spread_out(self, found: Findings, shape: tuple[int, int]) -> np.ndarray:
        """Put the woken tiles' scores into a map [H, W]; zero where nothing was woken."""
        limits, mask = self.recipe.limits, self.recipe.mask
        score = np.zeros(shape, np.float32)
        cell = TILE // found.features.shape[-1]
        features = found.features.repeat(cell, axis=1).repeat(cell, axis=2) / limits.features
        tiles = np.maximum(found.lines / limits.lines, features)
        for (row, column), tile in zip(found.tiles * TILE, tiles):
            score[row:row + TILE, column:column + TILE] = tile
        return score * mask

    def _to_image(self, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Return the map to the image as it was given, which may be of another size."""
        form = self.recipe.format
        across, down = size[0] / form.width, size[1] / form.height
        if across == down == 1:
            return matrix
        enlarge = np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])
        return enlarge @ np.vstack([matrix, (0, 0, 1)])
