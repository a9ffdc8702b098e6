# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Images kept under a limit, whole or not at all, and the ledger knows of each."""

import hashlib
import os

import cv2
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from ant_ros.inspection import read_image
from ant_ros.inspection.ledger import Archive
from ant_ros.inspection.ledger import ArchiveError
from ant_ros.inspection.ledger import image_digest
from ant_ros.inspection.ledger import LedgerError
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.ledger.archive import is_sampled
from ant_ros.inspection.verdict import Decision


def noise(seed: int, shape=(30, 40, 3), dtype=np.uint8) -> np.ndarray:
    values = np.random.default_rng(seed).integers(0, 256, shape)
    return (values * (257 if dtype == np.uint16 else 1)).astype(dtype)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / 'images'


@pytest.fixture
def archive(folder, ledger):
    """Room for about three images."""
    return Archive(folder, ledger, max_bytes=12_500)


@pytest.fixture
def rejected(make_record):
    return make_record('4711', Decision.REJECT)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def known(ledger) -> list[str]:
    with LedgerReader(ledger.path) as reader:
        return list(reader.files())


@pytest.mark.parametrize(('shape', 'dtype'), [
    ((30, 40, 3), np.uint8), ((30, 40), np.uint8), ((30, 40), np.uint16), ((30, 40), np.float32)])
def test_an_image_is_kept_to_the_last_bit(folder, ledger, rejected, shape, dtype):
    image = noise(1, shape, dtype)
    name = Archive(folder, ledger).store(rejected, image)

    stored = read_image(folder / name)
    np.testing.assert_array_equal(stored, image)
    with LedgerReader(ledger.path) as reader:
        noted, = reader.images('4711')
    assert noted.image_hash == image_digest(image) == image_digest(stored)
    assert noted.file_hash == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    assert noted.size == (folder / name).stat().st_size


def test_lossy_is_smaller(folder, ledger, rejected):
    smooth = cv2.GaussianBlur(noise(1, (120, 160, 3)), (9, 9), 3)
    plain = Archive(folder, ledger).store(rejected, smooth)
    lossy = Archive(folder, ledger, lossy=True).store(rejected, smooth)

    assert lossy.endswith('.jpg')
    assert (folder / lossy).stat().st_size < (folder / plain).stat().st_size / 3


def test_the_oldest_give_way_and_the_ledger_knows(folder, ledger, archive, rejected):
    stored = [archive.store(rejected, noise(seed)) for seed in range(6)]

    assert names(folder) == stored[-3:] == known(ledger)
    assert archive.size_bytes == sum(path.stat().st_size for path in folder.iterdir()) <= 12_500
    with LedgerReader(ledger.path) as reader:
        removed = [image.removed_why for image in reader.images('4711')]
    assert removed == ['the archive holds at most 12500 bytes'] * 3 + [''] * 3


def test_it_goes_on_where_it_was(folder, ledger, archive, rejected):
    for seed in range(5):
        archive.store(rejected, noise(seed))
    again = Archive(folder, ledger, max_bytes=12_500)

    assert again.size_bytes == archive.size_bytes
    assert again.store(rejected, noise(9)).startswith('000000000006-')
    for path in folder.iterdir():
        path.unlink()
    assert Archive(folder, ledger).store(rejected, noise(9)).startswith('000000000007-')


def test_a_smaller_limit_holds_at_once(folder, ledger, archive, rejected):
    stored = [archive.store(rejected, noise(seed)) for seed in range(3)]
    Archive(folder, ledger, max_bytes=5000)

    assert names(folder) == stored[-1:] == known(ledger)


def test_what_somebody_removed_is_noted(folder, ledger, archive, rejected):
    name = archive.store(rejected, noise(1))
    (folder / name).unlink()
    Archive(folder, ledger)

    assert known(ledger) == []


@pytest.mark.parametrize('noted', [True, False])
def test_what_a_killed_process_left_is_finished_or_removed(folder, ledger, archive, rejected,
                                                           noted):
    name = archive.store(rejected, noise(1))
    if not noted:
        name_new = name.replace('000000000001', '000000000002')
        (folder / f'.new-{name_new}').write_bytes(b'half')
    else:
        (folder / name).rename(folder / f'.new-{name}')
    Archive(folder, ledger)

    assert names(folder) == [name] == known(ledger)


def test_files_of_somebody_else_are_left_alone(folder, ledger, rejected):
    folder.mkdir()
    (folder / 'holiday.jpg').write_bytes(b'1' * 20_000)
    archive = Archive(folder, ledger, max_bytes=5000)
    archive.store(rejected, noise(1))
    archive.store(rejected, noise(2))

    assert 'holiday.jpg' in names(folder)
    assert len(names(folder)) == 2


def test_a_full_disk_leaves_nothing_half_done(folder, ledger, archive, rejected, monkeypatch):
    def fail(handle):
        raise OSError(28, 'No space left on device')
    with monkeypatch.context() as patch:
        patch.setattr(os, 'fsync', fail)
        with pytest.raises(ArchiveError, match=r'No space left.*free space'):
            archive.store(rejected, noise(1))

    assert names(folder) == known(ledger) == []
    assert archive.store(rejected, noise(1)).startswith('000000000001-')


def test_when_the_ledger_refuses_no_image_is_kept_unknown(folder, ledger, archive, rejected):
    ledger.close()
    with pytest.raises(LedgerError):
        archive.store(rejected, noise(1))

    assert names(folder) == []


def test_an_image_beyond_the_limit_and_no_image_at_all(folder, ledger, archive, rejected):
    with pytest.raises(ArchiveError, match='raise its limit'):
        archive.store(rejected, noise(1, (100, 100, 3)))
    with pytest.raises(ArchiveError, match=r'cannot be archived.*expected \[H, W\]'):
        archive.store(rejected, np.zeros((4, 4, 9), np.uint8))
    assert names(folder) == []


def test_a_part_may_be_called_anything(archive, folder, make_record):
    name = archive.store(make_record('../../etc/passwd\n' + 'x' * 300, Decision.REJECT), noise(1))

    assert (folder / name).is_file()
    assert '/' not in name


def test_a_place_that_is_no_folder(ledger, tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(ArchiveError, match='may be written'):
        Archive(tmp_path / 'file', ledger)


@pytest.mark.parametrize(('decision', 'share', 'kept'), [
    (Decision.REJECT, 0.0, True), (Decision.REVIEW, 0.0, True), (Decision.PASS, 0.0, False),
    (Decision.PASS, 1.0, True), (Decision.UNINSPECTED, 1.0, False)])
def test_which_images_are_kept(folder, ledger, make_record, decision, share, kept):
    assert Archive(folder, ledger, pass_share=share).wants(make_record('1', decision)) is kept


def test_a_share_that_is_none(folder, ledger):
    with pytest.raises(ValueError, match='expected 0 to 1'):
        Archive(folder, ledger, pass_share=2)


def test_the_sample_is_of_its_size():
    assert 60 < sum(is_sampled(f'part-{number:06}', 0.1) for number in range(1000)) < 140


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_part_of_a_sample_is_part_of_every_larger_one(part, one, other):
    small, large = sorted((one, other))
    assert is_sampled(part, large) or not is_sampled(part, small)
    assert is_sampled(part, 1.0)
    assert not is_sampled(part, 0.0)
