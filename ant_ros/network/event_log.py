# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What happened in the network, in order: enough to do it again and to say why."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace
import hashlib
import json
import os
from pathlib import Path
import tempfile
from typing import Any
from typing import TYPE_CHECKING

import numpy as np
import safetensors
import safetensors.numpy

import ant_ros
from ant_ros.network.event_record import EventRecord
from ant_ros.network.graph import Graph
from ant_ros.network.graph import Loop
from ant_ros.network.graph import Node
from ant_ros.network.reason import find_reason
from ant_ros.network.reason import Reason

if TYPE_CHECKING:
    from ant_ros.network.program import Program

__all__ = ['EventLog', 'EventLogError', 'Recorder', 'load_event_log', 'network_hash',
           'state_hash']

SCHEMA = 1
_KIND = 'ant_ros event log'
_ARRAYS = {'passing': np.float32, 'units': np.int64, 'ends': np.int64, 'sent': np.uint8,
           'change': np.float32, 'pixels': np.float32}


class EventLogError(ValueError):
    """An event log cannot be used; says why and what to do."""


@dataclass(frozen=True)
class EventLog(EventRecord):
    """A record that is kept, saved, and asked why a unit was woken; see `EventRecord`."""

    def why(self, node: int | str, row: int, column: int) -> Reason:
        """Say which tile of the image woke a unit, and how far above its threshold it was.

        Args:
            node: Index or name of the node.
            row: Row of the unit's tile.
            column: Its column.

        Raises:
            EventLogError: there is no such unit.
        """
        index = self._index(node)
        rows, columns = self.grids[index]
        if not (0 <= row < rows and 0 <= column < columns):
            raise EventLogError(
                f'no tile ({row}, {column}) in {self.graph.nodes[index].name!r}: it has '
                f'{rows} x {columns} tiles, counted from 0')
        return find_reason(self, index, row, column)

    def save(self, path: Path | str) -> None:
        """Write the log as safetensors, whole or not at all.

        Raises:
            EventLogError: it cannot be written there.
        """
        path = Path(path)
        arrays = self._arrays()
        description = {
            'schema': SCHEMA, 'written_by': ant_ros.__version__, 'network': self.network,
            'start': self.start, 'threshold': self.threshold, 'tile': self.tile,
            'cut': self.cut, 'settled': self.settled,
            'nodes': [asdict(node) for node in self.graph.nodes],
            'outputs': self.graph.outputs, 'output_shapes': self.graph.output_shapes,
            'loops': [asdict(loop) for loop in self.graph.loops],
        }
        text = json.dumps(description)
        metadata = {'kind': _KIND, 'description': text, 'sha256': _digest(text, arrays)}
        try:
            _write(path, safetensors.numpy.save(arrays, metadata))
        except OSError as error:
            raise EventLogError(f'cannot write {path}: {error}') from error

    def _arrays(self) -> dict[str, np.ndarray]:
        return {name: np.ascontiguousarray(getattr(self, name), kind)
                for name, kind in _ARRAYS.items()}

    def _index(self, node: int | str) -> int:
        names = [one.name for one in self.graph.nodes]
        if isinstance(node, str):
            if node not in names:
                raise EventLogError(f'no node {node!r}: choose one of {", ".join(names)}')
            return names.index(node)
        if not 0 <= node < len(names):
            raise EventLogError(f'no node {node}: the network has the nodes 0 to {len(names) - 1}')
        return int(node)


class Recorder:
    """Write down what happens in a program while it runs.

    Args:
        program: The program, restored, before the image is loaded.
        threshold: The threshold with which it will be.
    """

    def __init__(self, program: Program, threshold: float):
        self._program = program
        self._threshold = threshold
        self._network = network_hash(program)
        self._start = state_hash(program)
        self._units: list[np.ndarray] = []
        self._sent: list[np.ndarray] = []
        self._change: list[np.ndarray] = []
        self._pixels = np.zeros(0, np.float32)

    def events(self, tiles: np.ndarray) -> None:
        """Note the changed tiles of the input, right after they were loaded."""
        self._pixels = _cut_tiles(self._program.value(0), self._program.tile[0], tiles)
        self.batch(0, tiles, np.ones(len(tiles), bool))

    def batch(self, node: int, tiles: np.ndarray, sent: np.ndarray) -> None:
        """Note a batch of units of one node, right after it was sent."""
        units = np.asarray(tiles, np.int64) + self._program.first[node]
        self._units.append(units)
        self._sent.append(np.array(sent, bool))
        self._change.append(self._program.change[units].copy())

    def log(self, cut: bool, settled: bool) -> EventLog:
        """Return what was written down."""
        program = self._program
        sizes = [len(units) for units in self._units]
        return EventLog(
            graph=replace(program.graph, tensors={}), tile=tuple(map(int, program.tile)),
            network=self._network, start=self._start, threshold=float(self._threshold),
            passing=np.array(program.passing, np.float32), units=np.concatenate(self._units),
            ends=np.cumsum([0, *sizes]), sent=np.concatenate(self._sent),
            change=np.concatenate(self._change), pixels=self._pixels, cut=cut, settled=settled)


def load_event_log(path: Path | str) -> EventLog:
    """Read a log that `EventLog.save` wrote.

    Raises:
        EventLogError: it is missing, damaged, no event log, or of another version.
    """
    path = Path(path)
    try:
        with safetensors.safe_open(path, 'np') as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise EventLogError(f'cannot read the event log {path}: {error}') from error
    except safetensors.SafetensorError as error:
        raise EventLogError(f'{path} is no event log or damaged ({error}): record it '
                            'again') from error
    if metadata.get('kind') != _KIND:
        raise EventLogError(f'{path} is a safetensors file, but no event log: give one that '
                            'EventLog.save wrote')
    text = metadata.get('description', '')
    if _digest(text, arrays) != metadata.get('sha256'):
        raise EventLogError(f'the event log {path} is damaged: it does not match its hash; '
                            'record it again')
    description = json.loads(text)
    if description['schema'] != SCHEMA:
        raise EventLogError(
            f'the event log {path} has schema {description["schema"]}, this version reads '
            f'{SCHEMA}: use the version of ant_ros that wrote it '
            f'({description["written_by"]}) or record it again')
    return _rebuild(description, arrays)


def network_hash(program: Program) -> str:
    """Return a hash of graph, weights, tiles, thresholds and expected input."""
    digest = hashlib.sha256()
    graph = program.graph
    digest.update(repr((graph.nodes, graph.outputs, graph.loops,
                        tuple(map(int, program.tile)))).encode())
    for name in sorted(graph.tensors):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(graph.tensors[name]).data)
    for array in (program.passing, program.scale, program.reference):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def state_hash(program: Program) -> str:
    """Return a hash of the state: what every unit has sent, and which are eligible."""
    digest = hashlib.sha256(np.ascontiguousarray(program.values).data)
    digest.update(np.ascontiguousarray(program.eligible).data)
    return digest.hexdigest()


def _cut_tiles(picture: np.ndarray, tile: int, tiles: np.ndarray) -> np.ndarray:
    """Cut tiles out of a picture [H, W, C], with zeros beyond its border."""
    _, width, channels = picture.shape
    columns = -(-width // tile)
    cut = np.zeros((len(tiles), tile, tile, channels), np.float32)
    for target, (row, column) in zip(cut, (divmod(int(one), columns) for one in tiles)):
        part = picture[row * tile:(row + 1) * tile, column * tile:(column + 1) * tile]
        target[:part.shape[0], :part.shape[1]] = part
    return cut


def _digest(text: str, arrays: dict[str, np.ndarray]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f'{name} {array.dtype} {array.shape}'.encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f'.{path.name}.', dir=path.parent)
    try:
        with os.fdopen(handle, 'wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _rebuild(description: dict[str, Any], arrays: dict[str, np.ndarray]) -> EventLog:
    nodes = tuple(Node(**{name: _tuples(value) for name, value in node.items()})
                  for node in description['nodes'])
    graph = Graph(nodes, tuple(description['outputs']), _tuples(description['output_shapes']),
                  {}, tuple(Loop(**loop) for loop in description['loops']))
    sent = arrays.pop('sent').astype(bool)
    return EventLog(
        graph=graph, tile=tuple(description['tile']), network=description['network'],
        start=description['start'], threshold=description['threshold'],
        cut=description['cut'], settled=description['settled'], sent=sent, **arrays)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
