# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Kill a process that records and learns, again and again, and check what it leaves.

`python crash_rounds.py FOLDER ROUNDS SEED` needs a recipe at FOLDER/recipe and prints figures as
JSON. Each round a process records verdicts, archives images and takes labels; of each label it
tells when it is acknowledged, until SIGKILL ends it at a random moment. Then everything must open,
and every acknowledged label must be there.
"""

from contextlib import closing
import json
import os
from pathlib import Path
import random
import select
import signal
import sqlite3
import sys

import numpy as np

from ant_ros.inspection.ledger import Archive
from ant_ros.inspection.ledger import LabelState
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import VerdictRecord
from ant_ros.inspection.recipe import load_recipe
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.verdict import Decision

SOON_S = 20.0
MOST_ACKNOWLEDGED = 12


def learn_for_ever(folder: Path, tell: int) -> None:
    """Record, archive, learn, and write each acknowledged label and its version to `tell`."""
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    ledger = Ledger(folder / 'ledger.db')
    archive = Archive(folder / 'images', ledger, max_bytes=200_000)
    history = RecipeHistory(folder / 'recipe', keep=5)
    recipe = history.load()
    while True:
        for number in range(5):
            ledger.record_verdict(VerdictRecord(f'{number}', Decision.REJECT, 'a scratch'))
        archive.store(VerdictRecord('4', Decision.REJECT, 'a scratch'), image)
        label = ledger.record_label(part='4', label='good', by='ana', recipe='recipe')
        number = label.result(SOON_S)
        version = history.commit(recipe, who='ana', why=f'label {number}',
                                 attachments={'labels': b'%d' % number}).number
        ledger.resolve_label(
            number, LabelState.APPLIED, model_version=version).result(SOON_S)
        os.write(tell, b'%d %d\n' % (number, version))


def kill_one(folder: Path, luck: random.Random) -> list[tuple[int, int]]:
    """Start a process, kill it at a random moment, and return what it acknowledged."""
    source, tell = os.pipe()
    process = os.fork()
    if not process:
        try:
            learn_for_ever(folder, tell)
        finally:
            os._exit(1)
    os.close(tell)
    with open(source, 'rb') as told:
        lines = [told.readline() for _ in range(luck.randrange(1, MOST_ACKNOWLEDGED))]
        # A moment more, so that the end comes in any state, not just after a label.
        select.select([], [], [], luck.uniform(0, 0.02))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        lines += told.read().splitlines(keepends=True)
    assert all(line.endswith(b'\n') for line in lines), 'the process failed by itself'
    return [tuple(map(int, line.split())) for line in lines]


def check(folder: Path, acknowledged: list[tuple[int, int]]) -> None:
    """Open everything and look for what was acknowledged."""
    assert load_recipe(folder / 'recipe').version >= 1, 'readable before anything is repaired'
    with closing(sqlite3.connect(folder / 'ledger.db')) as connection:
        assert connection.execute('PRAGMA integrity_check').fetchall() == [('ok',)]
    with LedgerReader(folder / 'ledger.db') as reader:
        labels = {label.number: label for label in reader.labels()}
    for number, version in acknowledged:
        assert (labels[number].state, labels[number].model_version) == (
            LabelState.APPLIED, version)
    last, newest = acknowledged[-1]
    with RecipeHistory(folder / 'recipe', keep=5) as history:
        assert history.current.number >= newest
        assert int(history.attachments()['labels']) >= last
        assert load_recipe(folder / 'recipe').version == history.current.number


def check_archive(folder: Path) -> None:
    """See that the images and the ledger agree, and that the limit holds."""
    with Ledger(folder / 'ledger.db') as ledger:
        Archive(folder / 'images', ledger, max_bytes=200_000)
    with LedgerReader(folder / 'ledger.db') as reader:
        known = reader.files()
    there = {path.name: path.stat().st_size for path in (folder / 'images').iterdir()}
    assert there == known
    assert sum(there.values()) <= 200_000


def main() -> None:
    folder, rounds, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    luck = random.Random(seed)
    acknowledged: list[tuple[int, int]] = []
    for _ in range(rounds):
        acknowledged += kill_one(folder, luck)
        check(folder, acknowledged)
    check_archive(folder)
    print(json.dumps({'kills': rounds, 'acknowledged': len(acknowledged)}))


if __name__ == '__main__':
    main()
