# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kill a process that inspects and learns, again and again, and look at what it leaves.

Each round a process loads the recipe, inspects parts, writes verdicts down and takes labels; of
each label it tells when it has been answered, until SIGKILL ends it: while it loads, learns or
saves. Then recipe and ledger must open, and every label that was answered must be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from dataclasses import field
import itertools
import os
from pathlib import Path
import random
import select
import signal
import sqlite3
import time
from typing import Any

import numpy as np

from ant_ros.bench.learning.labelled import hand_in
from ant_ros.bench.one_thread import one_thread
from ant_ros.inspection import RecipeError
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.recipe_history import RecipeHistory

__all__ = ['kill_rounds']

_MOST_ANSWERS = 6
_MOST_MORE_S = 0.1
_PATIENCE_S = 30.0

Part = tuple[np.ndarray, str]


@dataclass(frozen=True)
class Acknowledged:
    """A label that was answered: its number in the ledger, part, word and what was said."""

    number: int
    part: str
    word: str
    state: str


@dataclass
class _Found:
    """What was found after all kills so far."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    not_opened: int = 0
    lost: int = 0
    before_first_answer: int = 0


def kill_rounds(folder: Path, parts: Sequence[Part], kills: int, seed: int) -> dict[str, Any]:
    """Kill as many processes and return what was found.

    Args:
        folder: Holds a recipe, `recipe`.
        parts: Frames, and what each is.
        kills: How many processes to kill.
        seed: Of the moments.
    """
    luck, found = random.Random(seed), _Found()
    started = time.perf_counter()
    with one_thread():  # other threads would not live on in what is forked
        # So that what is forked need not import it, each time anew.
        OnlineInspector.load(folder / 'recipe').warm_up()
        for number in range(kills):
            answered = _kill_one(folder, parts, number, luck)
            found.before_first_answer += not answered
            found.acknowledged += answered
            _look(folder, found)
    states = [one.state for one in found.acknowledged]
    with RecipeHistory(folder / 'recipe') as history:
        version = history.current.number if history.current else 0
    return {'kills': kills, 'acknowledged': len(states), 'applied': states.count('applied'),
            'pending': states.count('pending'), 'refused': states.count('refused'),
            'killed_before_the_first_answer': found.before_first_answer,
            'recipe_version': version, 'not_opened': found.not_opened,
            'acknowledged_and_lost': found.lost, 'faults': found.faults[:5],
            'seconds': time.perf_counter() - started}


def _kill_one(
    folder: Path, parts: Sequence[Part], name: int, luck: random.Random,
) -> list[Acknowledged]:
    """Start a process, kill it at a random moment, and return what it acknowledged."""
    source, tell = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.close(source)
            _learn_for_ever(folder, parts, f'{name}', tell)
        finally:
            os._exit(1)
    os.close(tell)
    with open(source, 'rb', buffering=0) as told:
        text, wanted = b'', luck.randrange(_MOST_ANSWERS)
        end = time.monotonic() + _PATIENCE_S
        while text.count(b'\n') < wanted and time.monotonic() < end:
            if select.select([told], [], [], 1.0)[0]:
                more = told.read(4096)
                if not more:
                    break
                text += more
        # A moment more, so that the end comes in any state, not just after an answer.
        select.select([], [], [], luck.uniform(0, _MOST_MORE_S))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        while more := told.read(4096):
            text += more
    return [_from_line(line) for line in text.decode().splitlines()]


def _learn_for_ever(folder: Path, parts: Sequence[Part], name: str, tell: int) -> None:
    """Inspect, write down and learn, and write each answered label to `tell`."""
    inspector = OnlineInspector.load(folder / 'recipe')
    ledger = Ledger(folder / 'ledger')
    recorder = Recorder(ledger)
    desk = LabelDesk(inspector, folder / 'recipe', ledger)
    rng = random.Random(name)
    for number in itertools.count():
        image, word = rng.choice(parts)
        verdict = inspector.inspect(image, f'{name}-{number}')
        recorder.record(to_record(verdict, part=verdict.part), image)
        answer = hand_in(desk, verdict.part, word)
        line = f'{answer.label}\t{verdict.part}\t{word}\t{answer.state.value}\n'
        os.write(tell, line.encode())


def _from_line(line: str) -> Acknowledged:
    number, part, word, state = line.split('\t')
    return Acknowledged(int(number), part, word, state)


def _look(folder: Path, found: _Found) -> None:
    """Open everything as it was left, and look for what was acknowledged."""
    try:
        with closing(sqlite3.connect(folder / 'ledger')) as connection:
            intact = connection.execute('PRAGMA integrity_check').fetchall()
        if intact != [('ok',)]:
            raise LedgerError(f'the ledger is not intact: {intact}')
        inspector = OnlineInspector.load(folder / 'recipe')
        learner = inspector.learner
        with Ledger(folder / 'ledger') as ledger, LabelDesk(
                inspector, folder / 'recipe', ledger):  # finishes what was half done
            pass
        with LedgerReader(folder / 'ledger') as reader:
            states = {entry.number: entry for entry in reader.labels()}
    except (LedgerError, RecipeError, OSError, sqlite3.Error) as error:
        found.not_opened += 1
        found.faults.append(str(error))
        return
    known = {part: label.word for part, label in learner.labels.items()} | {
        part: waiting.label.word for part, waiting in learner.pending.items()}
    lost = []
    for one in found.acknowledged:
        entry = states.get(one.number)
        there = entry is not None and (entry.part, entry.label) == (one.part, one.word)
        if one.state in (LabelState.APPLIED.value, LabelState.PENDING.value):
            there = there and known.get(one.part) == one.word
        if not there:
            lost.append(f'label {one.number} ({one.part} is {one.word}, {one.state})')
    found.lost = max(found.lost, len(lost))
    found.faults.extend(lost[:5])
