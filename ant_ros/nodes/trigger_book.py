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
from dataclasses import dataclass
from dataclasses import field
import math

from ant_ros.inspection.verdict import Decision

__all__ = ['Outcome', 'TriggerBook']

_HISTORY = 1000          # encoder samples kept to place triggers by their stamp
_FINISHED = 1000         # finished parts remembered, to tell a late verdict from an unknown one
_BOOKED = 100            # parts kept until they are asked for
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


@dataclass(frozen=True)
class _Fate:
    cause: str
    message: str


@dataclass
class _Part:
    part_id: str
    stamp_ns: int
    booked_m: float = math.nan        # belt position when the trigger arrived
    position_m: float = math.nan      # belt position at its stamp; NaN until that is known
    decision: Decision | None = None
    condemned: _Fate | None = None    # why it cannot pass, whatever its verdict says
    fate: _Fate | None = None         # sealed when it reaches the gate

    @property
    def placed(self) -> bool:
        return not math.isnan(self.position_m)

    @property
    def passing(self) -> bool:
        return self.fate is not None and self.fate.cause == 'pass'


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

    @property
    def position_m(self) -> float:
        """The latest position."""
        return self.positions_m[-1]

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
        self._booked: deque[str] = deque(maxlen=_BOOKED)
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
            part_id = f'stamp-{stamp_ns}'   # as the inspector names it
        if self._is_duplicate(part_id, stamp_ns):
            self.counts['duplicate_triggers'] += 1
            return []
        self.counts['triggers'] += 1
        part = _Part(part_id, stamp_ns)
        self._finished.pop(part_id, None)
        if part_id in self._early:
            part.decision = self._early.pop(part_id)[1]
            self._booked.append(part_id)
        self._pending[part_id] = part
        if self._belt is None:
            return [self._reject_untracked(part, 'the encoder is silent')]
        if len(self._pending) > self.capacity:
            self.counts['overflows'] += 1
            return self._lose_track(f'more than {self.capacity} parts wait for the gate')
        part.booked_m = self._belt.position_m
        self._place(part, self._belt)
        return self._settle(self._belt)

    def verdict(self, part_id: str, decision: Decision) -> None:
        """Book a verdict: until the part is at the gate, any other word beats a pass."""
        self.counts['verdicts'] += 1
        part = self._pending.get(part_id)
        if part is None:
            self._book_unmatched(part_id, decision)
            return
        self._booked.append(part_id)
        if part.decision is not None:
            same = part.decision is decision
            self.counts['repeated_verdicts' if same else 'contradicting_verdicts'] += 1
        if part.fate is not None:
            self.counts['late_verdicts'] += 1
            if part.fate.cause == 'missing':
                part.fate = _Fate('late', 'Its verdict arrived when it was at the gate already')
        elif part.decision in (None, Decision.PASS):
            part.decision = decision

    def encoder(self, stamp_ns: int, position_m: float) -> list[Outcome]:
        """Move the belt; return the outcomes of the parts that left the gate window."""
        if not math.isfinite(position_m):
            self.counts['bad_encoder_messages'] += 1
            self._close('The encoder sent no position while it was at the gate')
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
            if not part.placed:
                self._place(part, self._belt)
        return outcomes + self._settle(self._belt)

    def take_booked(self) -> list[str]:
        """Return the parts of which trigger and verdict have both come since the last call."""
        booked = list(self._booked)
        self._booked.clear()
        return booked

    def encoder_silent(self) -> list[Outcome]:
        """Reject everything on its way: nobody knows where the parts are."""
        if self._belt is None:
            return []
        self.counts['encoder_silences'] += 1
        return self._lose_track('the encoder fell silent')

    def _is_duplicate(self, part_id: str, stamp_ns: int) -> bool:
        """Tell a trigger that is booked already; two parts under one ID cannot both be judged."""
        part = self._pending.get(part_id)
        if part is None:
            # A part that comes round again under its own ID has a new stamp.
            return self._finished.get(part_id) == stamp_ns
        if part.stamp_ns != stamp_ns:
            part.condemned = _Fate('uninspected', 'Its part ID was triggered twice, so its '
                                   'verdict may belong to another part')
        return True

    def _book_unmatched(self, part_id: str, decision: Decision) -> None:
        if part_id in self._finished:
            self.counts['late_verdicts'] += 1
            self._booked.append(part_id)
            return
        if self._belt is None:
            self.counts['unknown_verdicts'] += 1
            return
        # It may have overtaken its trigger: different topics keep no common order.
        known = self._early.pop(part_id, None)
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
        if position_m - self._belt.position_m >= 2 * self.window_m:
            return 'the encoder jumped over a whole gate window'
        return ''

    def _place(self, part: _Part, belt: _Belt) -> None:
        """Find where the belt was at the trigger, or condemn a part that will not be found."""
        position_m = belt.position_at(part.stamp_ns)
        if position_m is not None:
            part.position_m = position_m
            return
        if part.stamp_ns < belt.stamps_ns[0]:
            # It may be anywhere up to the photo-eye: let nothing pass that is there now.
            self._closed_until_m = belt.position_m + self.distance_m + self.window_m
            self._close('A part whose place is not known may be at the gate with it')
            where = 'older than the encoder messages that are known'
        elif belt.position_m >= part.booked_m + self.distance_m - self.window_m:
            where = 'ahead of the encoder'
        else:
            return   # its stamp lies between this encoder message and the next
        self.counts['unplaced_triggers'] += 1
        part.position_m = part.booked_m
        part.condemned = _Fate('encoder_silent', f'The stamp of its trigger is {where}')

    def _entry_m(self, part: _Part) -> float:
        return part.position_m + self.distance_m - self.window_m

    def _exit_m(self, part: _Part) -> float:
        return part.position_m + self.distance_m + self.window_m

    def _settle(self, belt: _Belt) -> list[Outcome]:
        """Seal the parts that are in the gate window, set the gate, finish those that left."""
        at_gate = [part for part in self._pending.values()
                   if part.placed and self._entry_m(part) <= belt.position_m]
        for part in at_gate:
            if part.fate is None:
                part.fate = self._judge(part)
        inside = [part for part in at_gate if self._exit_m(part) > belt.position_m]
        self._reject_together(inside)
        self.passing = bool(inside) and all(part.passing for part in inside)
        return [self._finish(part) for part in at_gate if self._exit_m(part) <= belt.position_m]

    def _judge(self, part: _Part) -> _Fate:
        """Seal the fate of a part that has just reached the gate."""
        if part.condemned is not None:
            return part.condemned
        if part.booked_m > self._entry_m(part):
            return _Fate('late', 'Its trigger arrived when it was at the gate already')
        if part.decision is None:
            return _Fate('missing', 'No verdict had arrived when it reached the gate')
        if part.decision is not Decision.PASS:
            return _Fate(part.decision.value, f'The verdict is {part.decision.value}')
        if self._entry_m(part) < self._closed_until_m:
            return _Fate('encoder_silent', 'It may lie among parts that were on the belt when the '
                         'encoder was found, so the gate stayed closed')
        return _Fate('pass', 'The verdict is pass')

    def _reject_together(self, inside: list[_Part]) -> None:
        """Reject the good parts that share the gate window with one that must not pass."""
        culprit = next((part for part in inside if not part.passing), None)
        if culprit is None or culprit.fate is None:
            return
        for part in inside:
            if part.passing:
                part.fate = _Fate(culprit.fate.cause, 'It shared the gate window with part '
                                  f'{culprit.part_id}, which was rejected')

    def _close(self, reason: str) -> None:
        """Close the gate, and reject the parts that were passing."""
        self.passing = False
        for part in self._pending.values():
            if part.passing:
                part.fate = _Fate('encoder_silent', reason)

    def _lose_track(self, reason: str) -> list[Outcome]:
        """Reject all that is pending, close the gate, wait for the encoder to start afresh."""
        self._close(f'Its place on the belt is not known: {reason}')
        outcomes = [self._reject_untracked(part, reason) for part in list(self._pending.values())]
        self.counts['unknown_verdicts'] += len(self._early)
        self._early.clear()
        self._belt = None
        return outcomes

    def _reject_untracked(self, part: _Part, reason: str) -> Outcome:
        if part.fate is None:
            part.fate = _Fate('encoder_silent', f'Its place on the belt is not known: {reason}')
        return self._finish(part)

    def _finish(self, part: _Part) -> Outcome:
        assert part.fate is not None, 'a part is finished when its fate is sealed'
        del self._pending[part.part_id]
        self._finished[part.part_id] = part.stamp_ns
        if len(self._finished) > _FINISHED:
            self._finished.popitem(last=False)
        self.counts['outcomes'] += 1
        self.counts[f'outcomes_{part.fate.cause}'] += 1
        return Outcome(part.part_id, part.stamp_ns, part.fate.cause, part.fate.message)
