# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
import shutil

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ant_ros import __version__
from ant_ros.cli.app import app
from ant_ros.cli.app import Backbone
from ant_ros.cli.app import Kind
from ant_ros.cli.user import user
from ant_ros.inspection import Inspector
from ant_ros.inspection.backbone import EFFICIENTNET
from ant_ros.inspection.backbone import SAMPLED
from ant_ros.inspection.recipe_history import RecipeHistory
from ant_ros.inspection.shape_kind import KINDS

SIZE = (160, 120)


def photograph(seed: int, *, scratched: bool = False) -> np.ndarray:
    """Draw a plate with two holes on a dark belt, a little shifted, with sensor noise."""
    random = np.random.default_rng(seed)
    image = np.full((*SIZE[::-1], 3), 40, np.uint8)
    x, y = 30 + random.integers(-3, 4), 25 + random.integers(-3, 4)
    cv2.rectangle(image, (x, y), (x + 100, y + 70), (180, 175, 170), -1)
    cv2.circle(image, (x + 25, y + 35), 9, (60, 60, 60), -1)
    cv2.circle(image, (x + 70, y + 30), 12, (60, 60, 60), -1)
    if scratched:
        cv2.line(image, (x + 35, y + 55), (x + 62, y + 62), (20, 20, 20), 3)
    noisy = image + random.normal(0, 2.5, image.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def write(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope='module')
def taught(tmp_path_factory) -> Path:
    """A folder in the MVTec AD layout and, beside it, a recipe taught from it."""
    root = tmp_path_factory.mktemp('photographs')
    for seed in range(12):
        write(root / 'set/train/good' / f'{seed:02}.png', photograph(seed))
    for seed in range(20, 24):
        write(root / 'set/test/good' / f'{seed}.png', photograph(seed))
        write(root / 'set/test/scratch' / f'{seed}.png', photograph(seed, scratched=True))
    result = run('teach', root / 'set', root / 'recipe')
    assert result.exit_code == 0, result.output
    assert 'taught from 12 images' in result.output
    return root


def test_rules_beside_the_recipe_count(taught, tmp_path):
    shutil.copytree(taught / 'recipe', tmp_path / 'recipe')
    rules = tmp_path / 'recipe.rules.yaml'
    rules.write_text('rules:\n- {name: all, when: {length_px: {at_least: 1}}, then: accept}\n')
    result = run('inspect', tmp_path / 'recipe', taught / 'set/test/scratch')
    assert result.exit_code == 0, result.output
    assert f'rules {rules}' in result.output.replace('\n', '')
    assert "accept by rule 'all'" in result.output

    rules.write_text('nonsense: 1\n')
    result = run('inspect', tmp_path / 'recipe', taught / 'set/test/scratch')
    assert (result.exit_code, 'no such key' in result.output) == (2, True)


def test_good_parts_pass_with_exit_code_0(taught):
    result = run('inspect', taught / 'recipe', taught / 'set/test/good')
    assert result.exit_code == 0, result.output
    assert '4 of 4 images pass' in result.output


def test_a_labelled_folder_gets_a_confusion_table_figures_and_overlays(taught, tmp_path):
    result = run('inspect', taught / 'recipe', taught / 'set/test', '--json', tmp_path / 'f.json',
                 '--overlays', tmp_path / 'overlays')
    assert result.exit_code == 1, result.output
    assert 'confusion' in result.output
    images = json.loads((tmp_path / 'f.json').read_text())['images']
    assert len(images) == 8
    assert {entry['decision'] for entry in images if entry['truth'] == 'good'} == {'pass'}
    assert all(entry['decision'] != 'pass' for entry in images if entry['truth'] == 'scratch')
    for entry in images:
        assert bool(entry['regions']) == (entry['decision'] != 'pass')
        for region in entry['regions']:
            assert region['elongation'] >= 1 and region['area_px'] > 0
            assert region['class'] == 'unknown' and region['stage'] in (0, 1)
            assert region['brightness_shift'] < 0 <= region['colour_shift']
    overlay = cv2.imread(str(tmp_path / 'overlays/scratch/20.png'))
    assert overlay.shape[2] == 3


def test_with_each_every_part_in_an_image_is_judged(tmp_path):
    belt = np.random.default_rng(0).normal(40, 2.5, (*SIZE[::-1], 3)).astype(np.uint8)
    for seed in range(12):
        write(tmp_path / f'good/{seed:02}.png', np.hstack([photograph(seed), belt]))
    for name, scratched in (('both_good', False), ('one_bad', True)):
        write(tmp_path / f'pairs/{name}.png', np.hstack([
            photograph(42), photograph(43, scratched=scratched)]))
    assert run('teach', tmp_path / 'good', tmp_path / 'recipe').exit_code == 0
    result = run('inspect', tmp_path / 'recipe', tmp_path / 'pairs', '--each', '--json',
                 tmp_path / 'f.json', '--overlays', tmp_path / 'overlays')

    assert result.exit_code == 1
    images = {entry['image']: entry for entry in
              json.loads((tmp_path / 'f.json').read_text())['images']}
    assert {name: [part['decision'] for part in entry['parts']]
            for name, entry in images.items()} == {
        'both_good.png': ['pass', 'pass'], 'one_bad.png': ['pass', 'reject']}
    assert images['both_good.png']['decision'] == 'pass'
    assert 'part 2 from the left' in images['one_bad.png']['reason']
    left, _, width, _ = images['one_bad.png']['parts'][1]['box']
    assert left >= SIZE[0] and left + width <= 2 * SIZE[0]
    assert cv2.imread(str(tmp_path / 'overlays/one_bad.png')) is not None
    alone = run('inspect', tmp_path / 'recipe', tmp_path / 'pairs')
    assert 'another part in the image was not looked at' in ' '.join(alone.output.split())


def test_teach_leaves_out_what_differs_and_keeps_what_was_asked_for_and_who(tmp_path):
    for seed in range(7):
        write(tmp_path / f'good/{seed}.png', photograph(seed))
    write(tmp_path / 'good/3.png', photograph(3)[..., 0])
    (tmp_path / 'good/5.png').write_bytes(b'no image at all')

    result = run('teach', tmp_path / 'good', tmp_path / 'recipe', '--kind', 'texture',
                 '--backbone', 'sampled', '--by', 'mia')

    assert result.exit_code == 0, result.output
    said = ' '.join(result.output.split())
    assert '3.png: an image of grey uint8, but most are of RGB uint8' in said
    assert '1 of 7 images could not be read' in said
    assert '1 of 6 images could not be used beside the others' in said
    assert 'taught from 5 images' in said and 'backbone sampled: asked for' in said
    with RecipeHistory(tmp_path / 'recipe') as history:
        assert [version.who for version in history.versions] == ['mia']
        assert history.load().background is None
    again = run('teach', tmp_path / 'good', tmp_path / 'recipe', '--kind', 'texture',
                '--backbone', 'sampled')
    assert 'version 1, with all it had learned, is replaced; ledger rollback' in ' '.join(
        again.output.split())


def test_teach_names_the_images_in_which_there_is_nothing(tmp_path):
    for seed in range(7):
        write(tmp_path / 'good' / f'{seed}.png', photograph(seed))
    write(tmp_path / 'good' / 'cap.png', np.zeros((*SIZE[::-1], 3), np.uint8))
    write(tmp_path / 'good' / 'glare.png', np.full((*SIZE[::-1], 3), 255, np.uint8))

    result = run('teach', tmp_path / 'good', tmp_path / 'recipe', '--backbone', 'sampled')

    assert result.exit_code == 0, result.output
    said = ' '.join(result.output.split())
    assert 'cap.png: the image is all black' in said
    assert 'glare.png: the image is all white' in said
    assert 'taught from 7 images' in said


def test_who_teaches_is_the_user_if_not_said(taught):
    with RecipeHistory(taught / 'recipe') as history:
        assert history.versions[0].who == (user() or 'ant_ros teach')


def test_what_may_be_asked_for_is_what_teaching_knows():
    assert tuple(kind.value for kind in Kind) == KINDS
    assert [one.value for one in Backbone] == ['auto', SAMPLED, EFFICIENTNET]


def test_parts_of_free_shape_are_not_taught_with_sampled_features(taught, tmp_path):
    result = run('teach', taught / 'set', tmp_path / 'recipe', '--kind', 'free shape',
                 '--backbone', 'sampled')
    assert result.exit_code == 2
    assert 'free shape are not judged by sampled features' in ' '.join(result.output.split())


def test_a_recipe_with_a_brought_module_is_for_the_python_api(tmp_path):
    import torch
    brought = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, 4, 1), torch.nn.ReLU()).eval()
    Inspector.teach([photograph(seed) for seed in range(5)], backbone=brought).save(
        tmp_path / 'recipe')
    write(tmp_path / 'images/a.png', photograph(9))
    result = run('inspect', tmp_path / 'recipe', tmp_path / 'images')
    assert result.exit_code == 2
    said = ' '.join(result.output.split())
    assert 'brought module' in said and 'in Python' in said and 'network=' in said


def test_rules_decide_what_is_done_with_a_part(taught, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text('rules:\n- {name: short, when: {length_mm: {below: 30}}, then: accept}\n')
    where = taught / 'recipe', taught / 'set/test/scratch'
    assert '0 of 4 images pass' in run('inspect', *where).output
    told = run('inspect', *where, '--rules', rules, '--mm-per-px', 0.1)
    assert told.exit_code == 0, told.output
    assert '4 of 4 images pass' in told.output
    assert '0 of 4 images pass' in run('inspect', *where, '--rules', rules).output
    rules.write_text('rules: 5')
    assert run('inspect', *where, '--rules', rules).exit_code == 2


def test_a_disposition_is_reported_and_a_class_that_is_not_known_is_told(taught, tmp_path):
    rules = tmp_path / 'rules.yaml'
    rules.write_text('rules:\n- {name: named, when: {class: scrach}, then: scrap}\n'
                     '- {name: any, when: {length_px: {at_least: 1}}, then: rework}\n')
    told = run('inspect', taught / 'recipe', taught / 'set/test/scratch', '--rules', rules,
               '--json', tmp_path / 'f.json')
    assert "careful: class 'scrach' (rule 'named') is not known" in ' '.join(told.output.split())
    images = json.loads((tmp_path / 'f.json').read_text())['images']
    assert [entry['disposition'] for entry in images] == ['rework'] * 4


def test_an_unreadable_file_is_listed_and_not_fatal(taught, tmp_path):
    write(tmp_path / 'a.png', photograph(30))
    (tmp_path / 'b.png').write_bytes(b'no image at all')
    result = run('inspect', taught / 'recipe', tmp_path)
    assert result.exit_code == 1
    assert 'uninspected' in result.output
    assert 'b.png' in result.output
    assert '1 of 2 images pass' in result.output


@pytest.mark.parametrize(('arguments', 'said'), [
    (('teach', 'EMPTY', 'RECIPE'), 'no images'),
    (('teach', 'MISSING', 'RECIPE'), 'MISSING'),
    (('inspect', 'MISSING', 'EMPTY'), 'MISSING'),
])
def test_bad_input_exits_with_2_and_says_what_is_wrong(tmp_path, arguments, said):
    (tmp_path / 'EMPTY').mkdir()
    result = run(*(tmp_path / word if word.isupper() else word for word in arguments))
    assert result.exit_code == 2
    assert said in result.output


def test_a_damaged_recipe_is_refused(taught, tmp_path):
    result = run('teach', taught / 'set', tmp_path / 'recipe')
    assert result.exit_code == 0
    weights = tmp_path / 'recipe/weights.safetensors'
    damaged = bytearray(weights.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    weights.write_bytes(bytes(damaged))
    result = run('inspect', tmp_path / 'recipe', taught / 'set/test/good')
    assert result.exit_code == 2
    assert 'error' in result.output


def test_too_few_good_images_are_refused(taught, tmp_path):
    write(tmp_path / 'few/a.png', photograph(0))
    result = run('teach', tmp_path / 'few', tmp_path / 'recipe')
    assert result.exit_code == 2
    assert not (tmp_path / 'recipe').exists()


def test_the_version_is_printed():
    assert run('--version').output.strip() == __version__


def test_an_unknown_benchmark_is_refused_by_name():
    result = run('bench', 'speed')
    assert result.exit_code == 2
    assert 'latency' in result.output
