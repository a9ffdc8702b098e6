# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Stage 1: sampled features and lines of evidence, on woken tiles only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import time

import cv2
import numpy as np

from ant_ros.inspection.expectation import learn_spread
from ant_ros.inspection.lines import line_filters
from ant_ros.network.patch_features import PatchFeatures
from ant_ros.network.work import Work

__all__ = ['TILE', 'DeepStage', 'Findings', 'TaughtAnswers', 'ask_all', 'cut_tiles',
           'learn_deep_stage', 'no_work']

TILE = 16
_HALO = 8
_LINE_PX = 15
_DIRECTIONS = 8
_LINES = line_filters(_LINE_PX, _DIRECTIONS, sides_px=4)[:, None]
_PRIOR_PARTS = 8.0
_LEAST_OF_USUAL = 0.5
_LINE_POOL_PX = 9
_FEATURE_POOL = 3
_SHRINK = 0.05


@dataclass(frozen=True)
class Findings:
    """What the deep stage found on the woken tiles.

    Attributes:
        tiles: Row and column of each woken tile [N, 2].
        lines: Evidence for a line through each pixel, in spreads [N, TILE, TILE].
        features: Distance of the features from the good parts, in spreads [N, P, P].
        work: What it cost.
    """

    tiles: np.ndarray
    lines: np.ndarray
    features: np.ndarray
    work: Work


@dataclass(frozen=True)
class Responses:
    """Raw answers of the filters on tiles.

    Attributes:
        lines: Sums along lines [N, 6 * directions, TILE, TILE].
        features: Sampled features [N, K, P, P].
    """

    lines: np.ndarray
    features: np.ndarray


@dataclass(frozen=True)
class DeepStage:
    """A Gaussian of the good parts' answers, per tile and position.

    Attributes:
        network: The sampled features.
        line_weights: 1 / spread of the line sums [rows, columns, 6 * directions].
        line_levels: Factor per pixel [H, W]: less where lines come easily, as at edges.
        feature_mean: [rows, columns, K, P, P].
        whiten: Decorrelates the features [K, K].
        feature_weights: 1 / spread of the decorrelated features [H / stride, W / stride].
    """

    network: PatchFeatures
    line_weights: np.ndarray
    line_levels: np.ndarray
    feature_mean: np.ndarray
    whiten: np.ndarray
    feature_weights: np.ndarray

    def examine(
        self, view: Sequence[np.ndarray], white: Sequence[np.ndarray], tiles: np.ndarray,
        units_total: int,
    ) -> Findings:
        """Examine the woken tiles of one part.

        Args:
            view: Three planes [H, W] of the part in the expected light.
            white: Seen less expected, whitened, three planes.
            tiles: Row and column of the woken tiles [N, 2].
            units_total: Tiles that a dense run would compute.
        """
        start = time.perf_counter()
        answers = responses(self.network, view, white, tiles)
        rows, columns = tiles.T
        lines = _strongest_line(answers.lines, self.line_weights[rows, columns])
        lines *= cut_tiles(self.line_levels, tiles, TILE)
        features = _distance(answers.features, self.feature_mean[rows, columns], self.whiten)
        features *= cut_tiles(self.feature_weights, tiles, features.shape[-1])
        return Findings(tiles, lines, features,
                        self._work(len(tiles), units_total, time.perf_counter() - start))

    def _work(self, units: int, units_total: int, seconds: float) -> Work:
        positions = (TILE // self.network.stride) ** 2
        per_unit = (
            self.network.macs(1, TILE) + 3 * len(_LINES) * _LINE_PX**2 * TILE**2
            + positions * self.network.count**2)
        side = TILE + 2 * _HALO
        moved = 4 * (2 * 3 * side**2 + 3 * len(_LINES) * TILE**2
                     + 3 * positions * self.network.count)
        return Work(units, units_total, units * per_unit, units_total * per_unit,
                    units * moved + (self.network.weights.nbytes if units else 0), seconds)


def no_work(stage: DeepStage, units_total: int) -> Work:
    """Return the work of a part that woke nothing."""
    return stage._work(0, units_total, 0.0)


def responses(
    network: PatchFeatures, view: Sequence[np.ndarray], white: Sequence[np.ndarray],
    tiles: np.ndarray,
) -> Responses:
    """Compute the filters' answers on tiles with their halo, in one batch."""
    import torch
    seen = _gather(view, tiles)
    residual = _gather(white, tiles)
    cut = _HALO - network.HALO
    end = seen.shape[-1] - cut
    features = network.compute(np.ascontiguousarray(seen[:, :, cut:end, cut:end]))
    reach = _LINE_PX // 2
    cut = _HALO - reach
    end = residual.shape[-1] - cut
    planes = torch.from_numpy(np.ascontiguousarray(residual[:, :, cut:end, cut:end]))
    with torch.inference_mode():
        lines = torch.nn.functional.conv2d(
            planes.flatten(0, 1)[:, None], torch.from_numpy(_LINES))
    return Responses(lines.numpy().reshape(len(tiles), -1, TILE, TILE), features)


def _gather(planes: Sequence[np.ndarray], tiles: np.ndarray) -> np.ndarray:
    """Cut tiles with halo out of three planes: [N, 3, TILE + 2 HALO, TILE + 2 HALO]."""
    side = TILE + 2 * _HALO
    batch = np.empty((len(tiles), len(planes), side, side), np.float32)
    for channel, plane in enumerate(planes):
        padded = cv2.copyMakeBorder(plane, _HALO, _HALO, _HALO, _HALO, cv2.BORDER_REFLECT_101)
        for index, (row, column) in enumerate(tiles):
            top, left = row * TILE, column * TILE
            batch[index, channel] = padded[top:top + side, left:left + side]
    return batch


def _strongest_line(lines: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the strongest line through each pixel [N, T, T] from all sums [N, C, T, T]."""
    return (np.abs(lines) * weights[:, :, None, None]).max(axis=1)


def _distance(features: np.ndarray, mean: np.ndarray, whiten: np.ndarray) -> np.ndarray:
    """Return the distance of features [N, K, P, P] from their mean, per position [N, P, P]."""
    white = np.einsum('kl,nlpq->nkpq', whiten, features - mean, optimize=True)
    return np.sqrt(np.einsum('nkpq,nkpq->npq', white, white) / len(whiten))


def cut_tiles(picture: np.ndarray, tiles: np.ndarray, side: int) -> np.ndarray:
    """Cut tiles of `side` out of a map: [N, side, side]."""
    rows, columns = picture.shape[0] // side, picture.shape[1] // side
    blocks = picture.reshape(rows, side, columns, side)
    return blocks[tiles[:, 0], :, tiles[:, 1]]


def _join(cuts: np.ndarray, tiles: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Put tiles [N, side, side] into a map; the inverse of cutting."""
    side = cuts.shape[-1]
    picture = np.zeros((shape[0], side, shape[1], side), np.float32)
    picture[tiles[:, 0], :, tiles[:, 1]] = cuts
    return picture.reshape(shape[0] * side, shape[1] * side)


@dataclass(frozen=True)
class TaughtAnswers:
    """What the good parts answered: all that the deep stage is learned from.

    Attributes:
        network: The sampled features.
        line_squares: Mean squared line sums per part [N, tiles, 6 * directions].
        lines: Evidence for lines per part [N, H, W], each tile and direction in its spreads.
        features: Sampled features per part [N, tiles, K, P, P].
        tiles: Row and column of the tiles [tiles, 2].
        edges: Squared slope of the expected brightness nearby [H, W].
        mask: Where the part is [H, W], bool.
    """

    network: PatchFeatures
    line_squares: np.ndarray
    lines: np.ndarray
    features: np.ndarray
    tiles: np.ndarray
    edges: np.ndarray
    mask: np.ndarray


def ask_all(
    network: PatchFeatures, views: np.ndarray, white: Sequence[Sequence[np.ndarray]],
    tiles: np.ndarray, edges: np.ndarray, mask: np.ndarray,
) -> TaughtAnswers:
    """Let the good parts [N, 3, H, W] and their whitened differences answer on all tiles."""
    shape = (mask.shape[0] // TILE, mask.shape[1] // TILE)
    answers = [responses(network, list(view), one, tiles)
               for view, one in zip(views, white)]
    inside = cut_tiles(mask.astype(np.float32), tiles, TILE)
    inside /= inside.sum(axis=(1, 2), keepdims=True)
    squares = np.stack([np.einsum('tcyx,tcyx,tyx->tc', one.lines, one.lines, inside)
                        for one in answers])
    weights = _line_weights(squares)
    lines = [_join(_strongest_line(one.lines, weights), tiles, shape) for one in answers]
    return TaughtAnswers(network, squares, np.stack(lines),
                         np.stack([one.features for one in answers]), tiles, edges, mask)


def learn_deep_stage(answers: TaughtAnswers, parts: Sequence[int]) -> DeepStage:
    """Learn the Gaussian from the answers of some of the good parts."""
    network, tiles, mask = answers.network, answers.tiles, answers.mask
    shape = (mask.shape[0] // TILE, mask.shape[1] // TILE)
    count = len(parts)

    line_weights = np.zeros((*shape, answers.line_squares.shape[2]), np.float32)
    line_weights[tuple(tiles.T)] = _line_weights(answers.line_squares[parts])
    squares = (answers.lines[parts] ** 2).mean(axis=0)
    line_levels = np.sqrt(squares[mask].mean()) / learn_spread(
        squares[None], count, answers.edges[None], mask, _LINE_POOL_PX)[0]

    features = answers.features[parts]
    mean = features.mean(axis=0)
    residual = (features - mean) * np.sqrt(count / (count - 1))
    flat = np.moveaxis(residual, 2, -1).reshape(-1, network.count)
    covariance = flat.T @ flat / len(flat)
    ridge = _SHRINK * np.trace(covariance) / network.count + 1e-8
    whiten = np.linalg.inv(
        np.linalg.cholesky(covariance + ridge * np.eye(network.count))).astype(np.float32)
    nothing = np.zeros_like(mean)
    squares = np.mean([_distance(one, nothing, whiten) ** 2 for one in residual], axis=0)
    side = squares.shape[-1]
    small_mask = cv2.resize(mask.astype(np.uint8), (shape[1] * side, shape[0] * side),
                            interpolation=cv2.INTER_AREA) > 0
    edges = cv2.resize(answers.edges, small_mask.shape[::-1], interpolation=cv2.INTER_AREA)
    feature_weights = 1 / learn_spread(
        _join(squares, tiles, shape)[None], count, edges[None], small_mask, _FEATURE_POOL)[0]
    feature_mean = np.zeros((*shape, *mean.shape[1:]), np.float32)
    feature_mean[tuple(tiles.T)] = mean
    return DeepStage(
        network, line_weights, line_levels.astype(np.float32),
        feature_mean, whiten, feature_weights.astype(np.float32))


def _line_weights(squares: np.ndarray) -> np.ndarray:
    """Return 1 / spread of the line sums per tile from mean squares [N, tiles, C]."""
    count, mean = len(squares), squares.mean(axis=0)
    usual = mean.mean(axis=0)
    drawn = (count * mean + _PRIOR_PARTS * usual) / (count + _PRIOR_PARTS)
    return 1 / np.sqrt(np.maximum(drawn, _LEAST_OF_USUAL * usual) + 1e-6)
