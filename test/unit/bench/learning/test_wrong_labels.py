# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
from types import SimpleNamespace

import numpy as np

from ant_ros.bench.learning.wrong_labels import flipped


def test_a_share_of_the_words_is_wrong_and_no_part_is_lost():
    parts = [SimpleNamespace(part=f'{number}', word='good' if number % 2 else 'scratch')
             for number in range(40)]
    told = flipped(parts, 0.2, np.random.default_rng(0))
    assert sorted(part.part for part, _ in told) == sorted(part.part for part in parts)
    wrong = [(part.word, word) for part, word in told if word != part.word]
    assert len(wrong) == 8
    assert all((was == 'good') != (word == 'good') for was, word in wrong)


def test_without_a_share_all_words_are_right():
    parts = [SimpleNamespace(part=f'{number}', word='scratch') for number in range(10)]
    assert all(word == part.word
               for part, word in flipped(parts, 0.0, np.random.default_rng(0)))
