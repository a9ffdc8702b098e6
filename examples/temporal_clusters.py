# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Find out which anomalies look alike, before anybody has named one.

Three kinds of flaws come along in random order, each described by six measured features. The
temporal neurons are not told how many kinds there are. Then a person names one flaw of each, and
new flaws get proposals.
"""

import numpy as np

from ant_ros.network.temporal import TemporalClusters

FEATURES = ('length_mm', 'width_mm', 'elongation', 'contrast', 'colour_shift', 'roughness')
LOW = np.array([0.0, 0.0, 1.0, -1.0, 0.0, 0.0])
HIGH = np.array([20.0, 10.0, 15.0, 1.0, 1.0, 1.0])
KINDS = {
    'scratch': np.array([15.0, 1.0, 12.0, 0.5, 0.1, 0.6]),
    'stain': np.array([6.0, 5.0, 1.5, -0.4, 0.8, 0.1]),
    'dent': np.array([4.0, 4.0, 1.2, -0.6, 0.0, 0.3]),
}


def flaw(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return the features of a flaw of a kind, no two quite alike."""
    return KINDS[kind] + rng.normal(0.0, 0.05, len(FEATURES)) * (HIGH - LOW)


def main() -> None:
    """Cluster sixty flaws, name the clusters, and let new flaws be proposed."""
    rng = np.random.default_rng(0)
    clusters = TemporalClusters(LOW, HIGH)
    for kind in rng.choice(list(KINDS), 60):
        clusters.learn(flaw(kind, rng))
    print(f'60 flaws, {clusters.count} clusters of {clusters.seen.tolist()}')

    for kind in KINDS:
        proposal = clusters.propose(flaw(kind, rng))
        if proposal is not None:
            clusters.rename(proposal.cluster, kind)
    for kind in KINDS:
        proposal = clusters.propose(flaw(kind, rng))
        print(f'{kind:>8} -> {proposal.name} ({proposal.confidence:.0%} sure)' if proposal
              else f'{kind:>8} -> unknown')

    crack = np.array([20.0, 0.5, 15.0, -1.0, 1.0, 1.0])
    print(f'   crack -> {clusters.propose(crack) or "unknown"}')


if __name__ == '__main__':
    main()
