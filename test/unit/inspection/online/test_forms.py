# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How a part that passed differs a little, place by place."""

import cv2
import numpy as np
import pytest

from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.learning.features import KINDS
from ant_ros.inspection.lighting import to_rgb
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online.forms import FEWEST_LOOKS
from ant_ros.inspection.online.forms import Forms
from ant_ros.inspection.online.forms import usual_from_bytes
from ant_ros.inspection.online.forms import usual_to_bytes


@pytest.fixture(scope='module')
def forms(seeing):
    return Forms(seeing.recipe)


@pytest.fixture(scope='module')
def looks(seeing, forms, teach_images):
    found = []
    for image in teach_images:
        _, evidence = seeing.look(image)
        found.append(forms.answers(forms.brightness(image, evidence), evidence.difference))
    return found


@pytest.fixture(scope='module')
def usual(forms, looks):
    return forms.learn_usual(looks)


def expected(seeing):
    return to_rgb(seeing.recipe.mean).mean(axis=2).astype(np.float32)


def nothing(seeing):
    return [np.zeros(seeing.recipe.mask.shape, np.float32)] * 3


def test_what_is_as_expected_answers_nothing_nor_does_another_light(seeing, forms, usual):
    same = expected(seeing)
    assert not forms.answers(same, nothing(seeing)).any()
    lit = forms.answers(1.1 * same + 5, nothing(seeing))
    assert (np.abs(lit[usual.spread > 0]) < 0.5 * usual.spread[usual.spread > 0]).all()


def test_what_grows_by_a_tenth_of_a_pixel_answers_where_it_does(seeing, forms, usual):
    picture = expected(seeing)
    sides = [cv2.Sobel(picture, cv2.CV_32F, *order) for order in ((1, 0), (0, 1))]
    edges = cv2.GaussianBlur(sides[0]**2 + sides[1]**2, (0, 0), 6) * cv2.erode(
        seeing.recipe.mask.astype(np.uint8), np.ones((41, 41), np.uint8))
    row, column = np.unravel_index(int(edges.argmax()), edges.shape)
    about = cv2.getRotationMatrix2D((float(column), float(row)), 0, 1.015)
    near = np.zeros_like(picture)
    cv2.circle(near, (int(column), int(row)), 10, 1, -1)
    near = cv2.GaussianBlur(near, (0, 0), 2)
    larger = cv2.warpAffine(picture, about, picture.shape[::-1], flags=cv2.INTER_CUBIC)
    grown = picture + near * (larger - picture)
    faint = forms.faint(forms.answers(grown, nothing(seeing)), usual).astype(int)
    plain = forms.faint(forms.answers(picture, nothing(seeing)), usual).astype(int)
    clearest = int(np.abs(faint - plain).argmax())
    middle = forms.place(clearest).mean(axis=0)
    assert np.hypot(*(middle - (column, row))) < 16
    assert clearest % KINDS >= 3  # a shift or a growth, no shade


def test_good_parts_hardly_answer(forms, looks, usual):
    told = np.abs([forms.faint(look, usual).astype(int) for look in looks])
    assert told.max() < 5.5 * 8 and told.mean() < 1.2 * 8


def test_places_lie_on_the_image_and_cover_the_part(seeing, forms):
    height, width = seeing.recipe.mask.shape
    covered = np.zeros((height, width), bool)
    for answer in range(0, forms.count, KINDS):
        columns, rows = forms.place(answer).T
        covered[rows, columns] = True
        assert (forms.place(answer) == forms.place(answer + KINDS - 1)).all()
    assert covered[seeing.recipe.mask].mean() > 0.95


def test_a_spread_is_not_known_from_a_few_parts(forms, looks):
    assert forms.learn_usual(looks[:FEWEST_LOOKS - 1]) is None


def test_what_is_usual_survives_as_bytes_and_belongs_to_its_recipe(forms, usual):
    data = usual_to_bytes(usual, 'recipe')
    again = usual_from_bytes(data, 'recipe', forms.count)
    assert all((one == other).all() for one, other in zip(again, usual))
    assert again.looks.shape[1] == forms.count and again.looks.any()
    for source, count in (('other', forms.count), ('recipe', forms.count + 1)):
        with pytest.raises(MessageError, match='another recipe'):
            usual_from_bytes(data, source, count)


def test_a_faint_difference_that_was_named_is_found_again(inspector, teach_images):
    online = OnlineInspector(inspector)
    online.get_ready(teach_images)
    state = online._state
    assert state.usual is not None
    row = int(np.flatnonzero(state.usual.spread)[0])
    strange = state.usual._replace(centre=state.usual.centre.copy())
    strange.centre[row] -= 9 * state.usual.spread[row]  # as if all parts differed there
    object.__setattr__(online._state, 'usual', strange)
    verdict = online.inspect(teach_images[0], 'part-a')
    assert verdict.decision.value == 'pass'
    told = online.learn(verdict, 'small hole', create=True)
    assert told.state.value == 'applied', told.text
    again = online.inspect(teach_images[1], 'part-b')
    assert again.decision.value == 'reject' and again.classes == ('small hole',)
    assert again.reason.startswith('like the known defect small hole')
    assert len(again.regions) == 1
    online.undo()
    assert online.inspect(teach_images[1], 'part-c').decision.value == 'pass'
