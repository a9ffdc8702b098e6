# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done with a part, learned from 50 labels: symbols, a whole network, a decision tree."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
import time
from typing import Any

import numpy as np
from scipy import stats

from ant_ros.bench.goals import at_least
from ant_ros.bench.goals import at_most
from ant_ros.bench.learning.disposition_task import draw_task
from ant_ros.bench.learning.disposition_task import mm_per_px
from ant_ros.bench.learning.disposition_task import PLATES
from ant_ros.bench.learning.disposition_task import Task
from ant_ros.bench.learning.disposition_task import VARIANT
from ant_ros.bench.learning.fine_tuned import FineTuned
from ant_ros.bench.learning.fine_tuned import RATES
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import teach_images
from ant_ros.bench.learning.symbols import Perception
from ant_ros.bench.learning.symbols import Symbols
from ant_ros.bench.learning.symbols import Tree
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import explain

__all__ = ['accuracy', 'measure']

_LABELS = 50
_RARE = 0.01


def measure(quick: bool) -> dict[str, Any]:
    """Return accuracies with 95 % intervals and CPU seconds as shares of the network's.

    All learn from the same 50 labelled parts; the network also sees the ten good parts that the
    inspector was taught from. What looking at the labelled parts takes counts as training.
    The network is trained with several learning rates, and that is taken which does best on the
    parts it holds out; only its training counts, `network_all_rates` has all of it.

    `run_share` divides CPU time by the network's, which gets the whole frame, made smaller, and
    so needs no part found in it. `symbols` is from frame to disposition: finding the part,
    registering, comparing, measuring and deciding. `inspection` is all of that but the last two,
    and has told by then what is wrong and where, which the network does not; the two
    `beyond_inspection` are only what comes on top of it, here, and where one part in 100 is
    stopped and not most of them.

    The variant is another product under the same instruction: the inspector is taught from ten
    good parts of it, as any product is, and nobody learns anything else.
    """
    few = 6 if quick else 1
    labelled = draw_task(PLATES, SEED + 70, 48, 12)
    labels = Task(labelled.parts[:_LABELS], labelled.truth[:_LABELS])
    tests = {'seen_product': draw_task(PLATES, SEED + 72, 260 // few, 60 // few),
             'variant': draw_task(VARIANT, SEED + 74, 260 // few, 60 // few)}
    eyes = {'seen_product': Perception(new_inspector(PLATES), mm_per_px(PLATES)),
            'variant': Perception(new_inspector(VARIANT), mm_per_px(VARIANT))}
    symbols, tree = Symbols(eyes['seen_product']), Tree()
    network = FineTuned(2, 2, rates=RATES[1:2]) if quick else FineTuned()
    training = _train(symbols, tree, network, eyes['seen_product'], labels)
    figures: dict[str, Any] = {
        'labels': len(labels.parts), 'network_rate': network.rate, 'network_runs': network.runs,
        'training_cpu_s': training,
        'training_share': training['symbols'] / training['network'],
        'rules': explain(symbols.book).splitlines()}
    for name, task in tests.items():
        figures[name] = _test(symbols, tree, network, eyes[name], task)
    figures['goals'] = _goals(figures)
    return figures


def accuracy(told: Sequence[Disposition], truth: Sequence[Disposition]) -> dict[str, Any]:
    """Return the share that is right with its two-sided 95 % Clopper-Pearson interval."""
    right = sum(one is other for one, other in zip(told, truth))
    interval = stats.binomtest(right, len(truth)).proportion_ci(0.95)
    return {'right': right, 'parts': len(truth), 'accuracy': right / len(truth),
            'interval_95': [float(interval.low), float(interval.high)]}


def _train(
    symbols: Symbols, tree: Tree, network: FineTuned, eyes: Perception, labels: Task,
) -> dict[str, float]:
    """Let all learn and return the CPU seconds of each."""
    looking, seen = _timed(lambda: [eyes.look(part) for part in labels.parts])
    by_symbols, _ = _timed(lambda: symbols.learn(seen, labels.truth))
    by_tree, _ = _timed(lambda: tree.learn(seen, labels.truth))
    good = teach_images(PLATES)
    by_network, _ = _timed(lambda: network.learn(
        [*(part.image for part in labels.parts), *good],
        [*labels.truth, *[Disposition.ACCEPT] * len(good)]))
    chosen = next(run['cpu_s'] for run in network.runs if run['rate'] == network.rate)
    return {'symbols': looking + by_symbols, 'tree': looking + by_tree, 'network': chosen,
            'network_all_rates': by_network}


def _test(
    symbols: Symbols, tree: Tree, network: FineTuned, eyes: Perception, task: Task,
) -> dict[str, Any]:
    """Return accuracies, and CPU milliseconds per part, of all on one product."""
    groups = symbols.groups_for(eyes)
    inspecting, _ = _each(
        lambda part: eyes.inspector.judge(part.image, part.part), task.parts)
    looking, seen = _each(eyes.look, task.parts)
    deciding, by_symbols = _each(lambda one: symbols.decide(one, groups), seen)
    growing, by_tree = _each(tree.decide, seen)
    running, by_network = _each(lambda part: network.decide(part.image), task.parts)
    beyond = looking + deciding - inspecting
    stopped = np.array([bool(one.regions) for one in seen])
    rare = (1 - _RARE) * max(float(beyond[~stopped].mean()), 0.0) + _RARE * float(
        beyond[stopped].mean())
    seconds = {
        'symbols': float((looking + deciding).mean()),
        'inspection': float(inspecting.mean()),
        'symbols_beyond_inspection': max(float(beyond.mean()), 0.0),
        'symbols_beyond_inspection_at_1_percent_bad': rare,
        'tree': float((looking + growing).mean()), 'network': float(running.mean())}
    return {
        'symbols': accuracy(by_symbols, task.truth), 'tree': accuracy(by_tree, task.truth),
        'network': accuracy(by_network, task.truth),
        'always_accept': accuracy([Disposition.ACCEPT] * len(task.truth), task.truth),
        'stopped': int(stopped.sum()), 'passed_though_not_accepted': _missed(seen, task),
        'cpu_ms_per_part': {name: 1e3 * value for name, value in seconds.items()},
        'run_share': {name: seconds[name] / seconds['network'] for name in list(seconds)[:4]}}


def _missed(seen: Sequence[Any], task: Task) -> int:
    """Count the parts of which the inspector shows no region though something is to be done."""
    return sum(not one.regions and truth is not Disposition.ACCEPT
               for one, truth in zip(seen, task.truth))


def _goals(figures: dict[str, Any]) -> dict[str, Any]:
    goals = {'labels': at_most(_LABELS, figures['labels']),
             'training_share': at_most(0.01, figures['training_share'])}
    for name in ('seen_product', 'variant'):
        found = figures[name]
        rival = max(found['network']['accuracy'], found['tree']['accuracy'])
        goals[name] = {
            'accuracy_against_network': at_least(
                found['network']['accuracy'], found['symbols']['accuracy']),
            'accuracy_against_both': at_least(rival, found['symbols']['accuracy']),
            'run_share': at_most(0.05, found['run_share']['symbols']),
            'run_share_beyond_inspection_at_1_percent_bad': at_most(
                0.05, found['run_share']['symbols_beyond_inspection_at_1_percent_bad'])}
    return goals


def _each(
    work: Callable[[Any], Any], things: Sequence[Any],
) -> tuple[np.ndarray, list[Any]]:
    """Return the CPU seconds that something takes for each thing [N], and what it returns."""
    timed = [_timed(partial(work, thing)) for thing in things]
    return np.array([seconds for seconds, _ in timed]), [result for _, result in timed]


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds that something takes, and what it returns."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result
