# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0

import cv2
import numpy as np
import pytest

from ant_ros.cli.good_images import images_alike
from ant_ros.cli.good_images import readable_images
from ant_ros.cli.good_images import where_good_are
from ant_ros.inspection import ImageError


def write_images(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        cv2.imwrite(str(folder / f'{number}.png'), np.full((40, 40), number, np.uint8))


def test_good_parts_are_in_train_good_where_there_is_one(tmp_path):
    assert where_good_are(tmp_path) == tmp_path
    (tmp_path / 'train' / 'good').mkdir(parents=True)
    assert where_good_are(tmp_path) == tmp_path / 'train' / 'good'


def test_images_come_one_by_one_and_unreadable_ones_are_named(tmp_path, capsys):
    write_images(tmp_path, 3)
    (tmp_path / '1.png').write_bytes(b'no image')
    found = [(path.name, int(image[0, 0])) for path, image in readable_images(tmp_path)]
    assert found == [('0.png', 0), ('2.png', 2)]
    assert 'left out:' in (said := capsys.readouterr().err) and '1.png' in said
    assert '1 of 3 images could not be read' in said


def test_images_of_another_form_than_most_are_named_counted_and_left_out(tmp_path, capsys):
    write_images(tmp_path, 5)
    cv2.imwrite(str(tmp_path / '0.png'), np.zeros((40, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / '3.png'), np.zeros((8, 8), np.uint8))

    assert [(path.name, int(image[0, 0])) for path, image in images_alike(tmp_path)] == [
        ('1.png', 1), ('2.png', 2), ('4.png', 4)]

    said = capsys.readouterr().err
    assert '0.png: an image of RGB uint8, but most are of grey uint8' in said
    assert '3.png: an image of 8 x 8 px is too small' in said
    assert '2 of 5 images could not be used beside the others' in said


def test_no_more_images_than_wanted_are_read(tmp_path):
    write_images(tmp_path, 3)
    assert [path.name for path, _ in readable_images(tmp_path, 2)] == ['0.png', '1.png']


def test_a_folder_without_a_readable_image_is_an_error(tmp_path):
    (tmp_path / 'a.png').write_bytes(b'no image')
    with pytest.raises(ImageError, match='give a folder with images of good parts'):
        list(readable_images(tmp_path))


def test_files_that_are_no_images_are_named_and_counted(tmp_path, capsys):
    write_images(tmp_path, 2)
    (tmp_path / 'a.gif').write_bytes(b'GIF89a')
    (tmp_path / 'more').mkdir()
    (tmp_path / 'more' / 'b.txt').write_text('notes')
    (tmp_path / '.hidden').write_text('')

    assert len(list(readable_images(tmp_path))) == 2
    assert '2 files are no images that can be read here: a.gif, more/b.txt\n' in (
        capsys.readouterr().err)


def test_of_many_other_files_a_few_are_named(tmp_path, capsys):
    write_images(tmp_path, 1)
    for number in range(7):
        (tmp_path / f'{number}.gif').write_bytes(b'GIF89a')
    list(readable_images(tmp_path))
    assert 'here: 0.gif, 1.gif, 2.gif, 3.gif, 4.gif and 2 more\n' in capsys.readouterr().err
