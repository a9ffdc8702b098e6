# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Teach and inspect folders of images."""

from collections import Counter
from dataclasses import asdict
from dataclasses import dataclass
import json
from pathlib import Path
import time

import cv2
from rich.console import Console
from rich.markup import escape

from ant_ros.bench.confusion import confusion_table
from ant_ros.bench.confusion import GOOD
from ant_ros.bench.output_file import check_output
from ant_ros.cli.exit_codes import ExitCode
from ant_ros.cli.good_images import images_alike
from ant_ros.cli.good_images import leave_out
from ant_ros.cli.good_images import say_others
from ant_ros.cli.good_images import where_good_are
from ant_ros.inspection import Decision
from ant_ros.inspection import draw_overlay
from ant_ros.inspection import ImageError
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image
from ant_ros.inspection.online import OnlineInspector
from ant_ros.inspection.online import OnlineVerdict
from ant_ros.inspection.recipe_history import versions_of
from ant_ros.inspection.rules import rules_path

__all__ = ['inspect_folder', 'teach_folder']


@dataclass(frozen=True)
class Inspected:
    """One image, what its folder says of it, and what the inspector says; None: not readable."""

    path: Path
    truth: str | None
    verdict: OnlineVerdict | None
    fault: str = ''


def teach_folder(
    folder: Path, recipe: Path, *, limit: int | None, target_frr: float, kind: str, backbone: str,
    by: str,
) -> None:
    """Teach from the good images of a folder and write the recipe.

    Args:
        folder: Where the images are.
        recipe: Folder to write.
        limit: Images to use at most.
        target_frr: Share of good parts that may be stopped.
        kind: As in `OnlineInspector.teach`.
        backbone: As in `OnlineInspector.teach`.
        by: Who teaches.

    Raises:
        ImageError: the folder holds no image that can be read.
        TeachError: the images do not suffice.
        RecipeError: the recipe cannot be written.
    """
    console = Console()
    source = where_good_are(folder)
    files, images = zip(*images_alike(source, limit))
    started = time.perf_counter()
    inspector = OnlineInspector.teach(
        images, name=recipe.name, kind=kind, backbone=backbone, target_frr=target_frr)
    seconds = time.perf_counter() - started
    left_out = inspector.recipe.left_out
    for number, why in left_out:
        leave_out(files[number], why)
    count = len(images) - len(left_out)
    before = _in_place(recipe)
    inspector.save(recipe, who=by or 'ant_ros teach', why=f'taught from {count} images')
    console.print(f'taught from {count} images of {source} in {seconds:.1f} s; '
                  f'recipe {inspector.name}, version {inspector.version}, written to {recipe}')
    known = inspector.recipe
    console.print(f'backbone {known.backbone}: {known.backbone_note}\n{known.guarantee}\n'
                  f'{known.enough.text}{before}', highlight=False, markup=False)
    if inspector.why_not:
        console.print(f'[yellow]labels will be refused:[/] {escape(inspector.why_not)}',
                      highlight=False)


def _in_place(recipe: Path) -> str:
    """Return what to say of the recipe that is there already, and of what it has learned."""
    versions = versions_of(recipe)
    if not versions:
        return ''
    number = versions[-1].number
    return (f'\nversion {number}, with all it had learned, is replaced; ledger rollback {recipe} '
            f'{number} brings it back')


def inspect_folder(
    recipe: Path, folder: Path, json_file: Path | None, overlays: Path | None, *,
    each: bool = False, rules: Path | None = None, mm_per_px: float | None = None,
) -> ExitCode:
    """Inspect every image below a folder and print the verdicts.

    Args:
        recipe: Folder of the recipe.
        folder: Where the images are.
        json_file: Where the verdicts are written, too.
        overlays: Folder for a picture of every verdict.
        each: Judge every part in an image; the worst decides.
        rules: YAML file of rules that decide on regions; those beside the recipe, if there are
            any, if left out.
        mm_per_px: Millimetres per pixel of the images, if known.

    Raises:
        RuleError: the rules cannot be used.
        RecipeError: the recipe is damaged or of another kind.
        ImageError: the folder holds no image.
        OSError: the file cannot be written; told before anything is inspected.
    """
    check_output(json_file)
    console = Console()
    inspector = OnlineInspector.load(recipe)
    if rules is None and rules_path(recipe).exists():
        rules = rules_path(recipe)
    if rules is not None:
        inspector.set_rules(rules, mm_per_px=mm_per_px)
        _print_rules(console, rules, inspector.rules_doubt)
    if note := inspector.recipe.layout_note:
        console.print(f'[yellow]{note}[/]', highlight=False)
    paths = list_images(folder)
    if not paths:
        raise ImageError(f'no images in {folder}: give a folder with images')
    say_others(folder, paths)
    labelled = any(GOOD in path.relative_to(folder).parts[:-1] for path in paths)
    results = []
    for path in paths:
        if 'ground_truth' in path.relative_to(folder).parts:
            continue
        result = _inspect_file(
            inspector, path, path.parent.name if labelled else None, each=each)
        results.append(result)
        _print_result(console, folder, result)
        if overlays and result.verdict:
            _write_overlay(overlays, folder, result)
    if labelled:
        console.print(confusion_table(Counter(
            (result.truth, _decision(result)) for result in results)))
    if json_file:
        json_file.write_text(json.dumps(_report(inspector, folder, results), indent=2) + '\n')
    passed = sum(_decision(result) == Decision.PASS.value for result in results)
    console.print(f'{passed} of {len(results)} images pass')
    return ExitCode.OK if passed == len(results) else ExitCode.FOUND


def _print_rules(console: Console, rules: Path, doubt: str) -> None:
    console.print(f'rules {rules}', highlight=False, markup=False)
    if doubt:
        console.print(f'careful: {doubt}', style='yellow', highlight=False, markup=False)


def _inspect_file(
    inspector: OnlineInspector, path: Path, truth: str | None, *, each: bool,
) -> Inspected:
    try:
        return Inspected(path, truth, inspector.inspect(read_image(path), each=each))
    except ImageError as error:
        return Inspected(path, truth, None, str(error))


def _decision(result: Inspected) -> str:
    return (result.verdict.decision if result.verdict else Decision.UNINSPECTED).value


def _print_result(console: Console, folder: Path, result: Inspected) -> None:
    colour = {'pass': 'green', 'review': 'yellow', 'reject': 'red', 'uninspected': 'magenta'}
    decision = _decision(result)
    score = f'{result.verdict.score:6.2f}' if result.verdict else '     -'
    reason = result.verdict.reason if result.verdict else result.fault
    said = escape(f'{result.path.relative_to(folder)}  {reason}')
    console.print(f'[{colour[decision]}]{decision:11}[/] {score}  {said}', highlight=False)


def _write_overlay(overlays: Path, folder: Path, result: Inspected) -> None:
    assert result.verdict is not None
    target = (overlays / result.path.relative_to(folder)).with_suffix('.png')
    target.parent.mkdir(parents=True, exist_ok=True)
    picture = draw_overlay(read_image(result.path), result.verdict)
    cv2.imwrite(str(target), picture[..., ::-1])


def _report(inspector: OnlineInspector, folder: Path, results: list[Inspected]) -> dict:
    images = []
    for result in results:
        entry: dict = {'image': str(result.path.relative_to(folder)), 'truth': result.truth,
                       'decision': _decision(result)}
        if result.verdict:
            entry |= {'score': result.verdict.score, 'reason': result.verdict.reason,
                      'seconds': result.verdict.work.seconds,
                      'disposition': result.verdict.disposition,
                      'regions': [asdict(region) | {'class': name} for region, name in zip(
                          result.verdict.regions, result.verdict.classes)],
                      'parts': [{'box': part.box, 'decision': part.decision.value}
                                for part in result.verdict.parts]}
        else:
            entry['fault'] = result.fault
        images.append(entry)
    return {'recipe': inspector.name, 'recipe_version': inspector.version, 'images': images}
