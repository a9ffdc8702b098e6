# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The commands that ask the ledger, and compare and bring back versions of a recipe."""

from contextlib import AbstractContextManager
import enum
from pathlib import Path
from typing import Annotated

import typer

from ant_ros.cli.ending import bad_input
from ant_ros.cli.user import By
from ant_ros.cli.user import user

__all__ = ['ledger_app']

ledger_app = typer.Typer(
    no_args_is_help=True,
    help="Ask the inspector's ledger why a part was passed; compare and bring back versions of "
         'a recipe. Reading never disturbs the inspector. Exit codes: 0 fine, 2 bad input.')


def _ledger_at(place: Path) -> Path:
    """Return the ledger at a place: the file itself, or that beside a recipe's folder."""
    if not place.is_dir():
        return place
    from ant_ros.inspection.online import ledger_path
    return ledger_path(place)


LedgerFile = Annotated[Path, typer.Argument(
    metavar='LEDGER|RECIPE', callback=_ledger_at,
    help='The file that the inspector writes; of a recipe folder the one beside it.')]
RecipeFolder = Annotated[Path, typer.Argument(metavar='RECIPE', help='Folder of the recipe.')]
PartId = Annotated[str, typer.Argument(metavar='PART', help='ID of the part.')]


class Wanted(str, enum.Enum):
    """A decision to filter by."""

    PASS = 'pass'
    REVIEW = 'review'
    REJECT = 'reject'
    UNINSPECTED = 'uninspected'


class LabelWanted(str, enum.Enum):
    """What became of a label, to filter by."""

    PENDING = 'pending'
    APPLIED = 'applied'
    REFUSED = 'refused'
    UNKNOWN_PART = 'unknown part'
    SUPERSEDED = 'superseded'
    UNDONE = 'undone'
    ROLLED_BACK = 'rolled back'


DecisionOption = Annotated[
    Wanted | None, typer.Option('--decision', help='With this decision only.')]
SinceOption = Annotated[str, typer.Option(
    '--since', help='Since this time: 30m, 8h, 3d, 2026-05-01 or 2026-05-01T06:00 (UTC).')]
RecipeOption = Annotated[str, typer.Option('--recipe', help='By the recipe of this name only.')]
LabelOption = Annotated[str, typer.Option('--label', help='Labelled so by an operator only.')]


def _bad_input() -> AbstractContextManager[None]:
    from ant_ros.inspection import RecipeError
    from ant_ros.inspection.ledger import LedgerError
    return bad_input(LedgerError, RecipeError, OSError, ValueError)


@ledger_app.command('list')
def list_verdicts(
    ledger: LedgerFile, decision: DecisionOption = None, since: SinceOption = '',
    recipe: RecipeOption = '', label: LabelOption = '',
    last: Annotated[int, typer.Option(
        min=1, max=100_000, help='The last N of them.')] = 50,
) -> None:
    """List verdicts, oldest first."""
    from ant_ros.cli.ledger_report import make_filter
    from ant_ros.cli.ledger_report import print_verdicts
    with _bad_input():
        print_verdicts(ledger, make_filter(
            decision and decision.value, since, recipe, label, last))


@ledger_app.command()
def show(ledger: LedgerFile, part: PartId) -> None:
    """Show all that is known of a part: its verdicts, labels with their history, images."""
    from ant_ros.cli.ledger_report import print_part
    with _bad_input():
        print_part(ledger, part)


@ledger_app.command()
def explain(ledger: LedgerFile, part: PartId) -> None:
    """Tell why a part was passed or not, by which version, and what that had learned."""
    from ant_ros.inspection.ledger import explain as explanation
    from ant_ros.inspection.ledger import LedgerReader
    with _bad_input(), LedgerReader(ledger) as reader:
        typer.echo(explanation(reader, part))


@ledger_app.command()
def labels(
    ledger: LedgerFile, recipe: RecipeOption = '',
    state: Annotated[LabelWanted | None, typer.Option(help='In this state only.')] = None,
) -> None:
    """List labels with what became of them, oldest first."""
    from ant_ros.cli.ledger_report import print_labels
    with _bad_input():
        print_labels(ledger, recipe, state and state.value)


@ledger_app.command()
def changes(ledger: LedgerFile, recipe: RecipeOption = '') -> None:
    """List what was learned, by whom and why, and what was refused."""
    from ant_ros.cli.ledger_report import print_changes
    with _bad_input():
        print_changes(ledger, recipe)


@ledger_app.command()
def export(
    ledger: LedgerFile,
    file: Annotated[Path, typer.Argument(metavar='FILE', help='The CSV file to write; - prints.')],
    decision: DecisionOption = None, since: SinceOption = '', recipe: RecipeOption = '',
    label: LabelOption = '',
) -> None:
    """Write verdicts as CSV, oldest first."""
    from ant_ros.cli.ledger_report import export_verdicts
    from ant_ros.cli.ledger_report import make_filter
    with _bad_input():
        export_verdicts(ledger, file, make_filter(
            decision and decision.value, since, recipe, label, None))


@ledger_app.command()
def versions(
    place: Annotated[Path, typer.Argument(
        metavar='RECIPE|LEDGER', help='A recipe folder: the versions that can be brought back. '
        'A ledger: all there have been.')],
) -> None:
    """List the versions of a recipe: who made them, when and why."""
    from ant_ros.cli.ledger_report import print_versions
    with _bad_input():
        print_versions(place)


@ledger_app.command()
def diff(
    recipe: RecipeFolder,
    before: Annotated[int, typer.Argument(metavar='BEFORE', help='Number of a version.')],
    after: Annotated[int, typer.Argument(metavar='AFTER', help='Number of another one.')],
) -> None:
    """Say what differs between two versions of a recipe, and by how much."""
    from ant_ros.cli.ledger_report import print_differences
    with _bad_input():
        print_differences(recipe, before, after)


@ledger_app.command()
def rollback(
    recipe: RecipeFolder,
    version: Annotated[int, typer.Argument(metavar='VERSION', help='Number of the version.')],
    by: By = '',
    why: Annotated[str, typer.Option(help='What for.')] = '',
) -> None:
    """Bring a version of a recipe back, as a new version; refused while an inspector holds it."""
    from ant_ros.inspection.recipe_history import RecipeHistory
    with _bad_input(), RecipeHistory(recipe, who='ant_ros ledger rollback') as history:
        made = history.roll_back(version, who=by or user(), why=why)
        typer.echo(f'{recipe} is version {made.number} now: {made.why}')
