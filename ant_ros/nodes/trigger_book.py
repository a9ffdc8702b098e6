# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""
Keep the book of triggers: exactly one outcome for each, and a gate that rests closed.

A part is placed on the belt by the stamp of its trigger. When the belt has carried it to the gate
window its fate is sealed: pass if a pass verdict is in the book, reject for anything else. The
outcome is told when it has left the window. Whenever the book loses track of the belt (silence, a
jump, a reset) every part on its way is rejected, and the gate stays closed until the belt has
carried everything past it that was on it at that time.
"""

from __future__ import annotations

from collections import Counter
from collections import deque
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
import math

from ant_ros.inspection.verdict import Decision

__all__ = ['Outcome', 'TriggerBook']

_HISTORY = 1000          # encoder samples kept to place triggers by their stamp
_FINISHED = 1000         # finished parts remembered, to tell a late verdict from an unknown one
_EARLY = 100             # verdicts kept that overtook their trigger
_EARLY_NS = 1_000_000_000  # how long they are kept: an old pass must not open for a reused part ID


@dataclass(frozen=True)
class Outcome:
    """What became of one trigger."""

    part_id: str
    stamp_ns: int
    cause: str
    message: str

    @property
    def passed(self) -> bool:
        """Whether the gate opened for the part."""
        return self.cause == 'pass'


@dataclass
class _Part:
    part_id: str
    stamp_ns: int
    decision: Decision | None = None
    position_m: float | None = None   # belt position at the trigger; None until placed
    sealed: tuple[str, str] | None = None   # cause and message, once decided


@dataclass
class _Belt:
    """The encoder samples since the belt was last found: monotonic in time."""

    stamps_ns: deque[int] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    positions_m: deque[float] = field(default_factory=lambda: deque(maxlen=_HISTORY))
    furthest_m: float = -math.inf

    def add(self, stamp_ns: int, position_m: float) -> None:
        if self.stamps_ns and self.stamps_ns[-1] == stamp_ns:
            self.positions_m[-1] = position_m
        else:
            self.stamps_ns.append(stamp_ns)
            self.positions_m.append(position_m)
        self.furthest_m = max(self.furthest_m, position_m)

    def position_at(self, stamp_ns: int) -> float | None:
        """Interpolate the belt position at a stamp inside the history, else return None."""
        later = None
        for sample in zip(reversed(self.stamps_ns), reversed(self.positions_m), strict=True):
            if sample[0] == stamp_ns:
                return sample[1]
            if sample[0] < stamp_ns:
                if later is None:
                    return None
                share = (stamp_ns - sample[0]) / (later[0] - sample[0])
                return sample[1] + share * (later[1] - sample[1])
            later = sample
        return None


class TriggerBook:
    """
    Decide when the gate may pass, and give every trigger exactly one outcome.

    Positions are belt positions; the photo-eye looks at the belt `distance_m` before the gate,
    and a part is in the gate window from `window_m` before to `window_m` after the gate.
    """

    def __init__(self, distance_m: float, window_m: float, capacity: int = 1000) -> None:
        if not 0 < window_m < distance_m:
            raise ValueError(
                f'window_m is {window_m}, distance_m is {distance_m}: the window must be positive '
                'and shorter than the way from the photo-eye to the gate')
        self.distance_m = distance_m
        self.window_m = window_m
        self.capacity = capacity
        self.passing = False
        self.counts: Counter[str] = Counter()
        self._pending: OrderedDict[str, _Part] = OrderedDict()
        self._finished: OrderedDict[str, int] = OrderedDict()
        self._early: OrderedDict[str, tuple[int, Decision]] = OrderedDict()
        self._belt: _Belt | None = None
        self._closed_until_m = -math.inf

    @property
    def pending(self) -> int:
        """How many triggers have no outcome yet."""
        return len(self._pending)

    @property
    def tracking(self) -> bool:
        """Whether the position of the belt is known."""
        return self._belt is not None

    def trigger(self, part_id: str, stamp_ns: int) -> list[Outcome]:
        """Book a trigger; return the outcomes that follow at once."""
        if not part_id:
            self.counts['unnamed_triggers'] += 1
            part_id = f'unnamed-{self.counts["unnamed_triggers"]:06d}'
        if self._is_duplicate(part_id, stamp_ns):
            return []
        self.counts['triggers'] += 1
        part = _Part(part_id, stamp_ns)
        self._finished.pop(part_id, None)
        if part_id in self._early:
            part.decision = self._early.pop(part_id)[1]
        self._pending[part_id] = part
        if self._belt is None:
            return [self._reject_untracked(part, 'the encoder is silent')]
        if len(self._pending) > self.capacity:
            self.counts['overflows'] += 1
            return self._lose_track(f'more than {self.capacity} parts wait for the gate')
        self._place(part, self._belt)
        return self._settle()

    def verdict(self, part_id: str, decision: Decision) -> None:
        """Book a verdict: until the part is at the gate, any other word beats a pass."""
        self.counts['verdicts'] += 1
        part = self._pending.get(part_id)
        if part is None:
            self._book_unmatched(part_id, decision)
            return
        if part.decision is not None:
            same = part.decision is decision
            self.counts['repeated_verdicts' if same else 'contradicting_verdicts'] += 1
        if part.sealed is not None:
            self.counts['late_verdicts'] += 1
            if part.sealed[0] == 'missing':
                part.sealed = ('late', 'Its verdict arrived when it was at the gate already')
        elif part.decision in (None, Decision.PASS):
            part.decision = decision

    def encoder(self, stamp_ns: int, position_m: float) -> list[Outcome]:
        """Move the belt; return the outcomes of the parts that left the gate window."""
        if not math.isfinite(position_m):
            self.counts['bad_encoder_messages'] += 1
            self.passing = False
            return []
        outcomes = []
        jump = self._jump(stamp_ns, position_m)
        if jump:
            self.counts['encoder_jumps'] += 1
            outcomes = self._lose_track(jump)
        if self._belt is None:
            self._belt = _Belt()
            # Whatever lies between the photo-eye and the gate now is not in the book.
            self._closed_until_m = position_m + self.distance_m + self.window_m
        self._belt.add(stamp_ns, position_m)
        self._forget_early(stamp_ns)
        for part in self._pending.values():
            if part.position_m is None:
                self._place(part, self._belt)
        return outcomes + self._settle()

    def encoder_silent(self) -> list[Outcome]:
        """Reject everything on its way: nobody knows where the parts are."""
        if self._belt is not None:
            self.counts['encoder_silences'] += 1
        return self._lose_track('the encoder fell silent')

    def _is_duplicate(self, part_id: str, stamp_ns: int) -> bool:
        """Tell a trigger that was booked before; two parts under one ID cannot both be judged."""
        part = self._pending.get(part_id)
        if part is None:
            # A part that comes round again under its own ID has a new stamp.
            duplicate = self._finished.get(part_id) == stamp_ns
        else:
            duplicate = True
            if part.stamp_ns != stamp_ns and part.sealed is None:
                part.sealed = ('uninspected', 'Its part ID was triggered twice, so its verdict '
                               'may belong to another part')
        self.counts['duplicate_triggers'] += duplicate
        return duplicate

    def _book_unmatched(self, part_id: str, decision: Decision) -> None:
        if part_id in self._finished:
            self.counts['late_verdicts'] += 1
            return
        if self._belt is None or not self._belt.stamps_ns:
            self.counts['unknown_verdicts'] += 1
            return
        # It may have overtaken its trigger: different topics keep no common order.
        known = self._early.get(part_id)
        if known is not None and known[1] is not Decision.PASS:
            decision = known[1]
        self._early[part_id] = (self._belt.stamps_ns[-1], decision)
        if len(self._early) > _EARLY:
            self._early.popitem(last=False)
            self.counts['unknown_verdicts'] += 1

    def _forget_early(self, now_ns: int) -> None:
        while self._early:
            part_id, (stamp_ns, _) = next(iter(self._early.items()))
            if now_ns - stamp_ns < _EARLY_NS:
                return
            del self._early[part_id]
            self.counts['unknown_verdicts'] += 1

    def _jump(self, stamp_ns: int, position_m: float) -> str:
        """Return why this sample cannot continue the belt's movement, or an empty text."""
        if self._belt is None:
            return ''
        if stamp_ns < self._belt.stamps_ns[-1]:
            return 'the clock of the encoder jumped back'
        if position_m < self._belt.furthest_m - self.window_m:
            return 'the encoder jumped back'
        if position_m - self._belt.positions_m[-1] >= 2 * self.window_m:
            return 'the encoder jumped over a whole gate window'
        return ''

    def _place(self, part: _Part, belt: _Belt) -> None:
        """Find where the belt was at the trigger; seal the part if that comes too late."""
        part.position_m = belt.position_at(part.stamp_ns)
        if part.position_m is None:
            if part.stamp_ns < belt.stamps_ns[0]:
                self._seal_unplaced(part, belt, 'before the first encoder message that is known')
            return
        if belt.positions_m[-1] > self._entry_m(part) and part.sealed is None:
            part.sealed = ('late', 'Its trigger arrived when it was at the gate already')

    def _seal_unplaced(self, part: _Part, belt: _Belt, where: str) -> None:
        self.counts['unplaced_triggers'] += 1
        part.sealed = ('encoder_silent', f'The stamp of its trigger is {where}')
        # It may be anywhere up to the photo-eye: treat it as the last of those.
        part.position_m = belt.positions_m[-1]

    def _entry_m(self, part: _Part) -> float:
        assert part.position_m is not None
        return part.position_m + self.distance_m - self.window_m

    def _exit_m(self, part: _Part) -> float:
        assert part.position_m is not None
        return part.position_m + self.distance_m + self.window_m

    def _settle(self) -> list[Outcome]:
        """Seal the parts that are in the gate window, set the gate, finish those that left."""
        assert self._belt is not None
        position_m = self._belt.positions_m[-1]
        at_gate = list(self._parts_at(position_m))
        for part in at_gate:
            if part.sealed is None:
                part.sealed = _judge(part.decision)
        gone = [part for part in at_gate if self._exit_m(part) <= position_m]
        self._reject_together(at_gate, position_m)
        outcomes = [self._finish(part) for part in gone]
        inside = [part for part in at_gate if part.part_id in self._pending]
        self.passing = bool(inside) and all(
            part.sealed is not None and part.sealed[0] == 'pass' for part in inside)
        return outcomes

    def _parts_at(self, position_m: float) -> Iterator[_Part]:
        """Yield the parts that have entered the gate window, and wait no longer for a place."""
        for part in self._pending.values():
            if part.position_m is None:
                continue
            if self._entry_m(part) <= position_m:
                yield part

    def _reject_together(self, at_gate: list[_Part], position_m: float) -> None:
        """Reject a good part that shares the gate window with one that must not pass."""
        closed_until_m = self._closed_until_m
        culprits = [part for part in at_gate if part.sealed is not None
                    and part.sealed[0] != 'pass']
        for part in at_gate:
            if part.sealed is None or part.sealed[0] != 'pass':
                continue
            if self._entry_m(part) < closed_until_m:
                part.sealed = ('encoder_silent', 'What lay on the belt before it when the encoder '
                               'was found is not known, so the gate stayed closed')
            elif culprits:
                cause = culprits[0].sealed[0] if culprits[0].sealed else 'missing'
                part.sealed = (cause, 'It shared the gate window with part '
                               f'{culprits[0].part_id}, which was rejected')

    def _lose_track(self, reason: str) -> list[Outcome]:
        """Reject all that is pending, close the gate, wait for the encoder to start afresh."""
        outcomes = [self._reject_untracked(part, reason) for part in list(self._pending.values())]
        self.counts['unknown_verdicts'] += len(self._early)
        self._early.clear()
        self._belt = None
        self.passing = False
        return outcomes

    def _reject_untracked(self, part: _Part, reason: str) -> Outcome:
        if part.sealed is None or part.sealed[0] == 'pass':
            part.sealed = ('encoder_silent', f'Its place on the belt is not known: {reason}')
        return self._finish(part)

    def _finish(self, part: _Part) -> Outcome:
        assert part.sealed is not None
        del self._pending[part.part_id]
        self._finished[part.part_id] = part.stamp_ns
        if len(self._finished) > _FINISHED:
            self._finished.popitem(last=False)
        cause, message = part.sealed
        self.counts['outcomes'] += 1
        self.counts[f'outcomes_{cause}'] += 1
        return Outcome(part.part_id, part.stamp_ns, cause, message)


def _judge(decision: Decision | None) -> tuple[str, str]:
    """Turn the word on a part that reached the gate into a cause and a sentence."""
    if decision is None:
        return 'missing', 'No verdict had arrived when it reached the gate'
    if decision is Decision.PASS:
        return 'pass', 'Passed'
    return decision.value, f'The verdict is {decision.value}'
