# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of known parts are kept under a limit, and none is mistaken for another."""

import numpy as np
import pytest

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


def test_what_the_disk_refuses_is_not_there(pictures, tmp_path):
    (tmp_path / 'pictures').rmdir()
    (tmp_path / 'pictures').write_text('a file')
    one = picture(1)
    pictures.keep(one)
    assert pictures.find(one.name) is None


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
