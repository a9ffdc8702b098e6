# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""In which order inputs of linear layers are missed least, if the others make up for them.

Removing the columns q of a layer whose inputs have the covariance H raises the squared error of
its outputs by w_q (H⁻¹_qq)⁻¹ w_qᵀ once the others are adjusted, and that is the least possible:
the optimal brain surgeon (Hassibi, Stork 1993) for the reconstruction of a layer (Luo, Wu, Lin,
ThiNet, ICCV 2017; He, Zhang, Sun, Channel pruning, ICCV 2017; Frantar, Alistarh, Optimal brain
compression, NeurIPS 2022), with whole channels instead of single weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ['Reader', 'eliminate', 'make_up_for']

_STEPS = 48
"""Rounds of elimination at most; in larger families several go at once."""


@dataclass(frozen=True)
class Reader:
    """A linear layer that reads what may be removed.

    Attributes:
        weight: `[outputs, inputs]`.
        covariance: Of the inputs `[inputs, inputs]`, damped, so that it can be inverted.
        importance: How much a squared error of each output matters `[outputs]`.
        columns: Inputs that go with each candidate `[candidates, inputs of one]`.
    """

    weight: np.ndarray
    covariance: np.ndarray
    importance: np.ndarray
    columns: np.ndarray


class _Elimination:
    """A reader while candidates are being removed from it."""

    def __init__(self, reader: Reader) -> None:
        self._scaled = reader.weight * np.sqrt(reader.importance)[:, None]
        self._inverse = np.linalg.inv(reader.covariance)
        self._columns = reader.columns

    def costs(self, candidates: np.ndarray) -> np.ndarray:
        """Return what the removal of each candidate costs `[candidates]`."""
        columns = self._columns[candidates]
        blocks = self._inverse[columns[:, :, None], columns[:, None, :]]
        weights = self._scaled[:, columns].transpose(1, 2, 0)
        return np.maximum((weights * np.linalg.solve(blocks, weights)).sum((1, 2)), 0.0)

    def remove(self, candidates: np.ndarray) -> None:
        """Remove candidates and let the other inputs make up for them."""
        gone = self._columns[candidates].ravel()
        rows = self._inverse[gone]
        shift = np.linalg.solve(rows[:, gone], rows)
        self._scaled -= self._scaled[:, gone] @ shift
        self._inverse -= rows.T @ shift
        # Leave the removed ones uncoupled, so that what is left stays invertible.
        self._inverse[gone] = self._inverse[:, gone] = 0.0
        self._inverse[gone, gone] = 1.0


def eliminate(readers: Sequence[Reader], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Order `count` candidates by how little they are missed, all readers together.

    Args:
        readers: Layers that read the candidates.
        count: Number of candidates.

    Returns:
        The candidates `[count]`, and the error once the first 0 … count of them are gone
        `[count + 1]`, rising.
    """
    states = [_Elimination(reader) for reader in readers]
    left = np.arange(count)
    order: list[int] = []
    errors = [0.0]
    at_once = -(-count // _STEPS)
    while len(left):
        costs = sum((state.costs(left) for state in states), np.zeros(len(left)))
        chosen = np.argsort(costs, kind='stable')[:at_once]
        order += left[chosen].tolist()
        errors += (errors[-1] + np.cumsum(costs[chosen])).tolist()
        if len(chosen) < len(left):
            for state in states:
                state.remove(left[chosen])
        left = np.delete(left, chosen)
    return np.array(order, np.int64), np.array(errors)


def make_up_for(weight: np.ndarray, covariance: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Return weights `[outputs, kept]` of the kept inputs that make up for the others.

    Args:
        weight: `[outputs, inputs]`.
        covariance: Of the inputs, damped `[inputs, inputs]`.
        kept: Which inputs stay `[inputs]` of bool.
    """
    lost = weight[:, ~kept] @ covariance[np.ix_(~kept, kept)]
    return weight[:, kept] + np.linalg.solve(covariance[np.ix_(kept, kept)], lost.T).T
