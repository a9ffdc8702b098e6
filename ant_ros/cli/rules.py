# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Show the rules in a file, and learn rules from folders of images."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from ant_ros.cli.exit_codes import ExitCode
from ant_ros.cli.good_images import leave_out
from ant_ros.cli.good_images import say_count
from ant_ros.inspection import ImageError
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.rules import Disposition
from ant_ros.inspection.rules import explain
from ant_ros.inspection.rules import LabelledPart
from ant_ros.inspection.rules import learn_rules
from ant_ros.inspection.rules import load_rules
from ant_ros.inspection.rules import RuleBook
from ant_ros.inspection.rules import save_learned
from ant_ros.inspection.rules import say_unknown_classes

__all__ = ['learn_from_folder', 'show_rules']

_WORDS = (Disposition.ACCEPT, Disposition.REWORK, Disposition.SCRAP)


def show_rules(rules: Path, recipe: Path | None = None) -> None:
    """Print rules as text, in the order in which they are asked.

    With a recipe it is said which classes it does not know.

    Raises:
        RuleError: the file cannot be used.
        RecipeError: the recipe cannot be read.
    """
    book = load_rules(rules)
    _print(book)
    if recipe is not None:
        _warn(book, OnlineInspector.load(recipe))


def learn_from_folder(
    recipe: Path, folder: Path, rules: Path, *, mm_per_px: float | None, min_support: int,
    dry: bool,
) -> ExitCode:
    """Learn rules from images in the folders accept, rework and scrap.

    Args:
        recipe: Folder of the recipe.
        folder: Where the folders are.
        rules: The file; people's rules in it stay, and come first.
        mm_per_px: Millimetres per pixel of the images, if known.
        min_support: Parts that must support a rule.
        dry: Write nothing.

    Returns:
        Found where a label is contradicted by a person's rule, or is not explained.

    Raises:
        RuleError: the file cannot be used.
        RecipeError: the recipe cannot be read.
        ImageError: there are no images, or none can be used.
    """
    book = load_rules(rules) if rules.exists() else RuleBook()
    inspector = OnlineInspector.load(recipe)
    parts = _measured(inspector, folder, book, mm_per_px)
    silent = [part.part for part in parts if not part.regions]
    learned = learn_rules(parts, book, min_support=min_support)
    _print(learned.book)
    _warn(learned.book, inspector)
    for name in learned.kept:
        typer.echo(f"kept as a person's, since it is not as it was learned: {name}")
    for line in learned.conflicts:
        typer.echo(f"a person's rule stays in force: {line}")
    for part in learned.unexplained:
        typer.echo(f'no rule explains {part}')
    if silent:
        typer.echo(f'{len(silent)} parts say nothing, since nothing unusual is seen on them: '
                   f'{", ".join(silent[:5])}')
    if not dry:
        save_learned(learned.book, rules)
        count = len(learned.book.learned) - len(learned.kept)
        typer.echo(f'{count} learned rules written to {rules}')
    return ExitCode.FOUND if learned.conflicts or learned.unexplained else ExitCode.OK


def _measured(
    inspector: OnlineInspector, folder: Path, book: RuleBook, mm_per_px: float | None,
) -> Sequence[LabelledPart]:
    parts, unused = [], 0
    for word in _WORDS:
        place = folder / word.value
        for path in list_images(place) if place.is_dir() else ():
            try:
                regions = inspector.measure(
                    read_image(path), path.stem, zones=book.zones, mm_per_px=mm_per_px)
            except ImageError as error:
                leave_out(path, error)
                unused += 1
                continue
            parts.append(LabelledPart(f'{word.value}/{path.name}', regions, word))
    say_count(unused, len(parts) + unused, 'could not be used')
    if not parts:
        raise ImageError(f'no images in {folder} that can be used: put them into the folders '
                         'accept, rework and scrap, by what is to be done with such a part')
    counts = Counter(part.disposition.value for part in parts)
    typer.echo('measured ' + ', '.join(f'{count} {word}' for word, count in counts.items()))
    return parts


def _warn(book: RuleBook, inspector: OnlineInspector) -> None:
    classes = () if inspector.why_not else inspector.learner.classes
    if doubt := say_unknown_classes(book, classes):
        typer.echo(f'careful: {doubt}')


def _print(book: RuleBook) -> None:
    for name in book.zones:
        typer.echo(f'zone {name}')
    typer.echo(explain(book))
