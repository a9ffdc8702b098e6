# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What the inspector node learns and writes down, on a thread beside the one that judges."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
import math
from pathlib import Path
import threading
import time
from typing import Any

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.books import Books
from ant_ros.nodes.books import Keeping
from ant_ros.nodes.fleet_exchange import FleetExchange
from ant_ros.nodes.hearsay import Hearsay
from ant_ros.nodes.judging import Judged
from ant_ros.nodes.label_message import LabelRequest
from ant_ros.nodes.label_message import LabelResult
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.worker import Worker

__all__ = ['Learning', 'LearningFigures']

MOST_LABELS = 100
"""Labels that may wait."""

_MOST_JOBS = 400
_MOST_EVIDENCE = 8
"""Parts that may wait with all that was seen of them; of further ones the features alone."""

_MOST_DIGITS = 18   # of a number in the ledger
_PUBLISHED_S = 1.0
_JOIN_S = 0.1

_BUSY = f'refused: busy, {MOST_LABELS} labels wait already; send it again'
_ENDING = 'refused: the inspector is being cleaned up; send it again'
_NO_PLACE = ('what is learned needs a place: set the parameter recipe to a folder, and save the '
             'recipe there (~/save)')

_NO_SELF_UPDATE = ('self_update needs learning: true and a recipe folder that may be written: '
                   'nothing is followed')


@dataclass(frozen=True)
class LearningFigures:
    """How the learning goes; replaced as a whole.

    Attributes:
        off: Why labels are refused at the moment; empty if they are taken.
        learned: Labels in force.
        pending: Labels that wait.
        classes: Names of the defect classes.
        challenge: Parts of the challenge set.
        remembered: Parts that a label may still come to.
        patterns: Anomalies that look alike and have no name yet, with how many there were.
    """

    off: str = _NO_PLACE
    learned: int = 0
    pending: int = 0
    classes: tuple[str, ...] = ()
    challenge: int = 0
    remembered: int = 0
    patterns: tuple[str, ...] = ()


class Learning:
    """Take labels, remember parts and keep the ledger, without holding up verdicts.

    `take`, `record` and `note` return at once; the rest happens in the order in which it came on
    a thread of its own. Nothing is lost in silence: a label that finds no room is answered so.

    Args:
        who: Who holds the recipe, for those who come too late.
        enabled: Whether labels are learned from.
        keeping: What is to be written down, and where.
        answer: Called with the answer to a label, on any thread.
        watch: Whether to warn when the scores of parts that pass drift, or most are stopped.
        self_update: Parts far inside the pass region after which what is expected follows them;
            0: never.
        robot: Name in the fleet; empty: nothing is shared.
        share: Called with what was learned from labels, to be told to the fleet; a ValueError
            says why it cannot be.
        hearsay: Where what other robots say is kept, whichever recipe they speak of.
        each: Whether every part in an image is judged.

    Attributes:
        figures: How it goes.
    """

    def __init__(self, who: str, *, enabled: bool, keeping: Keeping,
                 answer: Callable[[LabelResult], None], watch: bool = False, self_update: int = 0,
                 robot: str = '',
                 share: Callable[[bytes], None] = lambda message: None,
                 hearsay: Hearsay | None = None, each: bool = False):
        self._who = who
        self._enabled = enabled
        self._books = Books(keeping)
        self._answer = answer
        self._watch = watch
        self._self_update = self_update
        self._monitor: Any = None
        self._each = each
        self._robot = robot
        self._fleet = FleetExchange(robot, share, hearsay or Hearsay(), self._record_refusal)
        self._hearing = False
        self._inspector: Any = None
        self._path = ''
        self._desk: Any = None
        self._counts = dict.fromkeys(('applied', 'pending', 'refused', 'unknown part'), 0)
        self._faults: dict[str, str] = {}
        self._labels_waiting = 0
        self._not_remembered = 0
        self._counting = threading.Lock()
        self.figures = LearningFigures()
        self._worker: Worker[Callable[[], None]] = Worker(
            lambda job: job(), self._on_fault, capacity=_MOST_JOBS, newest_wins=False)

    # From any thread, at once

    def take(self, request: LabelRequest) -> None:
        """Take a label; it is answered when it is on the disk, or at once if there is no room."""
        with self._counting:
            room = self._labels_waiting < MOST_LABELS
            self._labels_waiting += room
        if not room:
            self._tell(LabelResult(request, 'refused', _BUSY))
        elif self._worker.submit(_Labelling(self, request)) is not None:
            self.make_room()
            self._tell(LabelResult(request, 'refused', _BUSY))

    def make_room(self) -> None:
        """Let another label wait."""
        with self._counting:
            self._labels_waiting -= 1

    def record(self, report: PartVerdict, judged: Judged | None) -> None:
        """Write a verdict into the ledger."""
        self._books.record(report, judged)
        monitor = self._monitor
        if monitor is None or judged is None or report.decision is Decision.UNINSPECTED:
            return
        passed = report.decision is Decision.PASS
        monitor.count(stopped=not passed)
        if passed and report.review_threshold > 0 and math.isfinite(report.score):
            monitor.add(report.score / report.review_threshold)

    def note(self, judged: Judged, inspector: Any, published: threading.Event) -> None:
        """Remember a part for labels that come later.

        Args:
            judged: The part; handed over before its verdict is published, so that no label to it
                can come first.
            inspector: What judged it.
            published: Set when that is done; only then it is worked on, so that the verdict
                does not wait for it.
        """
        verdict: Any = judged.verdict
        if not self._enabled or getattr(verdict, 'evidence', None) is None:
            return
        if self._worker.waiting > _MOST_EVIDENCE:
            verdict = replace(verdict, features=inspector.describe(verdict), evidence=None,
                              image=None, _draw_map=None)

        def remember() -> None:
            published.wait(_PUBLISHED_S)
            self._remember(inspector, verdict)
        if self._worker.submit(remember) is not None:
            self._not_remembered += 1
            self._faults['memory'] = (f'{self._not_remembered} parts cannot be labelled: the '
                                      'learner did not keep up')

    def place(self, inspector: Any, path: str) -> None:
        """Learn at a place.

        Args:
            inspector: What was loaded from there, or what is to be saved there; None as long as
                nothing is taught.
            path: Folder of the recipe; it may be empty, and it may be missing.
        """
        self._worker.call(lambda: self._guarded(lambda: self._open(inspector, path)))

    def taught(self, inspector: Any) -> None:
        """Go on at the same place with an inspector that was taught anew."""
        self._worker.call(lambda: self._guarded(lambda: self._adopt(inspector)))

    def sharpen(self, images: list[Any], tell: Callable[..., None]) -> None:
        """Sharpen the recipe with further good parts.

        Args:
            images: One good part each.
            tell: Called with what came of it, and whether it `failed`, on the learner's thread.
        """
        self._worker.call(lambda: self._sharpen(images, tell))

    def hear(self, message: bytes) -> None:
        """Learn what another robot has learned, when there is a recipe to learn it.

        See `FleetExchange`.
        """
        if self._fleet.hear(message) and not self._hearing:
            self._hearing = True
            self._worker.call(lambda: self._guarded(self._hear))

    def call(self, function: Callable[[], str]) -> 'Future[str]':
        """Call a function of this class on the learner's thread."""
        return self._worker.call(function)

    def stop(self, timeout_s: float) -> bool:
        """Answer what waits, close everything; return whether the thread ended in time."""
        for job in self._worker.drain():
            if isinstance(job, _Labelling):
                self._tell(LabelResult(job.request, 'refused', _ENDING))
        self._worker.call(self._close)
        closed: Future[Any] = self._worker.call(lambda: None)
        with suppress(Exception):
            closed.result(timeout_s)
        return self._worker.stop(_JOIN_S)

    @property
    def waiting(self) -> int:
        """Count the labels that wait."""
        return self._labels_waiting

    @property
    def answers(self) -> dict[str, int]:
        """Count the answers to labels so far, by result."""
        with self._counting:
            return dict(self._counts)

    @property
    def path(self) -> str:
        """Return the folder of the recipe; empty where it has no place."""
        return self._path

    @property
    def not_merged(self) -> int:
        """Count what was heard from other robots and refused."""
        return self._fleet.not_merged

    @property
    def fault(self) -> str:
        """Return what is wrong now, with the cure; empty if nothing is."""
        desk = self._desk
        pictures = {'pictures': desk.fault} if desk is not None and desk.fault else {}
        faults = {**self._books.faults, **self._faults, **self._fleet.faults, **pictures}
        return '; '.join(faults.values())

    @property
    def drift(self) -> str:
        """Return what says that the calibration may no longer hold; empty if nothing does."""
        return '' if self._monitor is None else self._monitor.warning

    @property
    def ledger_health(self) -> tuple[Any, Any] | None:
        """Return how ledger and recorder do; None without a ledger."""
        return self._books.health

    # On the learner's thread

    def save(self) -> str:
        """Save recipe and what was learned; return what to tell the caller."""
        answer = self._need_desk().save(by='~/save')
        self._fleet.meet(self._desk)
        self._look()
        return answer.text

    def undo(self) -> str:
        """Take the last change back; return what to tell the caller."""
        return self._go_back(lambda desk: desk.undo(by='~/undo'))

    def roll_back(self) -> str:
        """Bring the version before back; return what to tell the caller."""
        return self._go_back(lambda desk: desk.roll_back(by='~/rollback'))

    def confirm(self) -> str:
        """Take the parts inspected since the last time as good; return what to tell."""
        text = self._did(self._need_desk().confirm(by='~/confirm'))
        self._begin_watch()
        return text

    def challenge(self) -> str:
        """Run the challenge set; return what to tell the caller.

        Raises:
            RuntimeError: it is empty, or not all parts are as they should be.
        """
        desk = self._need_desk()
        if desk.why_not():
            raise RuntimeError(desk.why_not())
        trial = desk.run_challenge(by='~/challenge')
        if not trial.defects + trial.good + len(trial.unseen):
            raise RuntimeError('the challenge set is empty: label parts, or add some with '
                               'python -m ant_ros challenge add')
        wrong = ', '.join([*trial.escapes, *trial.false_rejects][:5])
        if wrong:
            raise RuntimeError(f'{trial.text}; look at {wrong}')
        if trial.unseen:
            raise RuntimeError(trial.text)
        return trial.text

    @property
    def has_desk(self) -> bool:
        """Whether labels to the recipe are kept with it."""
        return self._desk is not None

    def label(self, request: LabelRequest) -> None:
        """Answer a label, or the wish to take one back."""
        if self._desk is None:
            self._tell(LabelResult(request, 'refused', self.figures.off))
            return
        if request.forget is None:
            answer = self._desk.label(request.part, request.word, by=request.by)
        elif request.forget.isdecimal() and len(request.forget) <= _MOST_DIGITS:
            answer = self._desk.forget(int(request.forget), by=request.by)
        else:
            self._tell(LabelResult(request, 'refused', f'forget {request.forget[:50]!r}: give the '
                                   'number of a label, as label_id of the answer to it'))
            return
        self._fleet.tell(self._desk)
        self._look()
        self._tell(LabelResult(
            request, answer.state.value, answer.text, answer.label or 0, answer.version))

    def _sharpen(self, images: list[Any], tell: Callable[..., None]) -> None:
        try:
            text = self._did(self._need_desk().sharpen(images, by='~/sharpen'))
        except Exception as error:
            tell(f'not sharpened: {error}', failed=True)
        else:
            self._begin_watch()
            self._begin_self_update()
            tell(text, failed=False)

    def _go_back(self, step: Callable[[Any], Any]) -> str:
        from ant_ros.inspection.ledger import LedgerError
        desk = self._need_desk()
        try:
            answer = step(desk)
        except LedgerError:  # the version is back nevertheless
            self._begin_anew()
            raise
        text = self._did(answer)
        self._begin_anew()
        return text

    def _open(self, inspector: Any, path: str) -> None:
        self._close_desk()
        self._inspector, self._path = inspector, path
        self._begin_watch()
        self._books.open(path)
        self._open_desk()
        self._begin_self_update()
        self._fleet.begin_elsewhere()
        self._fleet.meet(self._desk)

    def _begin_anew(self) -> None:
        """Go on with another version of the recipe."""
        self._begin_watch()
        self._begin_self_update()
        self._fleet.begin_anew()
        self._fleet.meet(self._desk)
        self._look()

    def _begin_watch(self) -> None:
        if self._watch:
            from ant_ros.inspection.online import DriftMonitor
            recipe = getattr(self._inspector, 'recipe', None)
            self._monitor = DriftMonitor(
                target_frr=0.0 if recipe is None else recipe.target_frr)

    def _adopt(self, inspector: Any) -> None:
        self._inspector = inspector
        self._begin_watch()
        if self._desk is None:
            self._open_desk()
        else:
            self._desk.adopt(inspector)
        self._begin_self_update()

    def _hear(self) -> None:
        self._hearing = False
        self._fleet.meet(self._desk)

    def _record_refusal(self, what: str, reason: str) -> None:
        """Write down that something was refused; what keeps it from that is told elsewhere."""
        from ant_ros.inspection.ledger import LedgerError
        inspector = self._desk.inspector
        with suppress(LedgerError):
            self._books.ledger.record_refusal(
                recipe=inspector.name, who=self._robot, what=what, reason=reason,
                model_version=inspector.version).result()

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            self._faults['learner'] = f'the learner raised {type(error).__name__}: {error}'
        self._look()

    def _remember(self, inspector: Any, verdict: Any) -> None:
        if self._desk is None or inspector is not self._desk.inspector:
            return
        inspector.remember(verdict)
        self._follow(verdict)
        remembered = 0 if inspector.why_not else len(inspector.learner.parts)
        self.figures = replace(
            self.figures, remembered=remembered, patterns=_patterns(inspector))

    def _follow(self, verdict: Any) -> None:
        answer = self._desk.follow(verdict)
        if answer is not None:
            self._faults.pop('self_update', None)
            if answer.state.value != 'applied':
                self._faults['self_update'] = answer.text

    def _begin_self_update(self) -> None:
        self._faults.pop('self_update', None)
        if not self._self_update or self._inspector is None:
            return
        if self._desk is None:
            self._faults['self_update'] = _NO_SELF_UPDATE
        else:
            from ant_ros.inspection.online import LearningError
            try:
                self._inspector.set_self_update(self._self_update)
            except LearningError as error:
                self._faults['self_update'] = str(error)

    def _did(self, answer: Any) -> str:
        self._fleet.tell(self._desk)
        self._look()
        if answer.state.value != 'applied':
            raise RuntimeError(answer.text)
        return answer.text

    def _need_desk(self) -> Any:
        if self._desk is None:
            raise RuntimeError(self.figures.off)
        return self._desk

    def _open_desk(self) -> None:
        self._faults.pop('recipe', None)
        learns = hasattr(self._inspector, 'attachments')
        if not (self._enabled and learns and self._path and self._books.ledger is not None):
            return
        from ant_ros.inspection import RecipeError
        from ant_ros.inspection.ledger import LedgerError
        from ant_ros.inspection.online import LabelDesk
        try:
            self._desk = LabelDesk(
                self._inspector, Path(self._path), self._books.ledger, who=self._who,
                archive=self._books.archive_folder, each=self._each)
        except (LedgerError, RecipeError) as error:
            self._faults['recipe'] = f'labels are refused: {error}'

    def _why_off(self) -> str:
        if self._desk is not None:
            return self._desk.why_not()
        if not self._enabled:
            return 'learning is switched off: start with the parameter learning: true'
        if not self._path:
            return _NO_PLACE
        if self._inspector is None:
            return 'there is no recipe yet: teach one first (~/teach)'
        return self._faults.get('recipe') or self._books.faults.get('ledger') or (
            'this inspector does not learn from labels')

    def _look(self) -> None:
        """Take the figures anew."""
        figures = LearningFigures(self._why_off())
        inspector = None if self._desk is None else self._desk.inspector
        if inspector is not None and not inspector.why_not:
            learner = inspector.learner
            figures = replace(
                figures, learned=len(learner.labels), pending=len(learner.pending),
                classes=learner.classes, challenge=len(learner.challenge),
                remembered=len(learner.parts), patterns=_patterns(inspector))
        self.figures = figures

    def _tell(self, result: LabelResult) -> None:
        milliseconds = 1e3 * (time.monotonic() - result.request.received_s)
        with self._counting:
            self._counts[result.result] += 1
        self._answer(replace(result, milliseconds=milliseconds))

    def _on_fault(self, job: Callable[[], None], error: Exception) -> None:
        self._faults['learner'] = f'the learner raised {type(error).__name__}: {error}'
        self._look()
        if isinstance(job, _Labelling):
            self._tell(LabelResult(job.request, 'refused', self._faults['learner']))

    def _close(self) -> None:
        self._close_desk()
        self._books.close()

    def _close_desk(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            desk.close()


def _patterns(inspector: Any) -> tuple[str, ...]:
    return tuple(f'pattern {group.number + 1} ({group.seen} parts)'
                 for group in inspector.patterns)


class _Labelling:
    """A label on its way to the desk."""

    def __init__(self, learning: Learning, request: LabelRequest):
        self._learning = learning
        self.request = request

    def __call__(self) -> None:
        try:
            self._learning.label(self.request)
        finally:
            self._learning.make_room()
