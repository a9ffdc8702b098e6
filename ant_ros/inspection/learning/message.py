# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Arrays and plain values as bytes that cannot be damaged unnoticed."""

from __future__ import annotations

from collections.abc import Mapping
import hashlib
import json
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

__all__ = ['MessageError', 'kind_of', 'pack', 'peek', 'unpack']

_MAGIC = b'ANTROS\x00\x01'
_DIGEST = 32
_LENGTH = 8
_START = len(_MAGIC) + _DIGEST + _LENGTH


class MessageError(ValueError):
    """A message cannot be used; the text says why and what to do."""


def pack(kind: str, header: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> bytes:
    """Return bytes: a mark, a SHA-256 of all that follows, a JSON header, and safetensors."""
    text = json.dumps({'kind': kind, **header}, sort_keys=True).encode()
    arrays = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    body = len(text).to_bytes(_LENGTH, 'little') + text + safetensors.numpy.save(arrays)
    return _MAGIC + hashlib.sha256(body).digest() + body


def kind_of(data: bytes) -> str:
    """Return what bytes call themselves, unchecked; empty where `pack` did not make them."""
    return str(peek(data).get('kind', ''))


def peek(data: bytes) -> dict[str, Any]:
    """Return the header of bytes, unchecked; empty where `pack` did not make them."""
    if not data.startswith(_MAGIC):
        return {}
    length = int.from_bytes(data[_START - _LENGTH:_START], 'little')
    try:
        header = json.loads(data[_START:_START + length])
    except (RecursionError, ValueError):
        return {}
    return header if isinstance(header, dict) else {}


def unpack(
    data: bytes, kind: str, most_bytes: int,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays.

    Raises:
        MessageError: it is too long, damaged, cut, or of another kind.
    """
    if len(data) > most_bytes:
        raise MessageError(f'{len(data)} bytes: at most {most_bytes} are expected')
    if len(data) < _START or data[:len(_MAGIC)] != _MAGIC:
        raise MessageError(f'these {len(data)} bytes are no {kind} of ant_ros of this version')
    body = data[len(_MAGIC) + _DIGEST:]
    if hashlib.sha256(body).digest() != data[len(_MAGIC):len(_MAGIC) + _DIGEST]:
        raise MessageError(f'the {kind} is damaged: its checksum is wrong; send it again')
    length = int.from_bytes(body[:_LENGTH], 'little')
    try:
        header = json.loads(body[_LENGTH:_LENGTH + length])
        tensors = safetensors.numpy.load(body[_LENGTH + length:])
    except (ValueError, safetensors.SafetensorError) as error:
        raise MessageError(f'the {kind} cannot be read: {error}') from error
    if not isinstance(header, dict) or header.get('kind') != kind:
        raise MessageError(f'this is no {kind}, it calls itself {str(header)[:80]}')
    return header, tensors
