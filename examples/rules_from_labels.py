#!/usr/bin/env python3
# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Let rules decide what is done with a part: one written by a person, the rest learned.

Run: python examples/rules_from_labels.py
"""

import numpy as np

from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import explain
from ant_ros.inspection.rules import judge
from ant_ros.inspection.rules import LabelledPart
from ant_ros.inspection.rules import learn_rules
from ant_ros.inspection.rules import make_rules
from ant_ros.inspection.rules import Measured

BY_A_PERSON = {
    'zones': {'rim': {'rectangle': [0, 0, 320, 20]}, 'face': {'rectangle': [0, 20, 320, 220]}},
    'rules': [{'name': 'dents leak', 'when': {'class': 'dent'}, 'then': 'scrap'}],
}


def some_part(number: int, rng: np.random.Generator) -> LabelledPart:
    """Return a part with one flaw, and what an inspector by eye says of it."""
    flaw = Measured(
        label=str(rng.choice(['scratch', 'stain', 'dent'])), mm_per_px=0.1,
        length_px=float(rng.uniform(5, 80)), breadth_px=float(rng.uniform(2, 5)),
        area_px=float(rng.uniform(20, 200)), zone=str(rng.choice(['rim', 'face'])),
        colour_shift=float(rng.uniform(0, 30)))
    said = Disposition.ACCEPT
    if flaw.label == 'dent' or (flaw.label == 'scratch' and flaw.length_px > 50):
        said = Disposition.SCRAP
    elif flaw.label == 'scratch' and flaw.zone == 'rim':
        said = Disposition.REWORK
    return LabelledPart(f'part-{number}', (flaw,), said)


def main() -> None:
    """Learn from fifty parts, print the rules, and judge new parts with reasons."""
    rng = np.random.default_rng(0)
    learned = learn_rules([some_part(i, rng) for i in range(50)], make_rules(BY_A_PERSON))
    print(explain(learned.book))

    new = [some_part(i, rng) for i in range(50, 550)]
    right = [judge(learned.book, part.regions).disposition is part.disposition for part in new]
    print(f'\n{np.mean(right):.1%} of {len(new)} new parts as the eye would have it')
    for disposition in (Disposition.SCRAP, Disposition.REWORK, Disposition.ACCEPT):
        part = next(part for part in new if part.disposition is disposition)
        print(f'{part.part}: {judge(learned.book, part.regions).sentence}')


if __name__ == '__main__':
    main()
