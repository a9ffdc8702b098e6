# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A picture of where the network was awake, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
import math
from pathlib import Path

import cv2
import numpy as np

from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import EventLogError

__all__ = ['draw_activity', 'save_activity']

_PAPER = (250, 250, 248)
_INK = (40, 44, 52)
_FAINT = (120, 124, 132)
_ASLEEP = (223, 226, 230)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SMALL, _LARGE = 0.40, 0.55
_PANEL = 152  # pixels that a map is drawn on, where its tiles allow
_TILE = (3, 30)  # least and largest pixels per tile
_WIDTH = (760, 1280)  # least and largest of the picture
_MARGIN = 18
_TITLE = 40
_LEGEND = 64
_DECADES = 3


def draw_activity(log: EventLog) -> np.ndarray:
    """Draw every node's tiles: which computed, by how much they changed, which were sent.

    Tiles that slept are grey, tiles that computed are coloured by their largest change on a
    logarithmic scale; filled where they told their readers, a dot where the change was too
    small to pass on. The first panel is the image.

    Args:
        log: What happened.

    Returns:
        [H, W, 3] uint8 RGB.
    """
    change, sent = _largest(log)
    top = float(change[log.first[1]:].max(initial=0.0)) or 1.0
    panels = [_panel(log, node, change, sent, top) for node in range(len(log.graph.nodes))]
    sheet = _arrange(panels)
    return np.vstack([_header(log, sheet.shape[1]), sheet, _legend(top, sheet.shape[1])])


def save_activity(log: EventLog, path: Path | str) -> None:
    """Write the picture as PNG.

    Raises:
        EventLogError: it cannot be written there.
    """
    _, encoded = cv2.imencode('.png', cv2.cvtColor(draw_activity(log), cv2.COLOR_RGB2BGR))
    try:
        Path(path).write_bytes(encoded.tobytes())
    except OSError as error:
        raise EventLogError(f'cannot write the picture {path}: {error}') from error


def _largest(log: EventLog) -> tuple[np.ndarray, np.ndarray]:
    """Return each unit's largest change, -1 where it slept, and whether it was ever sent."""
    change = np.full(log.first[-1], -1.0, np.float32)
    np.maximum.at(change, log.units, log.change)
    sent = np.zeros(len(change), bool)
    np.logical_or.at(sent, log.units, log.sent)
    return change, sent


def _panel(log: EventLog, node: int, change: np.ndarray, sent: np.ndarray,
           top: float) -> np.ndarray:
    """Draw one node's tiles under its name."""
    span = slice(log.first[node], log.first[node + 1])
    tiles = _draw_tiles(change[span].reshape(log.grids[node]),
                        sent[span].reshape(log.grids[node]), top)
    width = max(tiles.shape[1], _PANEL)
    panel = np.full((_TITLE + len(tiles), width, 3), _PAPER, np.uint8)
    panel[_TITLE:, :tiles.shape[1]] = tiles
    name = 'image' if node == 0 else log.graph.nodes[node].name
    _write(panel, _shortened(name, width), (0, 14), _INK)
    _write(panel, _counted(node, change[span], sent[span]), (0, 31), _FAINT)
    return panel


def _counted(node: int, change: np.ndarray, sent: np.ndarray) -> str:
    awake = int(np.count_nonzero(change >= 0))
    if node == 0:
        return f'{awake} of {change.size} changed'
    if not awake:
        return 'asleep'
    return f'{awake} of {change.size}, {np.count_nonzero(sent)} passed on'


def _draw_tiles(change: np.ndarray, sent: np.ndarray, top: float) -> np.ndarray:
    side = int(np.clip(_PANEL // max(change.shape), *_TILE))
    gap = 1 if side > 4 else 0
    picture = np.full((change.shape[0] * side, change.shape[1] * side, 3), _PAPER, np.uint8)
    colours = _colours(change, top)
    for (row, column), level in np.ndenumerate(change):
        y, x = row * side, column * side
        cell = picture[y:y + side - gap, x:x + side - gap]
        if level < 0 or not sent[row, column]:
            cell[:] = _ASLEEP
        if level >= 0:
            inset = 0 if sent[row, column] else max(1, side // 3)
            cell[inset:len(cell) - inset, inset:len(cell) - inset] = colours[row, column]
    return picture


def _colours(change: np.ndarray, top: float) -> np.ndarray:
    """Return a colour [..., 3] for every change, on a scale of a few decades up to `top`."""
    with np.errstate(divide='ignore', invalid='ignore'):
        level = 1 + np.log10(np.maximum(change, 0) / top) / _DECADES
    # The palest colours of the map would be lost beside the grey of sleeping tiles.
    shade = (25 + 230 * np.nan_to_num(level, neginf=0.0).clip(0, 1)).astype(np.uint8)
    flat = cv2.applyColorMap(255 - shade.reshape(-1, 1), cv2.COLORMAP_INFERNO)
    return flat[:, 0, ::-1].reshape(*change.shape, 3)


def _arrange(panels: Sequence[np.ndarray]) -> np.ndarray:
    """Put panels side by side, line under line."""
    width = max(panel.shape[1] for panel in panels) + _MARGIN
    across = max(1, (_WIDTH[1] - _MARGIN) // width)
    sheet_width = max(_WIDTH[0], _MARGIN + min(across, len(panels)) * width)
    lines = []
    for start in range(0, len(panels), across):
        line = panels[start:start + across]
        height = max(panel.shape[0] for panel in line) + _MARGIN
        strip = np.full((height, sheet_width, 3), _PAPER, np.uint8)
        for place, panel in enumerate(line):
            x = _MARGIN + place * width
            strip[:panel.shape[0], x:x + panel.shape[1]] = panel
        lines.append(strip)
    return np.vstack(lines)


def _header(log: EventLog, width: int) -> np.ndarray:
    header = np.full((64, width, 3), _PAPER, np.uint8)
    total = int(log.first[-1] - log.first[1])
    awake = len(np.unique(log.units[log.ends[1]:]))
    _write(header, f'{awake} of {total} units awake ({awake / total:.0%})', (_MARGIN, 26), _INK,
           _LARGE)
    notes = [f'{len(log.events)} of {log.first[1]} image tiles changed by more than '
             f'{log.threshold:.3g}', f'{len(log.units) - len(log.events)} updates']
    notes += ['cut by a budget'] * log.cut + ['a loop did not settle'] * (not log.settled)
    _write(header, ', '.join(notes), (_MARGIN, 46), _FAINT)
    return header


def _legend(top: float, width: int) -> np.ndarray:
    legend = np.full((_LEGEND, width, 3), _PAPER, np.uint8)
    bar = _colours(np.geomspace(top * 10.0 ** -_DECADES, top, 160), top)
    legend[8:20, _MARGIN:_MARGIN + 160] = bar
    _write(legend, f'{top * 10.0 ** -_DECADES:.1g}', (_MARGIN, 36), _FAINT)
    right = f'{top:.2g}'
    _write(legend, right, (_MARGIN + 160 - _text_width(right), 36), _FAINT)
    _write(legend, 'largest change / RMS of the map', (_MARGIN, 54), _FAINT)
    middle = float(top * 10 ** (-_DECADES / 3))
    x = _MARGIN + 250
    for label, level, told in (('asleep', -1.0, False), ('computed, too little to pass on', middle,
                                                         False), ('passed on', middle, True)):
        swatch = _draw_tiles(np.full((10, 10), level), np.full((10, 10), told), top)[:14, :14]
        legend[7:7 + len(swatch), x:x + len(swatch)] = swatch
        _write(legend, label, (x + 22, 19), _INK)
        x += 22 + _text_width(label) + 28
    return legend


def _shortened(text: str, width: int) -> str:
    """Cut the beginning of a name that is too long: its end tells nodes apart."""
    if _text_width(text) <= width:
        return text
    while _text_width(f'..{text}') > width:
        text = text[1:]
    return f'..{text}'


def _text_width(text: str) -> int:
    return math.ceil(cv2.getTextSize(text, _FONT, _SMALL, 1)[0][0])


def _write(picture: np.ndarray, text: str, place: tuple[int, int], colour: tuple[int, int, int],
           size: float = _SMALL) -> None:
    cv2.putText(picture, text, place, _FONT, size, colour, 1, cv2.LINE_AA)
