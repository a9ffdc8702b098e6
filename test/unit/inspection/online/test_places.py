# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Places of a part, and the features of good ones as bytes."""

from dataclasses import replace

import numpy as np
import pytest

from ant_ros.inspection.features_hash import features_hash
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning import PLACE_FEATURES
from ant_ros.inspection.learning.features import MOST_ROWS
from ant_ros.inspection.online.places import describe_part
from ant_ros.inspection.online.places import find_places
from ant_ros.inspection.online.places import good_from_bytes
from ant_ros.inspection.online.places import good_places
from ant_ros.inspection.online.places import good_to_bytes


def test_good_places_survive_as_bytes_and_belong_to_their_recipe(good, seeing):
    source = features_hash(seeing.recipe)
    data = good_to_bytes(good, source)

    assert (good_from_bytes(data, source) == good).all()
    with pytest.raises(MessageError, match='another recipe'):
        good_from_bytes(data, 'other')
    with pytest.raises(MessageError, match='damaged'):
        good_from_bytes(data[:-1], source)
    other = replace(seeing.recipe, mean=seeing.recipe.mean + 1)
    assert features_hash(other) != source


def test_there_are_several_good_places_of_each_part(seeing, teach_images):
    evidences = [seeing.look(image)[1] for image in teach_images[:3]]
    good = good_places(evidences)

    assert good.shape == (9, len(PLACE_FEATURES))
    assert np.isfinite(good).all()
    assert len(np.unique(good, axis=0)) == 9


def test_a_part_exactly_as_expected_has_a_place(seeing, plate):
    evidence = seeing.look(plate(1000))[1]
    nothing = replace(evidence, score=np.zeros_like(evidence.score))

    features = describe_part('a', nothing, find_places(nothing))

    assert features.vectors.shape == (1, len(PLACE_FEATURES))
    assert not features.flagged.any()


def test_of_many_places_the_worst_are_described(seeing, plate):
    evidence = seeing.look(plate(1000))[1]
    score = np.zeros_like(evidence.score)
    score[10:-10:12, 10:-10:12] = np.linspace(2, 4, score[10:-10:12, 10:-10:12].size).reshape(
        score[10:-10:12, 10:-10:12].shape)
    many = replace(evidence, score=score)
    places = find_places(many)

    assert len(places) > MOST_ROWS
    assert [place.peak for place in places] == sorted(
        (place.peak for place in places), reverse=True)
    assert len(describe_part('a', many, places).vectors) == MOST_ROWS


def test_no_part_no_evidence(seeing, plate):
    verdict, evidence = seeing.look(np.full_like(plate(1), 40))

    assert evidence is None
    assert verdict.reason == 'no part found'
