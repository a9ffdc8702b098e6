# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import base64
import re
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from ant_ros.bench.evaluation import evaluate
from ant_ros.bench.evaluation import inspector_teacher
from ant_ros.bench.evaluation import read_image_set
from ant_ros.bench.evaluation import write_page
from ant_ros.bench.evaluation.figure_words import FIGURE_WORDS
from ant_ros.bench.evaluation.figure_words import quantity
from ant_ros.bench.evaluation.page import choose_cases
from ant_ros.bench.evaluation.score_drawing import BAD_COLOUR
from ant_ros.bench.evaluation.score_drawing import draw_scores
from ant_ros.bench.evaluation.score_drawing import GOOD_COLOUR


def test_the_page_shows_figures_scores_and_pictures_in_one_file(folder, tmp_path):
    found = evaluate(read_image_set(folder), inspector_teacher('spots', backbone='sampled'))
    write_page(found, tmp_path / 'page.html')
    page = (tmp_path / 'page.html').read_text(encoding='utf-8')
    assert 'http://' not in page.replace('http://www.w3.org', '')
    assert 'image_auroc' in page
    assert 'Ranking of the images (AUROC)' in page
    assert ' million</td>' in page and 'e+0' not in page
    assert 'not guaranteed, 0 of 199 good parts confirmed' in page
    assert 'backbone_note' not in page and 'backbone note' not in page
    assert 'recall_at_frr_1pct needs' not in page
    assert '1% needs at least 100' in page
    pictures = re.findall(r'data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) == 2 * len(found.runs[0].judged)
    for picture in pictures:
        shown = cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), 1)
        assert max(shown.shape) <= 800
    assert page.count('<figure class="bad">') == 5


def test_a_map_is_as_large_as_the_picture_beside_it(folder, tmp_path):
    found = evaluate(read_image_set(folder), inspector_teacher('spots', backbone='sampled'))
    write_page(found, tmp_path / 'page.html')
    pictures = re.findall(r'data:image/jpeg;base64,([^"]+)"',
                          (tmp_path / 'page.html').read_text(encoding='utf-8'))
    shapes = [cv2.imdecode(np.frombuffer(base64.b64decode(picture), np.uint8), 1).shape
              for picture in pictures]
    for marked, heat in zip(shapes[::2], shapes[1::2]):
        assert marked[0] / marked[1] == pytest.approx(heat[0] / heat[1], rel=0.02)


def test_every_figure_has_words(folder):
    found = evaluate(read_image_set(folder), inspector_teacher('spots', backbone='sampled'))
    assert set(found.figures) <= set(FIGURE_WORDS)


@pytest.mark.parametrize(('value', 'unit', 'said'), [
    (0.2, '%', '20 %'), (1.708e7, 'MAC', '17.1 million'), (0.0, 'MAC', '0 million'),
    (2.5e9, 'MAC', '2.5 thousand million'), (72.94, 's', '72.9 s'), (0.9961, '', '0.996')])
def test_quantities_are_written_as_they_are_read(value, unit, said):
    assert quantity(value, unit) == said


def test_something_else_than_an_inspector_has_no_page(folder, plain_detector, tmp_path):
    found = evaluate(read_image_set(folder), plain_detector)
    with pytest.raises(TypeError, match='PlainDetector'):
        write_page(found, tmp_path / 'page.html')


def test_cases_come_once_and_the_worst_first(folder, plain_detector):
    judged = evaluate(read_image_set(folder), plain_detector).runs[0].judged
    cases = choose_cases(judged, 20.0)
    shown = [one.sample.path for _, _, ones in cases for one in ones]
    assert len(shown) == len(set(shown)) == len(judged)
    escape = min((one for one in judged if one.sample.bad), key=lambda one: one.score)
    assert cases[0][2][0] is escape


def test_every_score_is_in_one_bar():
    good, bad = [0.3, 0.31, 0.9, 0.0], [0.8, 2.5, 2.5, 70.0]
    drawing = ElementTree.fromstring(draw_scores(good, bad, [('review', 1.0), ('reject', 1.1)]))
    bars = drawing.findall('rect')
    for kind, count in ((GOOD_COLOUR, 4), (BAD_COLOUR, 4)):
        assert sum(int(bar.find('title').text) for bar in bars
                   if bar.get('fill') == kind) == count
    texts = [text.text for text in drawing.findall('text')]
    assert {'review from 1.00', 'reject from 1.10', 'good 4', 'bad 4'} <= set(texts)
    assert 'score, on a logarithmic axis' in texts
    places = [float(bar.get('x')) for bar in bars]
    assert min(places) > 0
    assert max(places) < 860


def test_a_narrow_range_of_scores_has_an_axis_too():
    drawing = ElementTree.fromstring(draw_scores([0.9, 0.95], [1.05], [('review', 1.0)]))
    texts = [text.text for text in drawing.findall('text')]
    assert {'0.9', '0.94', '0.97', '1.01', '1.05'} <= set(texts)


def test_one_score_for_all_can_be_drawn():
    drawing = ElementTree.fromstring(draw_scores([0.0], [0.0], []))
    assert len(drawing.findall('rect')) == 2
