# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The commands that teach a recipe by labels."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from typing import NoReturn
from typing import ParamSpec

import typer

from ant_ros.cli.ending import bad_input
from ant_ros.cli.exit_codes import ExitCode
from ant_ros.cli.user import By
from ant_ros.cli.user import user

__all__ = ['add_label_commands']

_Given = ParamSpec('_Given')

_challenge_app = typer.Typer(
    no_args_is_help=True,
    help='The parts that the inspector must get right before a shift. Exit codes: 0 fine, '
         '1 a part is not as it should be, 2 bad input.')

RecipeFolder = Annotated[Path, typer.Argument(metavar='RECIPE', help='Folder of the recipe.')]
LedgerFile = Annotated[Path | None, typer.Option(
    '--ledger', dir_okay=False, help='The file to write it down in; beside the recipe if left '
    'out.')]


def add_label_commands(app: typer.Typer) -> None:
    """Add the commands label, sharpen, confirm, undo, forget, challenge and merge."""
    app.command()(label)
    app.command()(sharpen)
    app.command()(confirm)
    app.command()(undo)
    app.command()(forget)
    app.command()(merge)
    app.add_typer(_challenge_app, name='challenge')


def label(
    recipe: RecipeFolder,
    part: Annotated[str, typer.Argument(
        metavar='PART', help='ID of a part, or an image of one.')],
    word: Annotated[str, typer.Argument(
        metavar='good|CLASS', help='What it is: good, or a class of defect.')],
    by: By = '',
    create: Annotated[bool, typer.Option('--create', help='The class may be new.')] = False,
    ledger: LedgerFile = None,
) -> None:
    """Say what a part is: good after all, or a defect; counts from the next part on.

    Goes to the inspector node where one holds the recipe. Exits with 1 when the label is not
    applied.
    """
    from ant_ros.cli.labels import label_part
    _end(label_part, recipe, part, word, by or user(), create=create, ledger=ledger)


def sharpen(
    recipe: RecipeFolder,
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images of further good parts.')],
    by: By = '',
    ledger: LedgerFile = None,
) -> None:
    """Learn what is expected from further good parts, without starting over.

    Labels stay. Confirmed runs no longer count: they were scored by what was known before.
    While a node holds the recipe, its service ~/sharpen does that with the parts that come.
    """
    from ant_ros.cli.labels import sharpen_recipe
    _end(sharpen_recipe, recipe, folder, by or user(), ledger)


def confirm(
    recipe: RecipeFolder,
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images of good parts, a whole run of them, not taught from.')],
    by: By = '',
    stopped_too: Annotated[bool, typer.Option(
        '--stopped-too', help='Also those that the inspector stops are good.')] = False,
    ledger: LedgerFile = None,
) -> None:
    """Take a whole run as good: with enough parts the false reject rate is guaranteed.

    While a node holds the recipe, its service ~/confirm does that with the parts that came.
    Exits with 1 when some are stopped, and names them.
    """
    from ant_ros.cli.labels import confirm_run
    _end(confirm_run, recipe, folder, by or user(), ledger, stopped_too=stopped_too)


def undo(recipe: RecipeFolder, by: By = '', ledger: LedgerFile = None) -> None:
    """Take the last change of what was learned back exactly; again: the one before.

    While a node holds the recipe, its service ~/undo does that. Exits with 1 when there is
    nothing to undo.
    """
    from ant_ros.cli.labels import undo_change
    _end(undo_change, recipe, by or user(), ledger)


def forget(
    recipe: RecipeFolder,
    number: Annotated[int, typer.Argument(
        metavar='LABEL', help='Its number, as ledger labels tells it.')],
    by: By = '',
    ledger: LedgerFile = None,
) -> None:
    """Take any label back, whatever was learned after it.

    Exits with 1 when it is not in force, or when without it another known defect would pass.
    """
    from ant_ros.cli.labels import forget_label
    _end(forget_label, recipe, number, by or user(), ledger)


def merge(
    recipe: RecipeFolder,
    others: Annotated[list[Path], typer.Argument(
        metavar='OTHER...', help='Copies of the recipe that learned elsewhere.')],
    by: By = '',
    ledger: LedgerFile = None,
) -> None:
    """Learn what other robots with the same recipe have learned; again changes nothing.

    Exits with 1 when something is not learned.
    """
    from ant_ros.cli.labels import merge_recipes
    _end(merge_recipes, recipe, others, by or user(), ledger)


@_challenge_app.command('add')
def challenge_add(
    recipe: RecipeFolder,
    word: Annotated[str, typer.Argument(
        metavar='good|CLASS', help='What the parts are.')],
    images: Annotated[list[Path], typer.Argument(
        metavar='IMAGE...', help='Images of one part each; the name of the file is its ID.')],
    by: By = '',
    create: Annotated[bool, typer.Option('--create', help='The class may be new.')] = False,
    ledger: LedgerFile = None,
) -> None:
    """Add parts that the inspector must get right from now on.

    Their pictures are kept, so that a recipe that changes is tried on them first.
    """
    from ant_ros.cli.labels import add_to_challenge
    _end(add_to_challenge, recipe, word, images, by or user(), ledger, create=create)


@_challenge_app.command('remove')
def challenge_remove(
    recipe: RecipeFolder,
    part: Annotated[str, typer.Argument(
        metavar='PART', help='ID of a part that was added, as challenge list tells it.')],
    by: By = '',
    ledger: LedgerFile = None,
) -> None:
    """Take a part out that was added; undo brings it back.

    Parts that were labelled go with their label: forget it.
    """
    from ant_ros.cli.labels import remove_from_challenge
    _end(remove_from_challenge, recipe, part, by or user(), ledger)


@_challenge_app.command('run')
def challenge_run(recipe: RecipeFolder) -> None:
    """Try all parts whose truth is known on what the recipe knows now.

    Parts that were last seen before the recipe has changed are looked at again; those without a
    picture are named, and count as not as they should be.
    """
    from ant_ros.cli.labels import run_challenge
    _end(run_challenge, recipe)


@_challenge_app.command('list')
def challenge_list(recipe: RecipeFolder) -> None:
    """List the parts whose truth is known."""
    from ant_ros.cli.labels import list_challenge
    _end(list_challenge, recipe)


def _end(
    work: Callable[_Given, ExitCode], *args: _Given.args, **options: _Given.kwargs,
) -> NoReturn:
    """Do a command's work, and end with its exit code."""
    from ant_ros.cli.node_labels import NodeSilentError
    from ant_ros.inspection import ImageError
    from ant_ros.inspection import RecipeError
    from ant_ros.inspection.learning import MessageError
    from ant_ros.inspection.ledger import LedgerError
    from ant_ros.inspection.online import LearningError
    with bad_input(ImageError, LearningError, LedgerError, MessageError, NodeSilentError,
                   RecipeError, OSError):
        code = work(*args, **options)
    raise typer.Exit(code)
