# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of known parts are kept under a limit, and none is mistaken for another."""

import pathlib
import threading

import cv2
import numpy as np
import pytest

from ant_ros.inspection.online import pictures as module
from ant_ros.inspection.online.pictures import Picture
from ant_ros.inspection.online.pictures import Pictures


def picture(seed: int, shape=(40, 50, 3), dtype=np.uint8, *, each: bool = False) -> Picture:
    values = np.random.default_rng(seed).uniform(0, 255, shape)
    return Picture(values.astype(dtype), each)


class Needed(set):
    """Names that are needed, as known parts say."""

    def __call__(self) -> set[str]:
        return self


@pytest.fixture
def needed():
    return Needed()


@pytest.fixture
def pictures(needed, tmp_path):
    made = Pictures(needed)
    made.write_to(tmp_path / 'pictures')
    yield made
    made.close()


@pytest.mark.parametrize('one', [
    picture(1), picture(2, each=True), picture(3, (40, 50)), picture(4, dtype=np.uint16),
    picture(5, (40, 50), np.uint16), picture(6, dtype=np.float32),
    picture(7, (40, 50), np.float32)])
def test_a_picture_comes_back_as_it_was(pictures, needed, one, tmp_path):
    pictures.keep(one)
    other = Pictures(needed)
    pictures.find(one.name)  # it is written by now
    other.read_from(tmp_path / 'pictures')

    for found in (pictures.find(one.name), other.find(one.name)):
        assert found.image.dtype == one.image.dtype and found.each == one.each
        assert np.array_equal(found.image, one.image)


def test_a_picture_that_is_lost_or_damaged_is_not_there(pictures, tmp_path):
    one, other = picture(1), picture(2)
    pictures.keep(one)
    pictures.keep(other)
    assert pictures.find(one.name) is not None
    file = tmp_path / 'pictures' / one.name
    file.write_bytes((tmp_path / 'pictures' / other.name).read_bytes())

    assert pictures.find(one.name) is None
    file.write_bytes(b'noise')
    assert pictures.find(one.name) is None
    file.unlink()
    assert pictures.find(one.name) is None
    assert pictures.find('') is None and pictures.find('nothing') is None


def test_the_oldest_that_nobody_needs_goes_first(needed, tmp_path):
    kept = [picture(seed) for seed in range(5)]
    pictures = Pictures(needed, most_bytes=3 * 7000)  # noise takes all of its 6,000 bytes
    pictures.write_to(tmp_path)
    needed.add(kept[0].name)
    for one in kept:
        pictures.keep(one)
        pictures.find(one.name)

    there = [number for number, one in enumerate(kept) if pictures.find(one.name)]
    assert there == [0, 3, 4]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3 * 7000


def test_what_is_needed_does_not_give_way(needed, tmp_path):
    kept = [picture(seed) for seed in range(4)]
    pictures = Pictures(needed, most_bytes=2 * 7000)
    pictures.write_to(tmp_path)
    for one in kept:
        needed.add(one.name)
        pictures.keep(one)

    assert [pictures.find(one.name) is not None for one in kept] == [True, True, False, False]


def test_before_there_is_a_folder_pictures_are_held_in_memory(needed, tmp_path):
    pictures, kept = Pictures(needed, most_bytes=2 * 7000), [picture(seed) for seed in range(4)]
    for one in kept:
        pictures.keep(one)
    assert [pictures.find(one.name) is not None for one in kept] == [False, False, True, True]

    pictures.write_to(tmp_path / 'first')
    assert (tmp_path / 'first' / kept[3].name).is_file()
    assert pictures.find(kept[3].name) is not None


def test_at_another_place_there_are_those_that_are_needed(pictures, needed, tmp_path):
    one, other = picture(1), picture(2)
    pictures.keep(one)
    pictures.keep(other)
    needed.add(one.name)

    pictures.write_to(tmp_path / 'elsewhere')

    assert [file.name for file in (tmp_path / 'elsewhere').iterdir()] == [one.name]


def test_what_a_killed_process_left_is_removed(needed, tmp_path):
    (tmp_path / '.new-half').write_bytes(b'half')
    Pictures(needed).write_to(tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_where_it_is_only_read(needed, tmp_path):
    pictures, one = Pictures(needed), picture(1)
    pictures.read_from(tmp_path / 'missing')
    pictures.keep(one)
    assert pictures.find(one.name) is not None
    assert not (tmp_path / 'missing').exists()


def test_of_the_latest_parts_as_many_are_remembered_as_fit(needed):
    pictures = Pictures(needed, most_latest_bytes=2 * 6000)
    for seed in range(4):
        pictures.see(f'p{seed}', picture(seed))
    assert [pictures.latest(f'p{seed}') is not None for seed in range(4)] == [
        False, False, True, True]
    pictures.see('p3', None)  # seen again, but its image was let go
    assert pictures.latest('p3') is None

    pictures.see('large', picture(9, (400, 500, 3)))
    assert pictures.latest('large') is not None and pictures.latest('p2') is None


def test_what_is_remembered_does_not_change_with_the_image(needed):
    pictures, one = Pictures(needed), picture(1)
    name = one.name
    pictures.see('p', one)
    one.image[:] = 0
    assert pictures.latest('p').name == name


def test_what_the_disk_refuses_is_told_held_and_written_later(pictures, tmp_path):
    folder, one, other = tmp_path / 'pictures', picture(1), picture(2)
    folder.rmdir()
    folder.write_text('a file')
    pictures.keep(one)
    assert np.array_equal(pictures.find(one.name).image, one.image)
    assert 'not on the disk' in pictures.fault and 'free space' in pictures.fault

    folder.unlink()
    folder.mkdir()
    pictures.keep(other)
    pictures.close()
    assert {file.name for file in folder.iterdir()} == {one.name, other.name}
    assert pictures.fault == ''


def test_what_is_held_of_the_refused_is_bounded(needed, tmp_path):
    folder = tmp_path / 'pictures'
    pictures = Pictures(needed, most_latest_bytes=2 * 7000)
    pictures.write_to(folder)
    folder.rmdir()
    folder.write_text('a file')
    kept = [picture(seed) for seed in range(4)]
    for one in kept:
        pictures.keep(one)
    assert sum(pictures.find(one.name) is not None for one in kept) == 2


@pytest.mark.parametrize('error', [cv2.error('broken'), MemoryError()])
def test_an_error_of_the_writer_does_not_stay(pictures, monkeypatch, error):
    def broken(image):
        raise error
    with monkeypatch.context() as patch:
        patch.setattr(module, 'encode_image', broken)
        pictures.keep(picture(1))
        assert pictures.find(picture(1).name) is None
    assert pictures.fault

    pictures.keep(picture(2))
    assert pictures.find(picture(2).name) is not None
    assert pictures.fault == ''


def test_keeping_a_picture_never_raises(needed, monkeypatch):
    def broken(image):
        raise MemoryError
    pictures = Pictures(needed)
    monkeypatch.setattr(module, 'encode_image', broken)
    pictures.keep(picture(1))
    assert 'MemoryError' in pictures.fault


def test_a_picture_that_cannot_be_copied_leaves_the_folder_as_it_was(
        pictures, needed, tmp_path, monkeypatch):
    one, put = picture(1), module._put
    pictures.keep(one)
    pictures.find(one.name)
    needed.add(one.name)

    def full(folder, name, content):
        if folder.name == 'elsewhere':
            raise OSError('no space left')
        return put(folder, name, content)
    monkeypatch.setattr(module, '_put', full)
    with pytest.raises(OSError, match='no space left'):
        pictures.write_to(tmp_path / 'elsewhere')
    assert pictures.find(one.name) is not None


def test_the_memory_of_a_kept_picture_may_be_used_again(pictures):
    one = picture(1)
    name, pixels = one.name, one.image.copy()
    gate = threading.Event()
    pictures.keep(picture(0))
    pictures._writer.submit(gate.wait)
    pictures.keep(one)
    one.image[:] = 0
    gate.set()
    assert np.array_equal(pictures.find(name).image, pixels)


def test_a_picture_that_goes_meanwhile_does_not_hinder_the_others(
        pictures, needed, tmp_path, monkeypatch):
    for seed in range(2):
        pictures.keep(picture(seed))
        pictures.find(picture(seed).name)
    other, stat = Pictures(needed), pathlib.Path.stat

    def gone(path, **more):
        told = stat(path, **more)
        if path.name == picture(0).name:
            path.unlink(missing_ok=True)  # after it was found
        return told
    monkeypatch.setattr(pathlib.Path, 'stat', gone)
    other.read_from(tmp_path / 'pictures')
    assert other.find(picture(1).name) is not None


def test_a_folder_that_cannot_be_read_holds_no_pictures(pictures, needed, tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(path)
    pictures.keep(picture(1))
    pictures.find(picture(1).name)
    monkeypatch.setattr(pathlib.Path, 'iterdir', refuse)
    Pictures(needed).read_from(tmp_path / 'pictures')
