# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where the inspector node writes down what it says, and keeps images of it."""

from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
import threading
from typing import Any

from ant_ros.nodes.judging import Judged
from ant_ros.nodes.part_verdict import PartVerdict

__all__ = ['Books', 'Keeping']

_EARLY = 'early'
_MOST_EARLY = 1000
_MOST_EARLY_IMAGES = 32


@dataclass(frozen=True)
class Keeping:
    """What is to be kept, and where.

    Attributes:
        ledger: File of the ledger; empty: beside the recipe.
        archive: Folder of the images; empty: beside the ledger.
        archive_mb: Size of all images together in MB; 0: none are kept.
        archive_passes: Share of the passed parts whose images are kept, 0 to 1.
    """

    ledger: str = ''
    archive: str = ''
    archive_mb: int = 0
    archive_passes: float = 0.0


class Books:
    """The ledger of the recipe in use, and the archive of images with it.

    All but `record` and `health` is called on one thread. What is recorded before it is known
    where to, is kept until then.

    Args:
        keeping: What is to be kept, and where.

    Attributes:
        ledger: The ledger; None where there is none.
        faults: What could not be opened, with the cure, by what it is.
    """

    def __init__(self, keeping: Keeping):
        self._keeping = keeping
        self._recorder: Any = None
        # None when it has been opened, or found that there is nothing to open.
        self._early: list[tuple[PartVerdict, Judged | None]] | None = []
        self._early_lost = 0
        self._turn = threading.Lock()
        self.ledger: Any = None
        self.faults: dict[str, str] = {}

    @property
    def health(self) -> tuple[Any, Any] | None:
        """How ledger and recorder do; None without a ledger."""
        ledger, recorder = self.ledger, self._recorder
        return None if ledger is None or recorder is None else (ledger.health, recorder.health)

    @property
    def archive_folder(self) -> Path | None:
        """Where images go; None: beside the ledger."""
        return Path(self._keeping.archive) if self._keeping.archive else None

    def record(self, report: PartVerdict, judged: Judged | None) -> None:
        """Write a verdict into the ledger and its image into the archive, from any thread."""
        with self._turn:
            if self._early is not None:
                self._hold(self._early, report, judged)
            elif self._recorder is not None:
                _record(self._recorder, report, judged)

    def _hold(self, early: list[tuple[PartVerdict, Judged | None]], report: PartVerdict,
              judged: Judged | None) -> None:
        if len(early) >= _MOST_EARLY:
            self._early_lost += 1
            self.faults[_EARLY] = (f'{self._early_lost} verdicts are not written down: they came '
                                    'before the recipe was loaded')
            return
        if judged is not None and len(early) >= _MOST_EARLY_IMAGES:
            judged = replace(judged, pixels=None)
        early.append((report, judged))

    def open(self, recipe: str) -> None:
        """Open what belongs to a recipe; what cannot be opened is told in `faults`.

        Args:
            recipe: Its folder; it may be empty, and it may be missing.
        """
        file = self._file_of(recipe)
        if self.ledger is not None and self.ledger.path == file:
            return
        with self._turn:
            self._early = self._early or []  # held until the other ledger is open
            self.faults = {what: fault for what, fault in self.faults.items() if what == _EARLY}
        self.close()
        recorder = None if file is None else self._open(file)
        with self._turn:
            self._recorder = recorder
            early, self._early = self._early, None
            if recorder is not None:
                for report, judged in early:
                    _record(recorder, report, judged)

    def _open(self, file: Path) -> Any:
        """Open the ledger and what records into it; None where it cannot be opened."""
        from ant_ros.inspection.ledger import Ledger
        from ant_ros.inspection.ledger import LedgerError
        from ant_ros.inspection.ledger import Recorder
        try:
            ledger = Ledger(file)
        except LedgerError as error:
            self.faults['ledger'] = f'nothing is written down: {error}'
            return None
        self.ledger = ledger
        return Recorder(ledger, self._open_archive(ledger))

    def close(self) -> None:
        """Write what waits and close."""
        with self._turn:
            recorder, ledger = self._recorder, self.ledger
            self._recorder = self.ledger = None
        if recorder is not None:
            recorder.close()
        if ledger is not None:
            from ant_ros.inspection.ledger import LedgerError
            with suppress(LedgerError):  # it has been told in the diagnostics as long as it lasted
                ledger.close()

    def _file_of(self, recipe: str) -> Path | None:
        if self._keeping.ledger:
            return Path(self._keeping.ledger)
        if not recipe:
            return None
        from ant_ros.inspection.online import ledger_path
        return ledger_path(Path(recipe))

    def _open_archive(self, ledger: Any) -> Any:
        """Open the archive; None where none is wanted, or it cannot be used."""
        keeping = self._keeping
        if not keeping.archive_mb:
            return None
        from ant_ros.inspection.ledger import Archive
        from ant_ros.inspection.ledger import ArchiveError
        from ant_ros.inspection.ledger import LedgerError
        from ant_ros.inspection.ledger.archive import archive_folder
        try:
            return Archive(self.archive_folder or archive_folder(ledger.path), ledger,
                           max_bytes=keeping.archive_mb * 1_000_000,
                           pass_share=keeping.archive_passes)
        except (ArchiveError, LedgerError) as error:
            self.faults['archive'] = f'no images are kept: {error}'
            return None


def _record(recorder: Any, report: PartVerdict, judged: Judged | None) -> None:
    from ant_ros.nodes.verdict_record import to_verdict_record
    verdict, pixels = (judged.verdict, judged.pixels) if judged else (None, None)
    recorder.record(to_verdict_record(report, verdict), pixels)
