# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector node writes down and which images it keeps."""

from collections.abc import Callable
import errno
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
import pytest
from sensor_msgs.msg import Image

from ant_ros.inspection import read_image
from ant_ros.inspection.ledger import archive
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.image_conversion import fill_image

GOOD, BAD = 10, 200


class BookLine:
    """An inspector line whose parts are shown one after the other."""

    def __init__(self, line: Any):
        self.line = line.start()
        self._shown = 0

    def show(self, part: str, grey: int) -> Any:
        """Show a part of one grey and return the verdict on it."""
        self._shown += 1
        self.line.trigger(part, float(self._shown))
        self.line.show(float(self._shown), grey)
        return self.line.wait_for_verdicts(self._shown)[-1]

    def health(self) -> dict[str, str]:
        """Return the values of the learning's diagnostics."""
        health = self.line.health('learning')
        return {} if health is None else health[2]

    def wait_for(self, **values: int) -> None:
        """Wait for figures in the diagnostics."""
        wanted = {name: str(value) for name, value in values.items()}
        self.line.ros.wait_for(lambda: wanted.items() <= self.health().items(),
                               what=str(wanted))


@pytest.fixture
def book_line(inspector_line: Any, fake_recipe: Path) -> Callable[..., BookLine]:
    def make(**parameters: Any) -> BookLine:
        return BookLine(inspector_line(**{'recipe': str(fake_recipe), **parameters}))
    return make


def images(folder: Path) -> list[str]:
    """Return the part and the decision of each image in a folder, the oldest first."""
    return [path.stem.partition('-')[2] for path in sorted(folder.iterdir())]


def test_images_of_rejects_are_kept_beside_the_ledger(book_line, fake_recipe) -> None:
    line = book_line(archive_passes=0.0)
    line.show('bad', BAD)
    line.show('good', GOOD)
    line.wait_for(images_archived=1)
    line.line.ros.call_in_executor(line.line.node.close)

    folder = fake_recipe.with_name('plate.images')
    assert images(folder) == ['bad-reject']
    assert (read_image(next(folder.iterdir())) == BAD).all()
    with LedgerReader(fake_recipe.with_name('plate.ledger')) as reader:
        assert list(reader.files()) == [path.name for path in folder.iterdir()]
        assert [entry.record.decision for entry in reader.verdicts()] == [
            Decision.REJECT, Decision.PASS]


def test_a_share_of_the_passes_is_kept_where_it_is_wanted(book_line, tmp_path) -> None:
    line = book_line(archive=str(tmp_path / 'kept'), archive_passes=1.0)
    line.show('good', GOOD)
    line.wait_for(images_archived=1)

    assert images(tmp_path / 'kept') == ['good-pass']


def test_the_oldest_images_give_way(book_line, tmp_path, monkeypatch) -> None:
    folder = tmp_path / 'kept'
    line = book_line(archive=str(folder), archive_mb=1)
    noise = np.random.default_rng(0).integers(128, 250, (400, 500, 3), 'uint8')
    for number in range(1, 5):  # about half a megabyte each
        line.line.trigger(f'{number}', float(number))
        message = fill_image(Image(), noise, 'rgb8')
        message.header.stamp.sec = number
        line.line.publish(message)
        assert line.line.wait_for_verdicts(number)[-1].decision is Decision.REJECT
    line.wait_for(images_archived=4)

    assert images(folder)[-1] == '4-reject' and len(images(folder)) < 4
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 1_000_000


def test_none_are_kept_where_none_are_wanted(book_line, fake_recipe) -> None:
    line = book_line(archive_mb=0)
    line.show('bad', BAD)
    line.wait_for(images_archived=0, ledger_waiting=0)

    assert not fake_recipe.with_name('plate.images').exists()


def test_a_full_disk_is_told_and_verdicts_go_on(book_line, tmp_path, monkeypatch) -> None:
    line = book_line(archive=str(tmp_path / 'kept'))

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, 'No space left on device')
    with monkeypatch.context() as patch:
        patch.setattr(archive, 'write_synced', full)
        assert line.show('a', BAD).decision is Decision.REJECT
        line.line.wait_for_health('learning', DiagnosticStatus.WARN, 'free space there')
        line.wait_for(images_not_archived=1)
    assert line.show('b', BAD).decision is Decision.REJECT
    line.wait_for(images_archived=1)

    assert images(tmp_path / 'kept') == ['b-reject']
    assert 'free space' not in line.line.health('learning')[1]


def test_a_folder_that_cannot_be_used_is_told_and_verdicts_are_written_down(
        book_line, fake_recipe, tmp_path) -> None:
    (tmp_path / 'kept').write_text('this is no folder')
    line = book_line(archive=str(tmp_path / 'kept'))

    line.line.wait_for_health('learning', DiagnosticStatus.WARN, 'no images are kept')
    assert line.show('a', BAD).decision is Decision.REJECT
    line.line.ros.call_in_executor(line.line.node.close)
    with LedgerReader(fake_recipe.with_name('plate.ledger')) as reader:
        assert [entry.record.part for entry in reader.verdicts()] == ['a']
