# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The commands and their options; each command's work is in a module of its own."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from ant_ros import __version__
from ant_ros.cli.ending import bad_input
from ant_ros.cli.label_commands import add_label_commands
from ant_ros.cli.ledger import ledger_app
from ant_ros.cli.rule_commands import rules_app
from ant_ros.cli.user import By
from ant_ros.cli.user import user

__all__ = ['app']

app = typer.Typer(
    name='ant_ros', no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help='Visual inspection for ROS 2. Exit codes: 0 fine, 1 something was found, '
         '2 bad input, 3 a process failed, 130 interrupted.')

app.add_typer(ledger_app, name='ledger')
app.add_typer(rules_app, name='rules')
add_label_commands(app)

JsonFile = Annotated[
    Path | None, typer.Option('--json', help='Write the figures to this file.', dir_okay=False)]


class Pace(str, enum.Enum):
    """How simulated time passes."""

    LOCKSTEP = 'lockstep'
    REALTIME = 'realtime'


class Backbone(str, enum.Enum):
    """Which features look at what surprises."""

    AUTO = 'auto'
    SAMPLED = 'sampled'
    EFFICIENTNET_LITE0 = 'efficientnet-lite0'


class Kind(str, enum.Enum):
    """What is inspected."""

    AUTO = 'auto'
    REGISTERED = 'registered'
    FREE_SHAPE = 'free shape'
    TEXTURE = 'texture'


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option('--version', help='Print the version and exit.')] = False,
) -> None:
    if show:
        typer.echo(__version__)
        raise typer.Exit()


@app.command()
def demo(
    parts: Annotated[int | None, typer.Option(
        min=1, max=1_000_000, help="Parts to inspect; the scenario's own number if left out.")
    ] = None,
    scenario: Annotated[str, typer.Option(
        help='A scenario by name (demo, shift, hard) or a YAML file.')] = 'demo',
    seed: Annotated[int, typer.Option(
        min=0, help='The same seed gives the same parts, images and truth.')] = 0,
    pace: Annotated[Pace, typer.Option(
        help='lockstep: as fast as the verdicts come; realtime: by the clock.')] = Pace.LOCKSTEP,
    speed: Annotated[float, typer.Option(
        min=0.01, max=100.0, help='With --pace realtime: how many times real speed.')] = 1.0,
    headless: Annotated[bool, typer.Option('--headless', help='No live table.')] = False,
    json_file: JsonFile = None,
    out: Annotated[Path, typer.Option(
        file_okay=False, help='Folder for a picture of every part that does not pass, with its '
        'anomaly map; files of an earlier run are replaced.')] = Path('out/demo'),
) -> None:
    """Run the simulated line: conveyor, camera, inspector, gate and scorekeeper.

    Exits with 1 when a visible defect escaped or a trigger has no outcome.
    """
    from ant_ros.cli.demo_run import DemoOptions
    from ant_ros.cli.demo_run import run_demo
    from ant_ros.simulation import ScenarioError
    options = DemoOptions(parts, scenario, seed, pace.value, speed, headless, json_file, out)
    with bad_input(ScenarioError):
        code = run_demo(options)
    raise typer.Exit(code)


@app.command()
def teach(
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images of good parts; train/good below it is used where it is.')],
    recipe: Annotated[Path, typer.Argument(metavar='RECIPE', help='Folder to write.')],
    limit: Annotated[int | None, typer.Option(
        min=5, help='Use the first N images only.')] = None,
    target_frr: Annotated[float, typer.Option(
        '--frr', min=0.0001, max=0.5, help='Share of good parts that may be stopped.')] = 0.005,
    kind: Annotated[Kind, typer.Option(
        help='registered: everything has its place on the part, or in the image; free shape: a '
        'part stands out from its background, but no two are alike; texture: it fills the image; '
        'auto: the good parts tell.')] = Kind.AUTO,
    backbone: Annotated[Backbone, typer.Option(
        help='The features behind the gate; auto: by what good parts say.')] = Backbone.AUTO,
    by: By = '',
) -> None:
    """Teach a part from a folder of good images (5 to 10 are enough to start)."""
    from ant_ros.cli.photographs import teach_folder
    from ant_ros.inspection import ImageError
    from ant_ros.inspection import RecipeError
    from ant_ros.inspection import TeachError
    with bad_input(ImageError, RecipeError, TeachError, OSError):
        teach_folder(folder, recipe, limit=limit, target_frr=target_frr, kind=kind.value,
                     backbone=backbone.value, by=by or user())


@app.command()
def tune(
    recipe: Annotated[Path, typer.Argument(metavar='RECIPE', help='Folder written by teach.')],
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images of good parts; train/good below it is used where it is.')],
    budget_s: Annotated[float, typer.Option(
        '--budget', min=1.0, max=600.0, help='Seconds after which nothing more is tried.')] = 20.0,
    by: By = '',
) -> None:
    """Measure how a recipe's network runs fastest on this machine, and keep that with it."""
    from ant_ros.cli.tuning import tune_recipe
    from ant_ros.inspection import ImageError
    from ant_ros.inspection import RecipeError
    with bad_input(ImageError, RecipeError, OSError):
        tune_recipe(recipe, folder, budget_s, by or user())


@app.command()
def inspect(
    recipe: Annotated[Path, typer.Argument(metavar='RECIPE', help='Folder written by teach.')],
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images to inspect; subfolders count, and where a subfolder is named '
        'good the others are taken as defects and a confusion table is printed.')],
    json_file: JsonFile = None,
    overlays: Annotated[Path | None, typer.Option(
        file_okay=False, help='Folder for a picture of every verdict.')] = None,
    each: Annotated[bool, typer.Option(
        '--each', help='Judge every part in an image; the worst decides.')] = False,
    rules: Annotated[Path | None, typer.Option(
        dir_okay=False, help='YAML file of rules that decide what is done with a part; '
        'RECIPE.rules.yaml, where there is one, if left out.')] = None,
    mm_per_px: Annotated[float | None, typer.Option(
        min=1e-6, help='Millimetres per pixel of the images, for rules in millimetres.')] = None,
) -> None:
    """Inspect a folder of images.

    Exits with 1 when a part does not pass or an image cannot be read.
    """
    from ant_ros.cli.photographs import inspect_folder
    from ant_ros.inspection import ImageError
    from ant_ros.inspection import RecipeError
    from ant_ros.inspection.rules import RuleError
    with bad_input(ImageError, RecipeError, RuleError, OSError):
        code = inspect_folder(recipe, folder, json_file, overlays, each=each, rules=rules,
                              mm_per_px=mm_per_px)
    raise typer.Exit(code)


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(
        metavar='DIR', help='Images in the layout of MVTec AD: train/good, test/good, '
        'test/DEFECT, and masks, where there are any, in ground_truth/DEFECT.')],
    shots: Annotated[int | None, typer.Option(
        min=5, help='Teach from so many good images only; from as many as train/good holds if '
        'left out.')] = None,
    splits: Annotated[int, typer.Option(
        min=1, max=100, help="1: the folder's own split, as published figures have it. More: "
        'the good images of train and test are pooled and drawn anew each time; figures are '
        'means.')] = 1,
    seed: Annotated[int, typer.Option(min=0, help='Of the draws.')] = 0,
    backbone: Annotated[Backbone, typer.Option(
        help='The features behind the gate; auto: by what good parts say.')] = Backbone.AUTO,
    json_file: JsonFile = None,
    html_file: Annotated[Path | None, typer.Option(
        '--html', dir_okay=False, help='Write a page of pictures: best, worst and borderline '
        'cases.')] = None,
) -> None:
    """Measure the inspector on a folder of labelled images; on one thread.

    A figure that so few images cannot tell is left open, with the reason.
    """
    from ant_ros.bench import BenchError
    from ant_ros.bench.evaluation import ImageSetError
    from ant_ros.cli.evaluation import evaluate_folder
    from ant_ros.inspection import TeachError
    with bad_input(BenchError, ImageSetError, ImportError, TeachError, OSError):
        evaluate_folder(folder, splits=splits, shots=shots, seed=seed, backbone=backbone.value,
                        json_file=json_file, html_file=html_file)


@app.command()
def bench(
    name: Annotated[str, typer.Argument(
        help='latency, network, training, inspection, learning, photographs, or all.'
    )] = 'all',
    json_file: JsonFile = None,
    data: Annotated[Path | None, typer.Option(
        help='A folder of photographs with train/good and test/…, needed by photographs; for '
        'inspection a folder of such folders.')] = None,
    quick: Annotated[bool, typer.Option(
        '--quick', help='A tenth of the work, for a first look.')] = False,
) -> None:
    """Measure; print a table and write JSON."""
    from ant_ros.bench import BenchError
    from ant_ros.bench import run_bench
    with bad_input(BenchError):
        run_bench(name, json_file=json_file, data=data, quick=quick)
