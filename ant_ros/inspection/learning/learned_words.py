# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a recipe has learned from labels, in words by which two versions can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ant_ros.inspection.learning.message import unpack
from ant_ros.inspection.learning.saving import LEARNER

__all__ = ['learned_words']


def learned_words(content: bytes) -> dict[str, str]:
    """Return what was learned by what it is about: labels, challenge parts, other robots.

    Args:
        content: Of the attachment; empty where nothing was learned.

    Raises:
        MessageError: damaged.
    """
    if not content:
        return {}
    header, _ = unpack(content, LEARNER, len(content))
    said = _said(header)
    words = {f'label on {said[number][0]}': said[number][1] for number in header['labels']}
    words |= {f'label that waits, on {said[number][0]}': f'{said[number][1]}: {reason}'
              for number, reason in header['pending']}
    by_hand = header['parts'][len(header['records']):]
    words |= {f'challenge part {part}': word
              for (part, *_), word in zip(by_hand, header['by_hand'])}
    return words | {f'learned from robot {one["robot"]}': f'its version {one["version"]}'
                    for one in header['foreign']}


def _said(header: Mapping[str, Any]) -> dict[int, tuple[str, str]]:
    """Return the part, and the word with who said it, of each label by its number."""
    return {number: (part, f'{word} by {by}' if by else word)
            for (number, word, by, _), (part, *_) in zip(header['records'], header['parts'])}
