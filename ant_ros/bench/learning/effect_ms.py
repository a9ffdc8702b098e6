# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a label received to the answer and the changed model, while the line runs.

As in the inspector node, one thread judges at the line's pace and another one remembers parts,
takes labels and writes the ledger. No ROS: what its topics add is in `bench latency`.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
import queue
import tempfile
import threading
import time
from typing import Any

import numpy as np

from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.labelled import add_challenges
from ant_ros.bench.learning.line_parts import defects
from ant_ros.bench.learning.line_parts import good_parts
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import USUAL
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import OnlineVerdict

__all__ = ['measure', 'run_line']

_FASTER = 2.0
"""Than the line's own pace, so that a slow answer has less time to hide in."""

_BACK = 3
"""A part is labelled when so many others have come after it."""


@dataclass
class Run:
    """What one run of the line took.

    Attributes:
        verdict_ms: From a part's arrival to its verdict.
        answer_ms: From a label to its answer.
        states: How often each answer was given.
    """

    verdict_ms: list[float] = field(default_factory=list)
    answer_ms: list[float] = field(default_factory=list)
    states: dict[str, int] = field(default_factory=dict)


def measure(quick: bool) -> dict[str, Any]:
    """Return percentiles of the answers, and of the verdicts with and without labelling.

    The challenge set holds at least 300 parts; for a first look few come again and again. Runs
    with and without labels take turns; every part is labelled as what it is, so that labels come
    as fast as parts.
    """
    few = 10 if quick else 1
    challenge = [*defects(USUAL, SEED + 40, 200 // few), *good_parts(USUAL, SEED + 41, 150 // few)]
    parts = [*defects(USUAL, SEED + 42, 60 // few), *good_parts(USUAL, SEED + 43, 50 // few)]
    parts = [parts[index] for index in np.random.default_rng(0).permutation(len(parts))]
    inspector = new_inspector()
    different = len(challenge)
    add_challenges(inspector, [
        replace(part, part=f'{part.part}-{copy}') for copy in range(few) for part in challenge])
    period_s = USUAL.belt.pitch_m / USUAL.belt.speed_m_s / _FASTER
    runs = {True: Run(), False: Run()}
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / 'ledger') as ledger, \
            LabelDesk(inspector, Path(folder) / 'recipe', ledger) as desk:
        desk.save(by='bench')
        held = len(inspector.learner.challenge)
        inspector.warm_up()
        for turn in range(2 if quick else 6):
            labelling = turn % 2 == 1
            run_line(desk, Recorder(ledger), parts[:100 // few], period_s, labelling, runs[
                labelling], f'{turn}')
    with_labels, without = _percentiles(runs[True].verdict_ms), _percentiles(
        runs[False].verdict_ms)
    answers = _percentiles(runs[True].answer_ms)
    return {
        'challenge_parts': held, 'different_challenge_parts': different,
        'parts_per_s': 1 / period_s, 'line_parts_per_s': 1 / (_FASTER * period_s),
        'answers': runs[True].states,
        'label_to_answer_ms': answers, 'verdict_ms_with_labels': with_labels,
        'verdict_ms_without_labels': without,
        'goals': {'challenge_parts': at_least(300, held),
                  'median_ms': at_most(50, answers['p50']),
                  'p99_ms': at_most(500, answers['p99'])}}


def run_line(
    desk: LabelDesk, recorder: Recorder, parts: Sequence[LinePart], period_s: float,
    labelling: bool, run: Run, name: str,
) -> None:
    """Inspect parts, one each period, and label each a few parts later if asked to.

    Args:
        desk: Takes the labels.
        recorder: Writes the verdicts down; closed at the end.
        parts: What comes.
        period_s: From part to part.
        labelling: Whether parts are labelled.
        run: Takes the times.
        name: Makes the parts' IDs unlike those of other runs.
    """
    jobs: queue.Queue[Callable[[], None] | None] = queue.Queue()
    learner = threading.Thread(target=_work_through, args=(jobs,), daemon=True)
    learner.start()
    arrival = time.perf_counter() + period_s
    for number, part in enumerate(parts):
        time.sleep(max(arrival - time.perf_counter(), 0))
        verdict = desk.inspector.judge(part.image, f'{name}-{number}')
        run.verdict_ms.append(1e3 * (time.perf_counter() - arrival))
        recorder.record(to_record(verdict, part=verdict.part), part.image)
        jobs.put(_remembering(desk, verdict))
        if labelling and number >= _BACK:
            jobs.put(_labelling(desk, f'{name}-{number - _BACK}', parts[number - _BACK].word,
                                run))
        arrival += period_s
    jobs.put(None)
    learner.join()
    recorder.close()


def _work_through(jobs: queue.Queue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()


def _remembering(desk: LabelDesk, verdict: OnlineVerdict) -> Callable[[], None]:
    return lambda: desk.inspector.remember(verdict)


def _labelling(desk: LabelDesk, part: str, word: str, run: Run) -> Callable[[], None]:
    received = time.perf_counter()

    def take() -> None:
        answer = desk.label(part, word, by='operator')
        run.answer_ms.append(1e3 * (time.perf_counter() - received))
        run.states[answer.state.value] = run.states.get(answer.state.value, 0) + 1
    return take


def _percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    p50, p90, p99 = np.percentile(milliseconds, [50, 90, 99]).tolist()
    return {'count': len(milliseconds), 'p50': p50, 'p90': p90, 'p99': p99,
            'worst': max(milliseconds)}
