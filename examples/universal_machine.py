# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Add one to a binary number on a network without a clock.

Each line is the tape after one more step, the head in brackets. Then the same number is
incremented in twenty other orders of firing: the answer and the work are the same in all.
"""

from ant_ros.network.turing import Machine
from ant_ros.network.turing import Run
from ant_ros.network.turing import TuringNetwork

INCREMENT = Machine(
    {
        ('seek end', '0'): ('seek end', '0', 'R'),
        ('seek end', '1'): ('seek end', '1', 'R'),
        ('seek end', '_'): ('carry', '_', 'L'),
        ('carry', '1'): ('carry', '0', 'L'),
        ('carry', '0'): ('done', '1', 'N'),
        ('carry', '_'): ('done', '1', 'N'),
    }, start='seek end', accept=frozenset({'done'}))


def show(run: Run) -> None:
    """Print the tape with the head in brackets."""
    cells = dict(enumerate(run.tape))
    tape = ''
    for place in range(min(run.head, 0), max(run.head + 1, len(run.tape))):
        tape += ('[{}]' if place == run.head else ' {} ').format(cells.get(place, '_'))
    print(f'{run.state:>9}  {tape:<15}  {run.units_touched:2} touched, {run.units_alive} units')


def main() -> None:
    """Show one increment step by step, then the same in other orders."""
    network = TuringNetwork(INCREMENT, '1011')
    run = network.run(max_steps=0)
    show(run)
    while not run.halted:
        run = network.run('random', seed=1, max_steps=1)
        show(run)

    answers = {
        (''.join(answer.tape), answer.steps, answer.units_touched)
        for answer in (TuringNetwork(INCREMENT, '1011').run('random', seed) for seed in range(20))
    }
    print(f'20 random orders of firing, {len(answers)} answer: tape, steps, touched = '
          f'{", ".join(map(str, answers))}')


if __name__ == '__main__':
    main()
