# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Sampled networks in scikit-learn."""

from pathlib import Path
import pickle
import re
import runpy

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import check_estimator

from ant_ros.network.sampled import SampledClassifier
from ant_ros.network.sampled import SampledRegressor

EXAMPLE = Path(__file__).parents[4] / 'examples' / 'sampled_classifier.py'


@pytest.mark.parametrize('estimator', [
    SampledClassifier(64), SampledRegressor(64), SampledClassifier(32, boosting_steps=1),
    SampledRegressor((32, 32), activation='relu', density='uniform'),
    SampledClassifier(64, density='gaussian')], ids=repr)
def test_scikit_learn_accepts_it(estimator):
    checks = check_estimator(estimator, on_skip=None)

    statuses = [check['status'] for check in checks]
    assert statuses.count('passed') >= 45
    # What scikit-learn leaves out itself needs pandas or an environment variable.
    assert set(statuses) <= {'passed', 'skipped'}
    assert statuses.count('skipped') <= 3


def test_digits():
    samples, labels = load_digits(return_X_y=True)
    model = SampledClassifier(256, random_state=0).fit(samples[:1300], labels[:1300])

    assert model.score(samples[1300:], labels[1300:]) > 0.93


def test_labels_may_be_words_and_scores_go_with_them():
    samples, labels = load_digits(return_X_y=True)
    words = np.array(['even', 'odd'])[labels % 2]
    model = SampledClassifier(256, random_state=0).fit(samples, words)

    assert model.score(samples, words) > 0.97
    assert ((model.decision_function(samples) > 0) == (model.predict(samples) == 'odd')).all()


def test_streaming_is_batch_with_the_same_hidden_layers():
    samples, labels = load_digits(return_X_y=True)
    streamed = SampledClassifier(64, ridge=1e-3, random_state=0)
    streamed.partial_fit(samples[:400], labels[:400], classes=np.arange(10))
    for start in range(400, 1797, 100):
        streamed.partial_fit(samples[start:start + 100], labels[start:start + 100])
    batch = SampledClassifier(64, ridge=1e-3, random_state=0).fit(samples[:400], labels[:400])
    batch.partial_fit(samples[400:], labels[400:])

    difference = streamed.head_.weights - batch.head_.weights
    assert np.abs(difference).max() < 1e-6 * np.abs(batch.head_.weights).max()


def test_several_targets_at_once():
    samples, targets = load_diabetes(return_X_y=True)
    both = np.stack([targets, -targets], axis=1)
    model = SampledRegressor(64, random_state=0).fit(samples, both)

    assert model.predict(samples).shape == both.shape
    assert model.score(samples, both) > 0.4


def test_more_units_than_samples():
    samples, labels = load_digits(return_X_y=True)
    model = SampledClassifier(500, random_state=0).fit(samples[:40], labels[:40])

    assert model.score(samples[40:], labels[40:]) > 0.5


def test_it_survives_pickling():
    samples, targets = load_diabetes(return_X_y=True)
    model = SampledRegressor(32, boosting_steps=2, random_state=0).fit(samples, targets)

    restored = pickle.loads(pickle.dumps(model))
    assert np.array_equal(restored.predict(samples), model.predict(samples))


def test_constant_samples_answer_what_is_most_frequent_and_the_mean():
    labels = np.array([0, 1, 1, 1])

    assert SampledClassifier(8).fit(np.ones((4, 2)), labels).predict(np.ones((1, 2))) == [1]
    assert SampledRegressor(8).fit(np.ones((4, 2)), labels).predict(
        np.ones((1, 2))) == pytest.approx([0.75])


def test_duplicates_with_contradicting_labels_are_answered():
    samples = np.repeat(np.random.default_rng(0).normal(size=(20, 3)), 5, axis=0)
    labels = np.tile([0, 0, 0, 1, 1], 20)

    assert (SampledClassifier(32, random_state=0).fit(samples, labels).predict(samples) == 0
            ).all()


SAMPLES = np.random.default_rng(0).normal(size=(30, 3))
LABELS = np.arange(30) % 3
BAD = SAMPLES.copy()
BAD[4, 1] = np.nan


@pytest.mark.parametrize(('settings', 'samples', 'labels', 'message'), [
    ({}, SAMPLES, np.zeros(30), 'only one class'),
    ({}, BAD, LABELS, 'NaN'),
    ({}, SAMPLES[:1], LABELS[:1], 'minimum of 2'),
    ({}, SAMPLES, np.random.default_rng(0).normal(size=30), 'continuous'),
    ({'width': 0}, SAMPLES, LABELS, 'width 0'),
    ({'width': ()}, SAMPLES, LABELS, 'no widths'),
    ({'density': 'steep'}, SAMPLES, LABELS, 'choose gradient'),
    ({'scale': -1.0}, SAMPLES, LABELS, 'above 0'),
    ({'boosting_steps': 2, 'density': 'gaussian'}, SAMPLES, LABELS, 'boosting_steps=0'),
])
def test_bad_input_is_refused(settings, samples, labels, message):
    with pytest.raises(ValueError, match=message):
        SampledClassifier(**settings).fit(samples, labels)


def test_a_label_never_seen_is_named_and_nothing_changes():
    model = SampledClassifier(16, random_state=0).fit(SAMPLES, LABELS)
    before = model.predict(SAMPLES)

    with pytest.raises(ValueError, match=r'\[7\] were never seen'):
        model.partial_fit(SAMPLES[:2], [0, 7])
    with pytest.raises(ValueError, match='call fit to start anew'):
        model.partial_fit(SAMPLES[:2], [0, 1], classes=[0, 1])
    assert np.array_equal(model.predict(SAMPLES), before)


def test_the_first_batch_has_to_name_all_labels():
    with pytest.raises(ValueError, match='needs all labels'):
        SampledClassifier().partial_fit(SAMPLES, LABELS)


def test_the_example_learns_and_forgets(capsys):
    runpy.run_path(str(EXAMPLE), run_name='__main__')

    said = capsys.readouterr().out
    dense, convolved = (float(share) for share in re.findall(r'([\d.]+)%', said))
    merged, removed = (float(number) for number in re.findall(r'by (\S+)\n', said))
    assert dense > 97
    assert convolved > 95
    assert max(merged, removed) < 1e-6
