# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The commands that show rules and learn them."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from ant_ros.cli.ending import bad_input

__all__ = ['rules_app']

rules_app = typer.Typer(
    no_args_is_help=True,
    help='The rules that decide what is done with a part. Exit codes: 0 fine, 1 a label is not '
         'explained, 2 bad input.')

RuleFile = Annotated[Path, typer.Argument(metavar='RULES', help='YAML file of the rules.')]


def _bad_input() -> AbstractContextManager[None]:
    from ant_ros.inspection import ImageError
    from ant_ros.inspection import RecipeError
    from ant_ros.inspection.rules import RuleError
    return bad_input(ImageError, RecipeError, RuleError, OSError)


@rules_app.command('show')
def rules_show(
    rules: RuleFile,
    recipe: Annotated[Path | None, typer.Option(
        help='Folder of the recipe, to be told of classes that it does not know.')] = None,
) -> None:
    """Say in words what the rules say, in the order in which they are asked."""
    from ant_ros.cli.rules import show_rules
    with _bad_input():
        show_rules(rules, recipe)


@rules_app.command('learn')
def rules_learn(
    recipe: Annotated[Path, typer.Argument(metavar='RECIPE', help='Folder of the recipe.')],
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images in the folders accept, rework and scrap, by what is to be '
        'done with such a part.')],
    rules: RuleFile,
    mm_per_px: Annotated[float | None, typer.Option(
        min=1e-6, help='Millimetres per pixel of the images, for rules in millimetres.')] = None,
    min_support: Annotated[int, typer.Option(
        min=1, help='Parts that must support a rule.')] = 2,
    dry: Annotated[bool, typer.Option('--dry-run', help='Show them, write nothing.')] = False,
) -> None:
    """Learn a short list of rules from labelled images, beside those that people wrote.

    Rules in RULES that people wrote stay as they are and come first; what was learned before is
    replaced. An inspector that uses the file reads it again.
    """
    from ant_ros.cli.rules import learn_from_folder
    with _bad_input():
        code = learn_from_folder(recipe, folder, rules, mm_per_px=mm_per_px,
                                 min_support=min_support, dry=dry)
    raise typer.Exit(code)
