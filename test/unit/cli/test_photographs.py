# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ant_ros import __version__
from ant_ros.cli.app import app

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
