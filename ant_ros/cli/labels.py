# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Label parts, keep the challenge set, and learn from other robots, on the command line."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import typer

from ant_ros.cli.exit_codes import ExitCode
from ant_ros.cli.good_images import readable_images
from ant_ros.cli.good_images import where_good_are
from ant_ros.cli.node_labels import forget_by_node
from ant_ros.cli.node_labels import label_by_node
from ant_ros.cli.node_labels import node_that_holds
from ant_ros.inspection import ImageError
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image
from ant_ros.inspection.learning import Answer
from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.learning import MessageError
from ant_ros.inspection.ledger import Ledger
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger import Recorder
from ant_ros.inspection.ledger import to_record
from ant_ros.inspection.ledger import VerdictFilter
from ant_ros.inspection.more_parts import MOST_MORE
from ant_ros.inspection.online import LabelDesk
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online import OnlineVerdict
from ant_ros.inspection.recipe_history import RecipeLockedError

__all__ = ['add_to_challenge', 'confirm_run', 'forget_label', 'label_part', 'list_challenge',
           'merge_recipes', 'remove_from_challenge', 'run_challenge', 'sharpen_recipe',
           'undo_change']

_STOPPED_TOO = 'give --stopped-too'
_GIVE_IMAGE = 'give an image of the part in place of its ID'
_STOP_NODE = 'stop the node to label an image that it has not inspected'


def label_part(
    recipe: Path, part: str, word: str, by: str, *, create: bool, ledger: Path | None,
) -> ExitCode:
    """Label a part, or an image of one; by the node if one holds the recipe.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else than a node holds it.
        LedgerError: the ledger cannot be written.
        ImageError: the image cannot be used.
        NodeSilentError: the node that holds the recipe does not answer.
    """
    try:
        with _desk(recipe, ledger, 'ant_ros label') as (desk, book):
            if Path(part).is_file():
                with _inspecting(desk, book) as inspect:
                    part = inspect(read_image(Path(part)), Path(part).stem).part
            return _tell(desk.label(part, word, by=by, create=create))
    except RecipeLockedError:
        node = node_that_holds(recipe)
        if node is None:
            raise
    if Path(part).is_file():
        part = _part_of(Path(part), ledger or ledger_path(recipe))
    return _tell(label_by_node(node, part, word, by, create=create), _STOP_NODE)


def _part_of(image: Path, ledger: Path) -> str:
    """Return the ID under which a node has inspected the part in an image file.

    A camera that plays a folder names parts by the path below it, others by the name alone.

    Raises:
        LedgerError: the ledger cannot be read.
        ImageError: it knows several such parts.
    """
    *folders, name = image.absolute().parts[1:]
    tails = ['/'.join((*folders[start:], name)) for start in range(len(folders) + 1)]
    with LedgerReader(ledger) as reader:
        known = [part for part in [image.stem, *tails]
                 if any(reader.verdicts(VerdictFilter(part=part, last=1)))]
    if len(known) > 1:
        raise ImageError(f'{image} may be any of the parts {", ".join(known)}: give the ID of the '
                         'one that is meant')
    return known[0] if known else image.stem


def undo_change(recipe: Path, by: str, ledger: Path | None) -> ExitCode:
    """Take the last change back.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else holds it.
        LedgerError: the ledger cannot be written.
    """
    with _desk(recipe, ledger, 'ant_ros undo') as (desk, _):
        return _tell(desk.undo(by=by))


def forget_label(recipe: Path, number: int, by: str, ledger: Path | None) -> ExitCode:
    """Take back any label by its number in the ledger; by the node if one holds the recipe.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else than a node holds it.
        LedgerError: the ledger cannot be written.
        NodeSilentError: the node that holds the recipe does not answer.
    """
    try:
        with _desk(recipe, ledger, 'ant_ros forget') as (desk, _):
            return _tell(desk.forget(number, by=by))
    except RecipeLockedError:
        node = node_that_holds(recipe)
        if node is None:
            raise
    return _tell(forget_by_node(node, number, by))


def confirm_run(
    recipe: Path, folder: Path, by: str, ledger: Path | None, *, stopped_too: bool,
) -> ExitCode:
    """Inspect the images of a folder and take their parts as good.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else holds it.
        LedgerError: the ledger cannot be written.
        ImageError: the folder holds no image that can be read, or one cannot be used.
    """
    with _desk(recipe, ledger, 'ant_ros confirm') as (desk, book):
        stems = Counter(path.stem for path in list_images(folder))
        with _inspecting(desk, book) as inspect:
            for path, image in readable_images(folder):
                alone = stems[path.stem] == 1
                inspect(image, path.stem if alone else path.relative_to(folder).as_posix())
        answer = desk.confirm(by=by)
        if answer.state is LabelState.REFUSED and stopped_too:
            answer = desk.confirm(by=by)
    return _tell(replace(answer, text=answer.text.replace('confirm once more', _STOPPED_TOO)))


def sharpen_recipe(recipe: Path, folder: Path, by: str, ledger: Path | None) -> ExitCode:
    """Learn from the good images of a folder, too, what is expected.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else holds it.
        LedgerError: the ledger cannot be written.
        ImageError: the folder holds no image that can be read, or one cannot be used.
    """
    with _desk(recipe, ledger, 'ant_ros sharpen') as (desk, _):
        source = where_good_are(folder)
        found = list(islice(readable_images(source), MOST_MORE + 1))
        return _tell(desk.sharpen(
            [image for _, image in found], by=by,
            names=[path.relative_to(source).as_posix() for path, _ in found]))


def add_to_challenge(
    recipe: Path, word: str, images: Sequence[Path], by: str, ledger: Path | None, *,
    create: bool,
) -> ExitCode:
    """Add images of parts to the challenge set.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else holds it.
        LedgerError: the ledger cannot be written.
        ImageError: an image cannot be used.
    """
    code = ExitCode.OK
    with _desk(recipe, ledger, 'ant_ros challenge') as (desk, book):
        with _inspecting(desk, book) as inspect:
            verdicts = [inspect(read_image(path), path.stem) for path in images]
        for verdict in verdicts:
            code = max(code, _tell(desk.add_challenge(verdict, word, by=by, create=create)))
    return code


def remove_from_challenge(recipe: Path, part: str, by: str, ledger: Path | None) -> ExitCode:
    """Take a part that was added by hand out of the challenge set.

    Raises:
        RecipeError: the recipe cannot be read, or somebody else holds it.
        LedgerError: the ledger cannot be written.
    """
    with _desk(recipe, ledger, 'ant_ros challenge') as (desk, _):
        return _tell(desk.remove_challenge(part, by=by))


def run_challenge(recipe: Path) -> ExitCode:
    """Say how the challenge set fares; it is found wanting if any part is not as it should be.

    Raises:
        RecipeError: the recipe cannot be read.
        LearningError: the recipe cannot learn.
    """
    trial = OnlineInspector.load(recipe).run_challenge()
    if not trial.defects + trial.good + len(trial.unseen):
        typer.echo('the challenge set is empty: add parts with challenge add, or label some')
        return ExitCode.FOUND
    for part in trial.escapes:
        typer.echo(f'{part}: a known defect that would pass')
    for part in trial.false_rejects:
        typer.echo(f'{part}: a known good part that would be stopped')
    typer.echo(trial.text)
    wrong = trial.escapes or trial.false_rejects or trial.unseen
    return ExitCode.FOUND if wrong else ExitCode.OK


def list_challenge(recipe: Path) -> ExitCode:
    """List the parts of the challenge set: those added by hand, and those from labels.

    Raises:
        RecipeError: the recipe cannot be read.
        LearningError: the recipe cannot learn.
    """
    learner = OnlineInspector.load(recipe).learner
    for one in learner.challenge:
        part = one.features.part
        label = learner.labels.get(part)
        whence = 'by hand' if label is None else f'labelled by {label.by or "somebody"}'
        stale = '  last seen before the recipe has changed' if one.stale else ''
        typer.echo(f'{part}  {one.word}  {whence}{stale}')
    typer.echo(f'{len(learner.challenge)} parts')
    return ExitCode.OK


def merge_recipes(recipe: Path, others: Sequence[Path], by: str, ledger: Path | None) -> ExitCode:
    """Learn what robots with the same recipe have learned.

    Raises:
        RecipeError: a recipe cannot be read, or somebody else holds the one to learn.
        LedgerError: the ledger cannot be written.
        LearningError: a recipe cannot learn.
        MessageError: two of them call themselves alike.
    """
    code = ExitCode.OK
    with _desk(recipe, ledger, 'ant_ros merge') as (desk, _):
        own = desk.inspector.learner.robot
        for other in others:
            theirs = OnlineInspector.load(other)
            if theirs.learner.robot == own:
                raise MessageError(
                    f'{recipe} and {other} were both learned by the robot {own!r}: only '
                    'recipes that were labelled on different computers can be merged')
            code = max(code, _tell(desk.merge(theirs.export(), by=by)))
    return code


@contextmanager
def _desk(
    recipe: Path, ledger: Path | None, who: str,
) -> Iterator[tuple[LabelDesk, Ledger]]:
    inspector = OnlineInspector.load(recipe)
    with Ledger(ledger or ledger_path(recipe)) as book, \
            LabelDesk(inspector, recipe, book, who=who) as desk:
        yield desk, book


@contextmanager
def _inspecting(
    desk: LabelDesk, book: Ledger,
) -> Iterator[Callable[[np.ndarray, str], OnlineVerdict]]:
    """Inspect images of parts and write verdicts down.

    No image is archived: the archive is the node's, which alone knows its folder and its size.
    """
    with Recorder(book) as recorder:
        def inspect(image: np.ndarray, part: str) -> OnlineVerdict:
            verdict = desk.inspector.inspect(image, part)
            recorder.record(to_record(verdict, part=verdict.part, inspector='ant_ros'), image)
            recorder.flush()
            return verdict
        yield inspect


def _tell(answer: Answer, unknown: str = _GIVE_IMAGE) -> ExitCode:
    number = '' if answer.label is None else f'label {answer.label}, '
    text = answer.text.replace(': send the same label again', '').replace(
        'confirm that it is new to create it', 'give --create if it is new')
    if answer.state is LabelState.UNKNOWN_PART:
        text += f'; {unknown}'
    typer.echo(f'{answer.state.value}: {text} ({number}recipe version {answer.version})')
    return ExitCode.OK if answer.state is LabelState.APPLIED else ExitCode.FOUND
