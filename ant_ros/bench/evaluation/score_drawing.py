# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A drawing of the scores of good and bad parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ['BAD_COLOUR', 'GOOD_COLOUR', 'draw_scores']

_WIDTH, _HEIGHT = 860, 280
_LEFT, _RIGHT, _MIDDLE = 76, 16, 128
_BAR_HEIGHT = 96
_BARS = 40
_LOWEST = 0.02  # of the highest score: what is lower is in the first bar
_LEAST_TICKS = 3
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
GOOD_COLOUR, BAD_COLOUR = '#1f6fb4', '#333333'
"""Of good and bad parts: other ones than those of the decisions."""
_BASE = 260  # of the axis


def draw_scores(good: Sequence[float], bad: Sequence[float],
                limits: Sequence[tuple[str, float]]) -> str:
    """Draw how often each score came: good parts upwards, bad parts downwards, as SVG.

    Args:
        good: Scores of good parts.
        bad: Scores of bad parts.
        limits: Name and score of what is marked by a line.
    """
    values = np.array([*good, *bad, *(limit for _, limit in limits)], float)
    smallest = max(float(values.min()), _LOWEST * float(values.max()), 1e-9)
    low, high = np.log(smallest / 1.05), np.log(max(float(values.max()), smallest) * 1.05)
    edges = np.linspace(low, high, _BARS + 1)

    def place(score: float) -> float:
        share = (np.log(max(score, smallest)) - low) / (high - low)
        return float(_LEFT + share * (_WIDTH - _LEFT - _RIGHT))

    kinds = ((good, GOOD_COLOUR, -1), (bad, BAD_COLOUR, 1))
    counts = [np.histogram(np.log(np.maximum(np.asarray(scores, float), smallest)), edges)[0]
              for scores, _, _ in kinds]
    tallest = max(1, *(int(count.max()) for count in counts))
    parts = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" class="scores">']
    for count, (_, colour, direction) in zip(counts, kinds):
        parts += _bars(count, tallest, colour, direction)
    parts += [_text(_LEFT - 8, _MIDDLE - 40, f'good {len(good)}', 'end', GOOD_COLOUR),
              _text(_LEFT - 8, _MIDDLE + 48, f'bad {len(bad)}', 'end', BAD_COLOUR),
              f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_MIDDLE}" y2="{_MIDDLE}" '
              'stroke="#888"/>']
    for tick in _ticks(smallest, float(values.max())):
        parts.append(_text(place(tick), _BASE - 8, f'{tick:g}', 'middle', '#555'))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6,
                       'score, on a logarithmic axis',
                       'middle', '#555'))
    for number, (name, limit) in enumerate(limits):
        x = place(limit)
        parts += [f'<line x1="{x:.1f}" x2="{x:.1f}" y1="24" y2="{_BASE - 24}" stroke="#333" '
                  'stroke-dasharray="4 3"/>',
                  _text(x + (4 if number else -4), 18, f'{name} from {limit:.2f}',
                        'start' if number else 'end', '#333')]
    return '\n'.join([*parts, '</svg>'])


def _ticks(low: float, high: float) -> list[float]:
    """Return the scores that are written below the axis."""
    ticks = [tick for tick in _TICKS if low <= tick <= high]
    # A narrow range has few round scores.
    return ticks if len(ticks) >= _LEAST_TICKS else sorted(
        {round(float(tick), 2) for tick in np.geomspace(low, max(low, high), 5)})


def _bars(counts: np.ndarray, tallest: int, colour: str, direction: int) -> list[str]:
    step = (_WIDTH - _LEFT - _RIGHT) / _BARS
    bars = []
    for number, count in enumerate(counts):
        if count:
            height = _BAR_HEIGHT * count / tallest
            top = _MIDDLE - height if direction < 0 else _MIDDLE
            bars.append(f'<rect x="{_LEFT + number * step + 0.5:.1f}" y="{top:.1f}" '
                        f'width="{step - 1:.1f}" height="{height:.1f}" fill="{colour}">'
                        f'<title>{count}</title></rect>')
    return bars


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12" '
            f'fill="{colour}">{text}</text>')
