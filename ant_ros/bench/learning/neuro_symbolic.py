# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is done with a part, learned from 50 labels: symbols, a whole network, a decision tree."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
import statistics
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
from ant_ros.bench.learning.line_parts import LinePart
from ant_ros.bench.learning.line_parts import SEED
from ant_ros.bench.learning.line_parts import teach_images
from ant_ros.bench.learning.symbols import Perception
from ant_ros.bench.learning.symbols import Seen
from ant_ros.bench.learning.symbols import Symbols
from ant_ros.bench.learning.symbols import Tree
from ant_ros.bench.learning.taught import new_inspector
from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import explain

__all__ = ['accuracy', 'measure']

_LABELS = 50
_RARE = 0.01
_LABEL_SETS = 5
_USUAL = 'at_1_percent_stopped'
_BLOCK = 40
"""Parts that one way decides on in a row, so that all have the machine as fast and as slow."""


def measure(quick: bool) -> dict[str, Any]:
    """Return accuracies with 95 % intervals and CPU seconds as shares of the network's.

    All learn from the same 50 labelled parts; the network also sees the ten good parts that the
    inspector was taught from. What looking at the labelled parts takes counts as training.
    The network is trained with several learning rates, and that is taken which does best on the
    parts it holds out; only its training counts, `network_all_rates` has all of it.

    `run_share` divides CPU time by that of the network, which gets the whole frame, made smaller,
    and so needs no part found in it. `symbols` is from frame to disposition: finding the part,
    registering, comparing, measuring and deciding. `inspection` is all of that but the last two,
    and has told by then what is wrong and where, which the network does not;
    `symbols_beyond_inspection` is what is left. Most of the parts here are bad; each also stands
    as it would be `at_1_percent_stopped`, as on a line.

    The variant is another product under the same instruction: the inspector is taught from ten
    good parts of it, as any product is, and nobody learns anything else.

    Which 50 parts are labelled decides much: `other_labels` are the accuracies of symbols and
    tree after 50 other parts each time, and the mean of each.
    """
    few = 10 if quick else 1
    labelled = draw_task(PLATES, SEED + 70, 48, 12)
    labels = Task(labelled.parts[:_LABELS], labelled.truth[:_LABELS])
    tests = {'seen_product': draw_task(PLATES, SEED + 72, 260 // few, 60 // few),
             'variant': draw_task(VARIANT, SEED + 74, 260 // few, 60 // few)}
    eyes = {'seen_product': Perception(new_inspector(PLATES), mm_per_px(PLATES)),
            'variant': Perception(new_inspector(VARIANT), mm_per_px(VARIANT))}
    symbols, tree = Symbols(eyes['seen_product']), Tree()
    network = FineTuned(1, 1, rates=RATES[1:2]) if quick else FineTuned()
    training = _train(symbols, tree, network, eyes['seen_product'], labels)
    figures: dict[str, Any] = {
        'labels': len(labels.parts), 'network_rate': network.rate, 'network_runs': network.runs,
        'training_cpu_s': training,
        'training_share': training['symbols'] / training['network'],
        'rules': explain(symbols.book).splitlines()}
    for name, task in tests.items():
        figures[name] = _test(symbols, tree, network, eyes[name], task)
    if not quick:
        figures['other_labels'] = _other_labels(eyes, tests)
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
    told = [told for number in range(0, len(task.parts), _BLOCK) for told in _told(
        symbols, tree, network, eyes, task.parts[number:number + _BLOCK])]
    stopped = np.array([bool(one.seen.regions) for one in told])
    seconds = {name: _shares([one.seconds[name] for one in told], stopped)
               for name in told[0].seconds}
    return {
        **{name: accuracy([one.words[name] for one in told], task.truth)
           for name in told[0].words},
        'always_accept': accuracy([Disposition.ACCEPT] * len(task.truth), task.truth),
        'stopped': int(stopped.sum()),
        'passed_though_not_accepted': _missed([one.seen for one in told], task),
        'cpu_ms_per_part': {name: {mix: 1e3 * value for mix, value in mixes.items()}
                            for name, mixes in seconds.items()},
        'run_share': {name: {mix: value / seconds['network'][mix] for mix, value in mixes.items()}
                      for name, mixes in seconds.items() if name != 'network'}}


def _other_labels(eyes: Mapping[str, Perception], tests: Mapping[str, Task]) -> dict[str, Any]:
    """Return what symbols and tree reach on each product after other labels, and the means."""
    seen = {name: [eyes[name].look(part) for part in task.parts] for name, task in tests.items()}
    reached: dict[str, dict[str, list[float]]] = {
        name: {'symbols': [], 'tree': []} for name in tests}
    for number in range(_LABEL_SETS):
        labels = draw_task(PLATES, SEED + 90 + 2 * number, 48, 12)
        looks = [eyes['seen_product'].look(part) for part in labels.parts[:_LABELS]]
        symbols, tree = Symbols(eyes['seen_product']), Tree()
        symbols.learn(looks, labels.truth[:_LABELS])
        tree.learn(looks, labels.truth[:_LABELS])
        for name, task in tests.items():
            groups = symbols.groups_for(eyes[name])
            for way, told in (('symbols', [symbols.decide(one, groups) for one in seen[name]]),
                              ('tree', [tree.decide(one) for one in seen[name]])):
                reached[name][way].append(accuracy(told, task.truth)['accuracy'])
    return {name: {**ways, 'means': {way: statistics.fmean(values)
                                     for way, values in ways.items()}}
            for name, ways in reached.items()}


@dataclass(frozen=True)
class _Told:
    """What was seen of a part, what each said, and what that took."""

    seen: Seen
    words: dict[str, Disposition]
    seconds: dict[str, float]


def _told(
    symbols: Symbols, tree: Tree, network: FineTuned, eyes: Perception,
    parts: Sequence[LinePart],
) -> list[_Told]:
    """Ask all about some parts, one after the other, so that none slows the others' parts down."""
    groups = symbols.groups_for(eyes)
    ours = []
    for part in parts:
        inspecting, verdict = _timed(partial(eyes.inspector.judge, part.image, part.part))
        measuring, seen = _timed(partial(eyes.measure, verdict))
        deciding, word = _timed(partial(symbols.decide, seen, groups))
        ours.append((seen, word, inspecting, measuring, deciding))
    trees = [_timed(partial(tree.decide, seen)) for seen, *_ in ours]
    networks = [_timed(partial(network.decide, part.image)) for part in parts]
    return [_Told(
        seen, {'symbols': word, 'tree': by_tree, 'network': by_network},
        {'symbols': inspecting + measuring + deciding, 'inspection': inspecting,
         'symbols_beyond_inspection': measuring + deciding,
         'tree': inspecting + measuring + growing, 'network': running})
        for (seen, word, inspecting, measuring, deciding), (growing, by_tree), (
            running, by_network) in zip(ours, trees, networks)]


def _shares(seconds: Sequence[float], stopped: np.ndarray) -> dict[str, float]:
    """Return the mean over these parts, and over parts of which one in 100 is stopped."""
    each = np.array(seconds)
    usual = (1 - _RARE) * each[~stopped].mean() + _RARE * each[stopped].mean()
    return {'here': float(each.mean()), _USUAL: float(usual)}


def _missed(seen: Sequence[Any], task: Task) -> int:
    """Count the parts of which the inspector shows no region though something is to be done."""
    return sum(not one.regions and truth is not Disposition.ACCEPT
               for one, truth in zip(seen, task.truth))


def _goals(figures: dict[str, Any]) -> dict[str, Any]:
    goals = {'labels': at_most(_LABELS, figures['labels']),
             'training_share': at_most(0.01, figures['training_share'])}
    means = figures.get('other_labels', {})
    for name in ('seen_product', 'variant'):
        found = figures[name]
        rival = max(found['network']['accuracy'], found['tree']['accuracy'])
        goals[name] = {
            'accuracy_against_network': at_least(
                found['network']['accuracy'], found['symbols']['accuracy']),
            'accuracy_against_both': at_least(rival, found['symbols']['accuracy']),
            **({'accuracy_against_tree_other_labels': at_least(
                means[name]['means']['tree'], means[name]['means']['symbols'])} if means else {}),
            **{f'run_share_of_{name}_{_USUAL}': at_most(0.05, found['run_share'][name][_USUAL])
               for name in ('symbols', 'symbols_beyond_inspection')}}
    return goals


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU seconds that something takes, and what it returns."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result
