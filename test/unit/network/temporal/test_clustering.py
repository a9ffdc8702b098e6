# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from ant_ros.network.temporal.clustering import TemporalClusters
from ant_ros.network.temporal.plasticity import follow

CENTRES = np.array([[0.1, 0.9, 0.1, 0.5], [0.9, 0.1, 0.9, 0.5], [0.5, 0.5, 0.1, 0.0]])


def sample(seed=0, count=60):
    rng = np.random.default_rng(seed)
    which = rng.integers(0, len(CENTRES), count)
    return CENTRES[which] + rng.normal(0, 0.04, (count, 4)), which


def taught(**change):
    clusters = TemporalClusters(0.0, 1.0, features=4, **change)
    found = [clusters.learn(pattern) for pattern in sample()[0]]
    return clusters, found


def test_recurring_patterns_find_a_cluster_each_without_being_told_how_many():
    clusters, found = taught()
    which = sample()[1]
    assert clusters.count == 3
    pairs = {(int(kind), cluster) for kind, cluster in zip(which, found)}
    assert len(pairs) == 3
    assert clusters.seen.sum() == len(which)


def test_what_it_learned_it_proposes():
    clusters, found = taught()
    known = dict(zip(sample()[1].tolist(), found))
    for pattern, kind in zip(*sample(seed=1)):
        proposal = clusters.propose(pattern)
        assert proposal.cluster == known[int(kind)]
        assert 0.0 <= proposal.confidence <= 1.0
    sure, unsure = (clusters.propose(centre + 0.05 * i) for i, centre in enumerate(CENTRES[:2]))
    assert sure.confidence > unsure.confidence


def test_the_unknown_is_none_and_proposing_does_not_learn():
    clusters, _ = taught()
    before = clusters.state()
    assert clusters.propose(np.array([0.9, 0.9, 0.9, 0.9])) is None
    clusters.propose(CENTRES[0])
    assert all(np.array_equal(value, before[key]) for key, value in clusters.state().items())
    assert TemporalClusters(0.0, 1.0, features=4).propose(CENTRES[0]) is None


def test_at_the_limit_what_fits_nowhere_is_none():
    clusters = TemporalClusters(0.0, 1.0, features=4, limit=2)
    assert [clusters.learn(centre) for centre in CENTRES] == [0, 1, None]
    assert clusters.count == 2


def test_distances_are_mean_differences_in_parts_of_the_range():
    clusters = TemporalClusters(np.zeros(4), np.full(4, 2.0), levels=10)
    clusters.learn(2.0 * CENTRES[0])
    expected = np.abs(CENTRES - CENTRES[0]).mean(axis=1)
    assert clusters.distances(2.0 * CENTRES)[:, 0] == pytest.approx(expected)


def test_clusters_follow_a_drift():
    clusters = TemporalClusters(0.0, 1.0, features=4)
    shifts = np.linspace(0.0, 0.4, 200)
    way = np.array([1, -1, 1, 0])
    assert {clusters.learn(CENTRES[0] + shift * way) for shift in shifts} == {0}


def test_names_are_kept():
    clusters, _ = taught()
    clusters.rename(1, 'long scratch')
    assert [clusters.name_of(i) for i in range(3)] == ['pattern 1', 'long scratch', 'pattern 3']
    again = TemporalClusters.from_state(clusters.state())
    assert again.name_of(1) == 'long scratch'
    for pattern in sample(seed=2)[0]:
        assert again.propose(pattern) == clusters.propose(pattern)


def test_the_seed_alone_decides_the_draws():
    one, other = (taught(seed=5)[0].state() for _ in range(2))
    assert all(np.array_equal(value, other[key]) for key, value in one.items())


def test_values_outside_the_range_count_as_its_ends():
    clusters = TemporalClusters(0.0, 1.0, features=4)
    clusters.learn(np.array([0.0, 1.0, 0.0, 1.0]))
    assert clusters.propose(np.array([-9.0, 9.0, -9.0, 9.0])).confidence == 1.0


@pytest.mark.parametrize(('features', 'message'), [
    (np.array([0.1, np.nan, 0.1, 0.1]), 'NaN'), (np.zeros(3), 'expected 4 numbers'),
    (np.array(1.0), 'expected 4 numbers')])
def test_bad_features_are_refused(features, message):
    clusters = TemporalClusters(0.0, 1.0, features=4)
    for call in (clusters.learn, clusters.propose):
        with pytest.raises(ValueError, match=message):
            call(features)
    assert clusters.count == 0


@pytest.mark.parametrize(('change', 'message'), [
    ({'tolerance': 0.0}, 'tolerance is 0.0'), ({'tolerance': 1.0}, 'tolerance is 1.0'),
    ({'limit': 0}, 'limit is 0'), ({'rate': 1.5}, 'rate is 1.5'), ({'levels': 0}, 'levels is 0'),
    ({'levels': 200}, 'largest is 200')])
def test_bad_numbers_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        TemporalClusters(0.0, 1.0, features=4, **change)


def test_empty_ranges_unknown_clusters_and_damaged_states_are_refused():
    with pytest.raises(ValueError, match='empty or not finite'):
        TemporalClusters(np.zeros(4), np.array([1.0, 1.0, 0.0, 1.0]))
    clusters, _ = taught()
    with pytest.raises(ValueError, match='no cluster 3: there are 3'):
        clusters.name_of(3)
    with pytest.raises(ValueError, match='empty'):
        clusters.rename(0, ' ')
    state = clusters.state()
    state['low'] = np.zeros(5)
    state['high'] = np.ones(5)
    with pytest.raises(ValueError, match='mixed up or damaged'):
        TemporalClusters.from_state(state)
    del state['names']
    with pytest.raises(ValueError, match='lacks names'):
        TemporalClusters.from_state(state)


def test_following_weights_rest_on_the_pattern():
    times = np.array([[0, 3, 7]])
    weights = follow(np.array([[7, 4, 0]], np.int8), times, 7, 1.0, np.random.default_rng(0))
    assert weights.tolist() == [[7, 4, 0]]
