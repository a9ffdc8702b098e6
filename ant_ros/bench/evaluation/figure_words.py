# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What each figure of an evaluation means, in plain words."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ['FIGURE_WORDS', 'FigureWords', 'quantity']

_MILLION = 1e6


class FigureWords(NamedTuple):
    """A figure for people who do not know its name.

    Attributes:
        title: What it is called.
        meaning: What it says, in a sentence.
        unit: `%` of a share, `ms` or `s` of a time, `MAC` of multiplications; empty of a number
            that is shown as it is.
    """

    title: str
    meaning: str
    unit: str = ''


FIGURE_WORDS = {
    'image_auroc': FigureWords(
        'Ranking of the images (AUROC)',
        'How often a bad part scores higher than a good one: 1 always, 0.5 is guessing.'),
    'average_precision': FigureWords(
        'Average precision',
        'How clean the list of the most unusual parts is, over all lengths: 1 is best.'),
    'frr_at_zero_escapes': FigureWords(
        'Good parts stopped if no bad one passes',
        'With the limit just below the lowest score of a bad part.', '%'),
    'recall_at_frr_5pct': FigureWords(
        'Bad parts found at 5 % false rejects',
        'With the limit where 5 of 100 good parts are stopped.', '%'),
    'recall_at_frr_1pct': FigureWords(
        'Bad parts found at 1 % false rejects',
        'With the limit where 1 of 100 good parts is stopped.', '%'),
    'pixel_auroc': FigureWords(
        'Place of the defect (pixel AUROC)',
        'How often a pixel of a defect scores higher than any other pixel: 1 always.'),
    'aupro': FigureWords(
        'Place of the defect (AUPRO)',
        'The same with every defect counting alike, however small: 1 is best.'),
    'background_only_auroc': FigureWords(
        'Ranking by the background alone',
        'A control, with the part painted out: well above 0.5, the pictures give good and bad '
        'away without the part.'),
    'teach_seconds': FigureWords('Time to teach', '', 's'),
    'ms_p50': FigureWords('Time per image', 'Half of all images take less.', 'ms'),
    'ms_p99': FigureWords('Time of the slowest', '99 of 100 images take less.', 'ms'),
    'ms_good_p50': FigureWords('Time per good part', 'Half of them take less.', 'ms'),
    'cpu_ms_good_p50': FigureWords(
        'Processor time per good part', 'Without waiting for other programs.', 'ms'),
    'ms_bad_p50': FigureWords('Time per bad part', 'Half of them take less.', 'ms'),
    'cpu_ms_bad_p50': FigureWords(
        'Processor time per bad part', 'Without waiting for other programs.', 'ms'),
    'wake_rate_good_parts': FigureWords(
        'Good parts that need a second look',
        'For which the deep network is asked at any place at all.', '%'),
    'wake_rate_good_tiles': FigureWords(
        'Share of the deep network that works on good parts',
        'The less, the more the first look saves.', '%'),
    'macs_good': FigureWords(
        'Multiplications per good part', 'Of the deep network, on average.', 'MAC'),
    'macs_dense': FigureWords(
        'Multiplications without the first look', 'Were the deep network asked everywhere.',
        'MAC'),
    'network_ms_good_p50': FigureWords(
        'Time in the deep network per good part', 'Part of the time above.', 'ms'),
}
"""By the name of the figure in the JSON file."""


def quantity(value: float, unit: str) -> str:
    """Return a figure with its unit as it is read aloud.

    >>> quantity(0.2, '%'), quantity(1.7e7, 'MAC'), quantity(0.9961, '')
    ('20 %', '17 million', '0.996')
    """
    if unit == '%':
        return f'{100 * value:.3g} %'
    if unit == 'MAC':
        return f'{value / _MILLION:,.3g} million' if value < 1000 * _MILLION else \
            f'{value / _MILLION / 1000:,.3g} thousand million'
    if unit:
        return f'{value:,.1f} {unit}'
    return f'{value:.3f}'
