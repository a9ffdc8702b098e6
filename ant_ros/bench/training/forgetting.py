# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learn tasks one after the other: what is left of the first ones, with and without context.

Data: scikit-learn's digits. `permuted`: every task shuffles the pixels in its own way, ten
classes. `pairs`: task i tells digit 2i from 2i + 1, all tasks on the same two outputs. No data of
earlier tasks are kept. The networks have equally many synapses, segments included; the learning
rate of each was chosen on a validation part of the training data, by its final accuracy.
"""

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Any

import numpy as np
import torch
from torch import nn

from ant_ros.network.context import ContextGate
from ant_ros.network.context import Contexts
from ant_ros.network.context import select_context

__all__ = ['measure']

_HIDDEN = 96
_SEGMENTS = 2
_PIXELS = 64
_BATCH = 32
_EPOCHS = 12
METHODS = ('no_context', 'context_as_input', 'segments')
RATES = {
    'permuted': {'no_context': 3e-4, 'context_as_input': 3e-4, 'segments': 3e-3},
    'pairs': {'no_context': 1e-3, 'context_as_input': 1e-3, 'segments': 3e-3},
}
"""Step sizes of Adam by scenario and method."""


@dataclass(frozen=True)
class Task:
    """Training and test part of a task: inputs `[N, 64]` and labels `[N]`."""

    train: tuple[torch.Tensor, torch.Tensor]
    test: tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class _Known:
    """Stands for `Contexts` where the context is told."""

    number: int

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.full((len(inputs),), self.number)


def measure(quick: bool) -> dict[str, Any]:
    """Return final accuracy and backward transfer by scenario and method.

    `no_context` and `context_as_input` are plain networks, the second with the task's number as
    further inputs; `segments` has gates after both hidden layers. `known` is told the task when
    it is tested, `inferred` takes the one whose mean input is nearest (`Contexts`). Backward
    transfer is the mean change of the accuracy on a task from right after it was learned until
    after the last one; 0 is no forgetting.

    Args:
        quick: fewer seeds and epochs.
    """
    seeds, epochs = (range(2), 4) if quick else (range(5), _EPOCHS)
    figures: dict[str, Any] = {}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for scenario, make in (('permuted', permuted_digits), ('pairs', digit_pairs)):
            started = time.perf_counter()
            figures[scenario] = {'tasks': len(make(0, False)), 'seeds': len(seeds), **{
                method: _summary([run(make(seed, False), method, RATES[scenario][method], seed,
                                      epochs) for seed in seeds]) for method in METHODS}}
            figures[scenario]['seconds'] = time.perf_counter() - started
    finally:
        torch.set_num_threads(threads)
    return figures


def permuted_digits(seed: int, validation: bool) -> list[Task]:
    """Return six tasks: the ten digits under a permutation of the pixels each."""
    rng = np.random.default_rng(seed)
    pixels, labels, chosen = _digits(rng, validation)
    tasks = []
    for _ in range(6):
        order = rng.permutation(_PIXELS)
        tasks.append(_task(pixels[:, order], labels, chosen))
    return tasks


def digit_pairs(seed: int, validation: bool) -> list[Task]:
    """Return five tasks: digit 2i against 2i + 1."""
    pixels, labels, chosen = _digits(np.random.default_rng(seed), validation)
    return [_task(pixels, labels % 2, tuple(part[labels[part] // 2 == i] for part in chosen))
            for i in range(5)]


def run(tasks: list[Task], method: str, rate: float, seed: int,
        epochs: int) -> dict[str, Any]:
    """Learn the tasks in their order and return accuracies and sizes."""
    torch.manual_seed(seed)
    classes = int(max(int(task.train[1].max()) for task in tasks)) + 1
    network = build(method, len(tasks), classes, seed)
    contexts = Contexts(len(tasks), _PIXELS)
    after = np.zeros((len(tasks), len(tasks)))
    for number, task in enumerate(tasks):
        contexts.learn(number, task.train[0])
        optimizer = torch.optim.Adam(network.parameters(), rate)
        _train(network, optimizer, task.train, number, method, len(tasks), epochs)
        network.eval()
        for other in range(number + 1):
            after[number, other] = _accuracy(network, tasks[other], method, len(tasks),
                                             _Known(other))
    answer = {'synapses': synapses(network), 'known': after[-1].mean(),
              'transfer': np.mean(after[-1, :-1] - after.diagonal()[:-1]),
              'right_after': after.diagonal().mean()}
    if method != 'no_context':
        answer['inferred'] = np.mean([_accuracy(network, task, method, len(tasks), contexts)
                                      for task in tasks])
        answer['context_right'] = np.mean([float((contexts(task.test[0]) == i).double().mean())
                                           for i, task in enumerate(tasks)])
    return answer


def build(method: str, tasks: int, classes: int, seed: int) -> nn.Module:
    """Return a network of two hidden layers; a plain one is as wide as the synapses allow."""
    if method == 'segments':
        return _network(_PIXELS, _HIDDEN, classes, tasks, seed)
    inputs = _PIXELS + (tasks if method == 'context_as_input' else 0)
    wanted = synapses(build('segments', tasks, classes, seed))
    width = _HIDDEN
    while synapses(_network(inputs, width, classes, 0, seed)) < wanted:
        width += 1
    return _network(inputs, width, classes, 0, seed)


def synapses(network: nn.Module) -> int:
    """Return the number of weights, segments' included, biases not."""
    return sum(p.numel() for p in network.parameters() if p.ndim > 1)


def _network(inputs: int, hidden: int, classes: int, contexts: int, seed: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for number, width in enumerate((inputs, hidden)):
        layers.append(nn.Linear(width, hidden))
        if contexts:
            layers.append(ContextGate(hidden, contexts, segments=_SEGMENTS,
                                      seed=2 * seed + number))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.Linear(hidden, classes))


def _digits(rng: np.random.Generator,
            validation: bool) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return pixels, labels, and which are for training and which for testing.

    The test part is the same in all runs; tuning splits a validation part from the rest.
    """
    from sklearn.datasets import load_digits
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    rest, test = order[500:], order[:500]
    if validation:
        rest = rng.permutation(rest)
        rest, test = rest[300:], rest[:300]
    return pixels / 16.0, labels, (rest, test)


def _task(pixels: np.ndarray, labels: np.ndarray, chosen: tuple[np.ndarray, ...]) -> Task:
    train, test = ((torch.tensor(pixels[part], dtype=torch.float32), torch.tensor(labels[part]))
                   for part in chosen)
    return Task(train, test)


def _train(network: nn.Module, optimizer: torch.optim.Optimizer,
           data: tuple[torch.Tensor, torch.Tensor], number: int, method: str, tasks: int,
           epochs: int) -> None:
    network.train()
    if method == 'segments':
        select_context(network, number)
    inputs = _inputs(data[0], torch.full((len(data[0]),), number), method, tasks)
    loss = nn.CrossEntropyLoss()
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs)).split(_BATCH):
            optimizer.zero_grad()
            loss(network(inputs[batch]), data[1][batch]).backward()
            optimizer.step()


def _inputs(x: torch.Tensor, numbers: torch.Tensor, method: str, tasks: int) -> torch.Tensor:
    if method != 'context_as_input':
        return x
    return torch.cat([x, nn.functional.one_hot(numbers, tasks).to(x.dtype)], dim=1)


@torch.no_grad()
def _accuracy(network: nn.Module, task: Task, method: str, tasks: int,
              which: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """Return the accuracy on a task's test part where `which` says the context."""
    x, labels = task.test
    numbers = which(x)
    right = 0
    for number in numbers.unique().tolist():
        if method == 'segments':
            select_context(network, number)
        part = numbers == number
        answer = network(_inputs(x[part], numbers[part], method, tasks)).argmax(dim=1)
        right += int((answer == labels[part]).sum())
    return right / len(labels)


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    names = {'known': 'accuracy_context_known', 'inferred': 'accuracy_context_inferred',
             'transfer': 'backward_transfer', 'right_after': 'accuracy_right_after_learning',
             'context_right': 'contexts_inferred_rightly'}
    figures: dict[str, Any] = {'synapses': runs[0]['synapses']}
    for key, name in names.items():
        if key in runs[0]:
            values = [run[key] for run in runs]
            label = 'accuracy' if key == 'known' and 'inferred' not in runs[0] else name
            figures[label] = {'mean': float(np.mean(values)), 'std': float(np.std(values))}
    return figures
