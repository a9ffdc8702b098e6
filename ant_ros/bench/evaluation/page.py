# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A page of pictures of an evaluation: figures, scores, and the cases worth a look."""

from __future__ import annotations

import base64
from collections.abc import Sequence
import html
from pathlib import Path

import cv2
import numpy as np

from ant_ros.bench.evaluation.evaluate import Evaluation
from ant_ros.bench.evaluation.figure_words import FIGURE_WORDS
from ant_ros.bench.evaluation.figure_words import FigureWords
from ant_ros.bench.evaluation.figure_words import quantity
from ant_ros.bench.evaluation.image_set import read_mask
from ant_ros.bench.evaluation.score_drawing import BAD_COLOUR
from ant_ros.bench.evaluation.score_drawing import draw_scores
from ant_ros.bench.evaluation.score_drawing import GOOD_COLOUR
from ant_ros.bench.evaluation.split_run import Judged
from ant_ros.inspection import Decision
from ant_ros.inspection import ImageError
from ant_ros.inspection import Inspector
from ant_ros.inspection import read_image
from ant_ros.inspection import Verdict
from ant_ros.inspection.overlay import DECISION_COLOURS
from ant_ros.inspection.overlay import draw_marks

__all__ = ['choose_cases', 'write_page']

_PER_KIND = 4
_PICTURE_PX = 800
_QUALITY = 85
_COLOURS = 0.65
_HOTTEST = 2.0   # of the reject limit: the end of the colours
_STEPS = 24
_SELF = {'backbone': 'deep features', 'backbone_note': 'why these',
         'guarantee': 'how far the error rate is borne out'}
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #222; background: #fafafa;
       max-width: 1180px; margin: 24px auto; padding: 0 20px; }
h1 { font-size: 26px; margin-bottom: 2px; } h2 { font-size: 19px; margin-top: 34px; }
p.what { color: #555; margin-top: 0; }
table { border-collapse: collapse; } td, th { padding: 3px 14px 3px 0; text-align: left; }
td.value { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.note { color: #666; } tr { border-bottom: 1px solid #e4e4e4; }
.cases { display: grid; gap: 16px; }
figure { margin: 0; background: #fff; border: 1px solid #ddd; border-left: 10px solid #888;
         padding: 10px; }
figure.good, .key.good { border-left-color: GOOD; }
figure.bad, .key.bad { border-left-color: BAD; }
figure div { display: flex; gap: 8px; align-items: flex-start; }
figure img { width: calc(50% - 4px); }
figcaption { font-size: 14px; margin-top: 6px; }
td.title small { color: #888; display: block; }
td.note { max-width: 420px; }
ul.keys { list-style: none; padding: 0; } ul.keys li { margin: 5px 0; }
.key { display: inline-block; width: 26px; height: 18px; margin-right: 8px; vertical-align: middle;
       box-sizing: border-box; border: 0 solid; }
.key.good, .key.bad { border-left-width: 10px; } .key.decision { border-width: 3px; }
.scale { display: flex; width: 420px; height: 16px; } .scale span { flex: 1; }
.marks { position: relative; width: 420px; height: 18px; font-size: 12px; }
.marks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.scores { max-width: 860px; width: 100%; }
""".replace('GOOD', GOOD_COLOUR).replace('BAD', BAD_COLOUR)


def write_page(evaluation: Evaluation, file: Path) -> None:
    """Write one HTML file that shows an evaluation; its pictures are inside it.

    The pictures are of the first split.

    Args:
        evaluation: Of an Inspector.
        file: Where to.

    Raises:
        TypeError: something else than an Inspector was evaluated.
    """
    inspector = evaluation.runs[0].detector
    if not isinstance(inspector, Inspector):
        raise TypeError(f'a page shows an Inspector, not a {type(inspector).__name__}')
    judged = [one for run in evaluation.runs for one in run.judged]
    limits = _limits(inspector, evaluation.runs[0].judged)
    drawing = draw_scores([one.score for one in judged if not one.sample.bad],
                          [one.score for one in judged if one.sample.bad], limits)
    sections = [
        f'<h2>{html.escape(title)}</h2><p class="what">{html.escape(what)}</p>'
        f'<div class="cases">{"".join(_figure(evaluation, inspector, one) for one in cases)}</div>'
        for title, what, cases in choose_cases(evaluation.runs[0].judged, limits[-1][1])]
    title = html.escape(f'{evaluation.images.name}: how well it is inspected')
    file.write_text('\n'.join([
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<style>{_STYLE}</style></head><body><h1>{title}</h1>',
        f'<p class="what">{_described(evaluation)}</p>',
        '<h2>Scores</h2><p class="what">How unusual each part looks: 1 is the largest score that '
        'a good part is expected to get. Good parts upwards, bad ones downwards; the height is '
        'how many there are.</p>', drawing, '<h2>Figures</h2>', _table(evaluation),
        _legend(limits), *sections, _faults(evaluation),
        '</body></html>', '']), encoding='utf-8')


def choose_cases(
    judged: Sequence[Judged], limit: float
) -> list[tuple[str, str, list[Judged]]]:
    """Return the cases worth a look as title, explanation and cases; each case comes once.

    Args:
        judged: What was said of each image.
        limit: Score from which a part is rejected.
    """
    good = sorted((one for one in judged if not one.sample.bad), key=lambda one: -one.score)
    bad = sorted((one for one in judged if one.sample.bad), key=lambda one: one.score)
    near = sorted(judged, key=lambda one: abs(np.log(max(one.score, 1e-9) / limit)))
    shown: set[Path] = set()
    chosen = []
    for title, what, ranked in (
            ('Bad parts that look most like good ones', 'The first to escape.', bad),
            ('Good parts that look most unusual', 'The first to be rejected in vain.', good),
            ('Borderline', 'Of those not shown above, the nearest to the reject limit of '
             f'{limit:.2f}, the nearest first.', near),
            ('Clearest defects', 'Bad parts with the highest scores.', bad[::-1]),
            ('Most usual', 'Good parts with the lowest scores.', good[::-1])):
        cases = [one for one in ranked if one.sample.path not in shown][:_PER_KIND]
        shown.update(one.sample.path for one in cases)
        if cases:
            chosen.append((title, what, cases))
    return chosen


def _described(evaluation: Evaluation) -> str:
    """Return how it was split, and what the inspector says of itself, a line each."""
    said = [evaluation.protocol, *(
        f'{_SELF[what]}: {text}' for what, text in evaluation.inspector.items())]
    return '<br>'.join(html.escape(line) for line in said)


def _limits(inspector: Inspector, judged: Sequence[Judged]) -> list[tuple[str, float]]:
    verdict = inspector.inspect(read_image(judged[0].sample.path))
    return [('review', verdict.review_threshold), ('reject', verdict.reject_threshold)]


def _figure(evaluation: Evaluation, inspector: Inspector, one: Judged) -> str:
    image = read_image(one.sample.path)
    verdict = inspector.inspect(image)
    name = one.sample.path.relative_to(evaluation.images.folder)
    kind = 'bad' if one.sample.bad else 'good'
    caption = f'{name}: truth {one.sample.defect or "good"}, decision {one.decision}, score ' \
              f'{one.score:.2f}. {one.reason[:1].upper()}{one.reason[1:]}'
    pictures = (draw_marks(image, verdict), _heat(image, verdict, one))
    inlined = ''.join(f'<img src="{_inline(picture)}" alt="{html.escape(str(name))}">'
                      for picture in pictures)
    return (f'<figure class="{kind}"><div>{inlined}</div>'
            f'<figcaption>{html.escape(caption)}</figcaption></figure>')


def _heat(image: np.ndarray, verdict: Verdict, one: Judged) -> np.ndarray:
    """Return the anomaly map in colours [H, W, 3], with the outline of what is marked as bad."""
    scores = verdict.anomaly_map
    share = np.clip(scores / (_HOTTEST * verdict.reject_threshold), 0, 1)
    colours = _colours(share)
    seen = cv2.cvtColor(_to_bytes(image), cv2.COLOR_RGB2GRAY)[..., None]
    picture = np.ascontiguousarray((_COLOURS * colours + (1 - _COLOURS) * seen).astype(np.uint8))
    if one.sample.mask is not None:
        try:
            mask = read_mask(one.sample.mask).astype(np.uint8)
        except ImageError:
            return picture
        if mask.shape == picture.shape[:2]:
            outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            thickness = max(1, round(max(image.shape) / 400))
            cv2.drawContours(picture, outlines, -1, (90, 230, 255), thickness)
    return picture


def _colours(share: np.ndarray) -> np.ndarray:
    """Return the colour of each share of the hottest score, 0 to 1 [H, W] -> [H, W, 3]."""
    return cv2.applyColorMap((255 * share).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]


def _legend(limits: Sequence[tuple[str, float]]) -> str:
    """Return what the bars, frames and colours of the pictures mean."""
    keys = [f'<span class="key {kind}"></span>bar at the left: the part is in truth {kind}'
            for kind in ('good', 'bad')]
    for decision in (Decision.PASS, Decision.REVIEW, Decision.REJECT):
        colour = '#{:02x}{:02x}{:02x}'.format(*DECISION_COLOURS[decision])
        keys.append(f'<span class="key decision" style="border-color: {colour}"></span>frame of '
                    f'the picture: decision {decision.value}')
    top = _HOTTEST * limits[-1][1]
    blocks = ''.join(f'<span style="background: rgb({r}, {g}, {b})"></span>' for r, g, b in
                     _colours(np.linspace(0, 1, _STEPS)[None])[0])
    # Names of limits that lie close to each other are one.
    near = limits[-1][1] - limits[0][1] < 0.12 * top
    named = [('review, reject', limits[-1][1])] if near else list(limits)
    marks = ''.join(f'<span style="left: {100 * score / top:.0f}%">{name}</span>'
                    for name, score in (('0', 0.0), *named, (f'{top:.2f}', top)))
    items = ''.join(f'<li>{key}</li>' for key in keys)
    return ('<h2>How to read the pictures</h2><p class="what">On the left the part with what was '
            'found, on the right how unusual each place looks, in the colours below; where a mask '
            f'tells the defect, it is outlined in light blue.</p><ul class="keys">{items}</ul>'
            f'<div class="scale">{blocks}</div><div class="marks">{marks}</div>')


def _to_bytes(image: np.ndarray) -> np.ndarray:
    """Return an image as [H, W, 3] uint8."""
    if image.dtype != np.uint8:
        image = np.clip(image * (255.0 / max(float(image.max()), 1e-6)), 0, 255).astype(np.uint8)
    return cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image


def _inline(picture: np.ndarray) -> str:
    """Return a picture [H, W, 3] as the text of a JPEG of the page's size."""
    shrink = _PICTURE_PX / max(picture.shape)
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    _, encoded = cv2.imencode('.jpg', picture[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    return 'data:image/jpeg;base64,' + base64.b64encode(encoded.tobytes()).decode()


def _table(evaluation: Evaluation) -> str:
    rows = []
    for name, value in evaluation.figures.items():
        words = FIGURE_WORDS.get(name, FigureWords(name, ''))
        interval = evaluation.intervals.get(name)
        note = evaluation.unresolved.get(name, '')
        if interval:
            low, high = (quantity(end, words.unit) for end in interval)
            note = f'{low} to {high}'
        shown = '–' if value is None else quantity(value, words.unit)
        rows.append(f'<tr><td class="title">{html.escape(words.title)}<small>'
                    f'{html.escape(name)}</small></td><td class="value">{shown}</td>'
                    f'<td class="note">{html.escape(note)}</td>'
                    f'<td class="note">{html.escape(words.meaning)}</td></tr>')
    for kind, counts in evaluation.decisions.items():
        shown = ', '.join(f'{count} {decision}' for decision, count in counts.items())
        rows.append(f'<tr><td>Decisions on {kind} parts</td><td></td>'
                    f'<td class="note">{html.escape(shown)}</td><td></td></tr>')
    head = '<tr><th>Figure</th><th>Value</th><th>95 % interval, or why there is none</th>' \
           '<th>What it says</th></tr>'
    return f'<table>{head}{"".join(rows)}</table>'


def _faults(evaluation: Evaluation) -> str:
    faults = evaluation.faults
    if not faults:
        return ''
    items = ''.join(f'<li>{html.escape(f"{image}: {fault}")}</li>'
                    for image, fault in faults.items())
    return f'<h2>Left out</h2><p class="what">{len(faults)} files.</p><ul>{items}</ul>'
