# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The book gives every trigger one outcome, and opens the gate for passed parts alone."""

from collections import Counter
import math
from random import Random

from hypothesis import event
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from ant_ros.inspection.verdict import Decision
from ant_ros.nodes.trigger_book import Outcome
from ant_ros.nodes.trigger_book import TriggerBook

DISTANCE_M = 1.0
WINDOW_M = 0.1
TICK_NS = 33_000_000


class Belt:
    """A belt with an encoder, its clock, and a book that listens to it."""

    def __init__(self, **arguments: int):
        self.book = TriggerBook(DISTANCE_M, WINDOW_M, **arguments)
        self.now_ns = 0
        self.position_m = 0.0
        self.outcomes: list[Outcome] = []
        # What lay on the belt at the start is unknown: get clear of it.
        self.move(3.0)

    def move(self, way_m: float, step_m: float = 0.02) -> list[Outcome]:
        """Carry the belt on, in steps with an encoder message each; return what was told."""
        before = len(self.outcomes)
        for _ in range(max(1, round(way_m / step_m))):
            self.now_ns += TICK_NS
            self.position_m += min(step_m, way_m)
            self.outcomes += self.book.encoder(self.now_ns, self.position_m)
        return self.outcomes[before:]

    def trigger(self, part_id: str, stamp_ns: int | None = None) -> list[Outcome]:
        """Let a part pass the photo-eye."""
        told = self.book.trigger(part_id, self.now_ns if stamp_ns is None else stamp_ns)
        self.outcomes += told
        return told


def causes(outcomes: list[Outcome]) -> dict[str, str]:
    assert len({outcome.part_id for outcome in outcomes}) == len(outcomes)
    return {outcome.part_id: outcome.cause for outcome in outcomes}


def test_passed_part_opens_the_gate_in_its_window_alone() -> None:
    belt = Belt()
    start_m = belt.position_m
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    opened_m = []
    while not belt.move(0.01, step_m=0.01):
        if belt.book.passing:
            opened_m.append(belt.position_m - start_m)
    assert opened_m[0] == pytest.approx(DISTANCE_M - WINDOW_M, abs=0.011)
    assert opened_m[-1] == pytest.approx(DISTANCE_M + WINDOW_M, abs=0.011)
    assert len(opened_m) == pytest.approx(2 * WINDOW_M / 0.01, abs=1)
    assert not belt.book.passing
    assert belt.outcomes[0].passed


@pytest.mark.parametrize('decision', [Decision.REJECT, Decision.REVIEW, Decision.UNINSPECTED])
def test_other_word_rejects_for_its_own_cause(decision: Decision) -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', decision)
    assert causes(belt.move(2.0)) == {'a': decision.value}
    assert not belt.outcomes[0].passed


def test_no_verdict_is_missing_and_one_at_the_gate_is_late() -> None:
    belt = Belt()
    belt.trigger('a')
    assert belt.move(DISTANCE_M - WINDOW_M + 0.02) == []
    belt.book.verdict('a', Decision.PASS)
    assert not belt.book.passing
    belt.trigger('b')
    assert causes(belt.move(2.0)) == {'a': 'late', 'b': 'missing'}
    belt.book.verdict('b', Decision.PASS)
    assert belt.book.counts['late_verdicts'] == 2


@pytest.mark.parametrize('order', [
    (Decision.PASS, Decision.REJECT), (Decision.REJECT, Decision.PASS),
    (Decision.PASS, Decision.REJECT, Decision.PASS)])
def test_contradiction_is_counted_and_the_safe_word_wins(order: tuple[Decision, ...]) -> None:
    belt = Belt()
    belt.trigger('a')
    for decision in order:
        belt.book.verdict('a', decision)
    assert causes(belt.move(2.0)) == {'a': 'reject'}
    assert belt.book.counts['contradicting_verdicts'] == len(order) - 1


def test_same_verdict_twice_is_counted_and_harmless() -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    belt.book.verdict('a', Decision.PASS)
    assert causes(belt.move(2.0)) == {'a': 'pass'}
    assert belt.book.counts['repeated_verdicts'] == 1


def test_word_after_the_decision_changes_nothing() -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    belt.move(DISTANCE_M)
    assert belt.book.passing
    belt.book.verdict('a', Decision.REJECT)
    assert causes(belt.move(2.0)) == {'a': 'pass'}
    assert belt.book.counts['late_verdicts'] == 1
    assert belt.book.counts['contradicting_verdicts'] == 1


def test_verdict_may_overtake_its_trigger_but_not_by_long() -> None:
    belt = Belt()
    belt.book.verdict('quick', Decision.PASS)
    belt.book.verdict('stranger', Decision.PASS)
    belt.trigger('quick')
    belt.move(0.8)
    belt.trigger('stranger')
    assert causes(belt.move(2.0)) == {'quick': 'pass', 'stranger': 'missing'}
    assert belt.book.counts['unknown_verdicts'] == 1


def test_redelivered_trigger_is_counted_and_has_no_second_outcome() -> None:
    belt = Belt()
    stamp_ns = belt.now_ns
    belt.trigger('a')
    belt.trigger('a', stamp_ns)
    belt.book.verdict('a', Decision.PASS)
    assert causes(belt.move(2.0)) == {'a': 'pass'}
    belt.trigger('a', stamp_ns)
    assert belt.move(2.0) == []
    assert belt.book.counts['duplicate_triggers'] == 2
    assert belt.book.counts['triggers'] == belt.book.counts['outcomes'] == 1


def test_two_parts_under_one_id_do_not_pass_on_one_verdict() -> None:
    belt = Belt()
    belt.trigger('a')
    belt.move(0.4)
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    assert causes(belt.move(2.0)) == {'a': 'uninspected'}


def test_part_that_comes_round_again_needs_a_new_verdict() -> None:
    belt = Belt()
    for verdict in (Decision.REJECT, None, Decision.PASS):
        belt.trigger('a')
        if verdict:
            belt.book.verdict('a', verdict)
        belt.move(2.0)
    assert [outcome.cause for outcome in belt.outcomes] == ['reject', 'missing', 'pass']


def test_part_without_an_id_is_known_by_its_stamp_and_counted() -> None:
    belt = Belt()
    first_ns = belt.now_ns
    belt.trigger('')
    belt.move(0.4)
    belt.trigger('')
    belt.book.verdict(f'stamp-{first_ns}', Decision.PASS)
    assert [outcome.cause for outcome in belt.move(2.0)] == ['pass', 'missing']
    assert belt.book.counts['unnamed_triggers'] == 2


def test_silence_rejects_all_that_is_on_its_way_and_the_line_recovers() -> None:
    belt = Belt()
    belt.trigger('at the gate')
    belt.book.verdict('at the gate', Decision.PASS)
    belt.move(DISTANCE_M)
    belt.trigger('on its way')
    belt.book.verdict('on its way', Decision.PASS)
    assert belt.book.passing
    told = belt.book.encoder_silent()
    assert causes(told) == {'at the gate': 'encoder_silent', 'on its way': 'encoder_silent'}
    assert not belt.book.passing
    assert causes(belt.trigger('in the dark')) == {'in the dark': 'encoder_silent'}
    assert belt.book.encoder_silent() == []
    assert belt.book.counts['encoder_silences'] == 1
    belt.move(0.02)
    belt.trigger('too close')
    belt.book.verdict('too close', Decision.PASS)
    belt.move(3 * WINDOW_M)
    belt.trigger('clear')
    belt.book.verdict('clear', Decision.PASS)
    assert causes(belt.move(2.0)) == {'too close': 'encoder_silent', 'clear': 'pass'}


@pytest.mark.parametrize('fault', ['position back', 'position ahead', 'clock back'])
def test_jump_of_the_encoder_rejects_all_that_is_on_its_way(fault: str) -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    belt.move(0.5)
    if fault == 'position back':
        belt.position_m = 0.0
    elif fault == 'position ahead':
        belt.position_m += 2 * WINDOW_M
    else:
        belt.now_ns = 0
    assert causes(belt.move(0.02)) == {'a': 'encoder_silent'}
    belt.move(3 * WINDOW_M)
    belt.trigger('b')
    belt.book.verdict('b', Decision.PASS)
    assert causes(belt.move(2.0)) == {'b': 'pass'}
    assert belt.book.counts['encoder_jumps'] == 1


def test_belt_that_trembles_is_no_jump() -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    belt.move(0.5)
    for way_m in (-0.03, -0.03, 0.01):
        belt.position_m += way_m
        belt.move(0.0)
    assert causes(belt.move(2.0)) == {'a': 'pass'}
    assert belt.book.counts['encoder_jumps'] == 0


def test_encoder_without_a_number_closes_the_gate_once() -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    belt.move(DISTANCE_M)
    assert belt.book.passing
    assert belt.book.encoder(belt.now_ns + 1, math.nan) == []
    assert not belt.book.passing
    assert causes(belt.move(2.0)) == {'a': 'encoder_silent'}
    assert belt.book.counts['bad_encoder_messages'] == 1


def test_trigger_between_two_encoder_messages_is_placed_between_them() -> None:
    belt = Belt()
    start_m = belt.position_m
    stamp_ns = belt.now_ns + TICK_NS // 2
    belt.trigger('a', stamp_ns)
    belt.book.verdict('a', Decision.PASS)
    belt.move(0.18, step_m=0.18)
    expected_m = start_m + 0.09 + DISTANCE_M - WINDOW_M
    while not belt.book.passing:
        belt.move(0.001, step_m=0.001)
    assert belt.position_m == pytest.approx(expected_m, abs=0.002)


def test_stamp_nobody_can_place_is_rejected() -> None:
    belt = Belt()
    assert causes(belt.trigger('old', 0) + belt.move(2.0)) == {'old': 'encoder_silent'}
    assert causes(belt.trigger('future', belt.now_ns + 10 ** 12) + belt.move(2.0)) == {
        'future': 'encoder_silent'}
    assert belt.book.counts['unplaced_triggers'] == 2


def test_part_of_unknown_place_closes_the_open_gate() -> None:
    belt = Belt()
    belt.trigger('a')
    belt.book.verdict('a', Decision.PASS)
    belt.move(DISTANCE_M)
    assert belt.book.passing
    belt.trigger('old', 0)
    assert not belt.book.passing
    assert causes(belt.move(2.0))['a'] == 'encoder_silent'


def test_trigger_that_arrives_at_the_gate_is_late() -> None:
    belt = Belt()
    stamp_ns = belt.now_ns
    belt.move(DISTANCE_M)
    belt.book.verdict('a', Decision.PASS)
    belt.trigger('a', stamp_ns)
    assert not belt.book.passing
    assert causes(belt.move(2.0)) == {'a': 'late'}


@pytest.mark.parametrize('bad_first', [True, False])
def test_good_part_beside_a_bad_one_is_rejected_with_it(bad_first: bool) -> None:
    belt = Belt()
    words = [Decision.REJECT, Decision.PASS]
    for part_id, word in zip('ab', words if bad_first else reversed(words), strict=True):
        belt.trigger(part_id)
        belt.book.verdict(part_id, word)
        belt.move(WINDOW_M)
    assert causes(belt.move(2.0)) == {'a': 'reject', 'b': 'reject'}


def test_too_many_parts_are_all_rejected_and_counted() -> None:
    belt = Belt(capacity=3)
    told = []
    for part_id in 'abcd':
        told += belt.trigger(part_id)
    assert causes(told) == dict.fromkeys('abcd', 'encoder_silent')
    assert belt.book.counts['overflows'] == 1
    assert belt.book.pending == 0


def test_it_tells_once_of_which_parts_trigger_and_verdict_have_come() -> None:
    belt = Belt()
    belt.trigger('a')
    assert belt.book.take_booked() == []
    belt.book.verdict('a', Decision.PASS)
    belt.book.verdict('early', Decision.PASS)
    assert belt.book.take_booked() == ['a']
    belt.trigger('early')
    assert belt.book.take_booked() == ['early']
    belt.trigger('late')
    belt.move(2.0)
    belt.book.verdict('late', Decision.PASS)
    assert belt.book.take_booked() == ['late']
    assert belt.book.take_booked() == []


def test_memory_stays_bounded() -> None:
    belt = Belt(capacity=50)
    for number in range(3000):
        belt.trigger(f'part-{number}')
        belt.book.verdict(f'part-{number}', Decision.PASS)
        belt.book.verdict(f'stranger-{number}', Decision.PASS)
        belt.move(0.25, step_m=0.125)
    held = sum(len(value) for value in vars(belt.book).values() if hasattr(value, '__len__'))
    assert held < 1300
    assert belt.book.counts['outcomes_pass'] == len(belt.outcomes)


@pytest.mark.parametrize(('distance_m', 'window_m'), [(0.1, 0.1), (1.0, 0.0), (1.0, -1.0)])
def test_impossible_geometry_is_refused(distance_m: float, window_m: float) -> None:
    with pytest.raises(ValueError, match='window_m'):
        TriggerBook(distance_m, window_m)


def draw_operations(random: Random) -> list[tuple]:
    """Draw a shift's worth of events: mostly parts that run well, with every fault between."""
    def way_m() -> float:
        return random.choice([0.0, 0.03, 0.1, 0.19, 0.5, 1.0])

    def decision() -> Decision:
        return random.choice([Decision.PASS, Decision.PASS, Decision.PASS, *Decision])

    def back() -> int:
        return random.randint(-1, 4)   # how many parts back; -1 is the next one, not here yet

    kinds = {
        'part': (8, lambda: (random.choice([decision(), decision(), decision(), None]),)),
        'run': (12, lambda: (way_m(),)),
        'verdict': (4, lambda: (back(), decision())),
        'trigger_again': (2, lambda: (back(),)),
        'silence': (1, lambda: (way_m(),)),
        'reset': (1, lambda: ()),
        'bad': (1, lambda: ())}
    names = random.choices(list(kinds), [weight for weight, _ in kinds.values()], k=50)
    return [(name, *kinds[name][1]()) for name in names]


class Witness:
    """Know where every part really is, whatever the encoder says, and watch the gate."""

    def __init__(self) -> None:
        self.book = TriggerBook(DISTANCE_M, WINDOW_M)
        self.now_ns = 0
        self.belt_m = 0.0        # what the belt really did
        self.encoder_zero_m = 0.0
        self.parts: dict[str, float] = {}
        self.stamps_ns: dict[str, int] = {}
        self.words: dict[str, list[Decision]] = {}
        self.told: Counter[str] = Counter()
        self.opened: set[str] = set()
        self.barred: set[str] = set()   # had another word before they reached the gate

    def hear(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.told[outcome.part_id] += 1
            if outcome.passed:
                assert outcome.part_id in self.opened
                assert Decision.PASS in self.words[outcome.part_id]

    def tick(self, way_m: float) -> None:
        self.now_ns += TICK_NS
        self.belt_m += way_m
        self.hear(self.book.encoder(self.now_ns, self.belt_m - self.encoder_zero_m))
        self.watch()

    def watch(self) -> None:
        for part_id, position_m in self.parts.items():
            inside = abs(self.belt_m - position_m - DISTANCE_M) < WINDOW_M - 1e-6
            if inside and self.book.passing:
                self.opened.add(part_id)
                assert Decision.PASS in self.words.get(part_id, [])
                assert part_id not in self.barred

    def run(self, way_m: float) -> None:
        for _ in range(10):
            self.tick(way_m / 10)

    def part(self, decision: Decision | None) -> None:
        part_id = f'part-{len(self.parts)}'
        self.parts[part_id], self.stamps_ns[part_id] = self.belt_m, self.now_ns
        self.hear(self.book.trigger(part_id, self.now_ns))
        if decision is not None:
            self.verdict(0, decision)

    def verdict(self, back: int, decision: Decision) -> None:
        part_id = f'part-{len(self.parts) - 1 - back}'
        self.words.setdefault(part_id, []).append(decision)
        self.book.verdict(part_id, decision)
        entry_m = self.parts.get(part_id, -math.inf) + DISTANCE_M - WINDOW_M
        if decision is not Decision.PASS and self.belt_m < entry_m - 1e-6:
            self.barred.add(part_id)

    def trigger_again(self, back: int) -> None:
        part_id = f'part-{len(self.parts) - 1 - back}'
        if part_id in self.parts:
            self.hear(self.book.trigger(part_id, self.stamps_ns[part_id]))

    def silence(self, way_m: float) -> None:
        self.hear(self.book.encoder_silent())
        assert not self.book.passing
        self.belt_m += way_m

    def reset(self) -> None:
        if self.belt_m - self.encoder_zero_m > 2 * WINDOW_M:
            self.encoder_zero_m = self.belt_m
            self.tick(0.0)

    def bad(self) -> None:
        self.hear(self.book.encoder(self.now_ns, math.nan))
        assert not self.book.passing


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.integers(0, 2 ** 32))
def test_any_order_of_events_gives_each_trigger_one_outcome(seed: int) -> None:
    witness = Witness()
    for name, *arguments in draw_operations(Random(seed)):
        getattr(witness, name)(*arguments)
        counts = witness.book.counts
        assert counts['triggers'] == counts['outcomes'] + witness.book.pending
    event(f'parts that passed: {min(3, len(witness.opened))}')
    # Carry everything past the gate: nothing may stay without an outcome.
    for _ in range(20):
        witness.tick(0.1)
    assert witness.told == Counter(dict.fromkeys(witness.parts, 1))
    assert witness.book.pending == 0
