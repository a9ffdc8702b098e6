# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Local plasticity: what a synapse learns from the two spike times that it sees.

The four cases are those of Smith, A Temporal Neural Network Architecture for Online Learning
(arXiv 2011.13844), with the stabilising probabilities of Nair, Smith and Shen (2021): weights are
small integers that move by one at a time.
"""

from dataclasses import dataclass
from dataclasses import fields

import numpy as np

from ant_ros.network.temporal.encoding import NEVER

__all__ = ['Plasticity', 'follow', 'reverse', 'search', 'stdp']


@dataclass(frozen=True)
class Plasticity:
    """Probabilities of the steps of a synapse, each in [0, 1].

    Attributes:
        capture: The input came no later than the output: +1.
        minus: The input came after the output: -1.
        backoff: The output came, the input did not: -1.
        search: The input came, the output did not: +1.
        reversal: The neuron won where it should not have: capture becomes -1 and backoff +1.
        least: Stabilisation, which makes weights stick to 0 and to the largest: with s = weight /
            largest a step up has s (2 - s) of its probability and a step down (1 - s)(1 + s),
            but no less than about this share; 1 switches stabilisation off.

    Raises:
        ValueError: A probability outside [0, 1].
    """

    capture: float = 0.3
    minus: float = 0.3
    backoff: float = 0.3
    search: float = 0.1
    reversal: float = 0.0
    least: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f'{field.name} is {value}, expected a probability in 0 to 1')


def stdp(weights: np.ndarray, inputs: np.ndarray, outputs: np.ndarray, plasticity: Plasticity,
         largest: int, rng: np.random.Generator) -> np.ndarray:
    """Return the weights after the output spikes of the segments that won.

    Args:
        weights: `[segments, inputs]`, integers from 0 to `largest`.
        inputs: Spike times `[segments, inputs]`.
        outputs: Spike times `[segments]`, none of them `NEVER`.
        plasticity: The probabilities.
        largest: Largest weight.
        rng: Source of the draws.
    """
    early = inputs <= outputs[:, None]
    down = np.where(inputs == NEVER, plasticity.backoff, plasticity.minus)
    return _step(weights, early, np.where(early, plasticity.capture, down), plasticity, largest,
                 rng)


def reverse(weights: np.ndarray, inputs: np.ndarray, outputs: np.ndarray,
            plasticity: Plasticity, largest: int, rng: np.random.Generator) -> np.ndarray:
    """Return the weights after the output spikes of segments that should have kept silent.

    Every step goes the other way, as in reward-modulated plasticity (Mozafari, Kheradpisheh,
    Masquelier, Nowzari-Dalini, Ganjtabesh, IEEE TNNLS 2018).

    Args:
        weights: `[segments, inputs]`, integers from 0 to `largest`.
        inputs: Spike times `[segments, inputs]`.
        outputs: Spike times `[segments]`.
        plasticity: The probabilities.
        largest: Largest weight.
        rng: Source of the draws.
    """
    return _step(weights, inputs > outputs[:, None], plasticity.reversal, plasticity, largest, rng)


def search(weights: np.ndarray, inputs: np.ndarray, plasticity: Plasticity, largest: int,
           rng: np.random.Generator) -> np.ndarray:
    """Return the weights of segments `[segments, inputs]` that kept silent but should not."""
    spikes = (inputs != NEVER) & (rng.random(weights.shape) < plasticity.search)
    return np.minimum(weights + spikes, largest).astype(weights.dtype)


def follow(weights: np.ndarray, inputs: np.ndarray, ticks: int, probability: float,
           rng: np.random.Generator) -> np.ndarray:
    """Return the weights after a step towards the time that the cycle leaves to their ramps.

    A ramp that had ended before the cycle did gets one longer, one that was still rising one
    shorter. A weight comes to rest where half its inputs are earlier and half later: at the
    median. With the pairs of lines of `latency` and as many levels as the largest weight, the
    potential at the end of the cycle is then its greatest minus the L1 distance of the levels.
    (Our own rule; the papers' rules sort inputs into early and late only.)

    Args:
        weights: `[segments, inputs]`.
        inputs: Spike times `[segments, inputs]`.
        ticks: Length of the cycle; at most the largest weight.
        probability: Probability of a step.
        rng: Source of the draws.
    """
    left = ticks - np.minimum(inputs, ticks)
    steps = np.sign(left - weights) * (rng.random(weights.shape) < probability)
    return (weights + steps).astype(weights.dtype)


def _step(weights: np.ndarray, up: np.ndarray, probability: np.ndarray | float,
          plasticity: Plasticity, largest: int, rng: np.random.Generator) -> np.ndarray:
    if plasticity.least < 1.0:
        share = weights / largest
        held = np.where(up, share * (2.0 - share), (1.0 - share) * (1.0 + share))
        # 'F or minimum' of two independent bits.
        probability = probability * (held + plasticity.least - held * plasticity.least)
    steps = np.where(up, 1, -1) * (rng.random(weights.shape) < probability)
    return np.clip(weights + steps, 0, largest).astype(weights.dtype)
