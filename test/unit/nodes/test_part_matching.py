# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A part gets the image that is nearest to its trigger, never that of its neighbour."""

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from ant_ros.nodes.part_matching import PartMatcher
from ant_ros.nodes.pending_part import Frame
from ant_ros.nodes.pending_part import PendingPart

MS = 10 ** 6


def _matcher(tolerance_ms: int = 50, offset_ms: int = 0, keep: int = 10) -> PartMatcher:
    return PartMatcher(tolerance_ns=tolerance_ms * MS, offset_ns=offset_ms * MS, keep_frames=keep)


def _part(ms: int) -> PendingPart:
    return PendingPart(f'part-{ms}', ms * MS, 0.0)


def _frame(ms: int) -> Frame:
    return Frame(message=None, stamp_ns=ms * MS, received_s=0.0)


def _matched(parts) -> dict[str, int]:
    return {part.part_id: part.frame.stamp_ns // MS for part in parts}


def test_image_at_or_after_the_trigger_settles_it_at_once() -> None:
    for ms in (1000, 1030):
        matcher = _matcher()
        matcher.add_part(_part(1000))
        matcher.add_frame(_frame(ms))
        assert _matched(matcher.settle()) == {'part-1000': ms}
        assert matcher.waiting == ()


def test_image_from_before_waits_for_a_nearer_one() -> None:
    matcher = _matcher()
    matcher.add_part(_part(1000))
    matcher.add_frame(_frame(980))
    assert matcher.settle() == []
    matcher.add_frame(_frame(1013))
    assert _matched(matcher.settle()) == {'part-1000': 1013}


def test_image_from_before_is_taken_when_giving_up() -> None:
    matcher = _matcher()
    part = _part(1000)
    matcher.add_part(part)
    matcher.add_frame(_frame(980))
    assert matcher.give_up(part)
    assert part.frame is not None and part.frame.stamp_ns == 980 * MS


def test_trigger_that_comes_after_its_image() -> None:
    matcher = _matcher()
    for ms in (940, 973, 1006, 1039):
        matcher.add_frame(_frame(ms))
    matcher.add_part(_part(1000))
    assert _matched(matcher.settle()) == {'part-1000': 1006}


def test_offset_of_the_camera_is_added() -> None:
    matcher = _matcher(tolerance_ms=5, offset_ms=100)
    matcher.add_part(_part(1000))
    matcher.add_frame(_frame(1000))
    assert matcher.settle() == []
    matcher.add_frame(_frame(1102))
    assert _matched(matcher.settle()) == {'part-1000': 1102}


def test_image_beyond_the_tolerance_is_not_taken() -> None:
    matcher = _matcher(tolerance_ms=20)
    part = _part(1000)
    matcher.add_part(part)
    matcher.add_frame(_frame(1021))
    assert matcher.settle() == []
    assert not matcher.give_up(part)
    assert part.frame is None


def test_lost_image_is_not_made_up_for_by_the_next_parts() -> None:
    matcher = _matcher(tolerance_ms=200)
    first, second = _part(1000), _part(1100)
    matcher.add_part(first)
    matcher.add_part(second)
    matcher.add_frame(_frame(1095))
    assert matcher.settle() == []
    matcher.add_frame(_frame(1300))
    assert _matched(matcher.settle()) == {'part-1100': 1095}
    assert not matcher.give_up(first)


def test_late_image_of_a_part_given_up_is_not_taken_by_the_next() -> None:
    matcher = _matcher(tolerance_ms=200)
    first, second = _part(1000), _part(1100)
    matcher.add_part(first)
    assert not matcher.give_up(first)
    matcher.add_part(second)
    matcher.add_frame(_frame(1005))
    assert not matcher.give_up(second)


def test_images_beyond_the_buffer_are_counted() -> None:
    matcher = _matcher(keep=3)
    assert [matcher.add_frame(_frame(ms)) for ms in (10, 20, 30, 40, 50)] == [0, 0, 0, 1, 1]
    assert matcher.clear() == ([], 3)


def test_triggers_that_jump_back_give_up_what_waits() -> None:
    matcher = _matcher()
    waiting, after = _part(50_000), _part(100)
    assert matcher.add_part(waiting) == []
    assert matcher.add_part(after) == [waiting]
    matcher.add_frame(_frame(100))
    assert _matched(matcher.settle()) == {'part-100': 100}


def test_images_that_jump_back_drop_those_from_before() -> None:
    matcher = _matcher()
    assert matcher.add_frame(_frame(50_000)) == 0
    assert matcher.add_frame(_frame(100)) == 1
    matcher.add_part(_part(100))
    assert _matched(matcher.settle()) == {'part-100': 100}


def test_small_step_back_is_no_jump() -> None:
    matcher = _matcher()
    assert matcher.add_part(_part(2000)) == []
    assert matcher.add_part(_part(1500)) == []
    matcher.add_frame(_frame(2000))
    matcher.add_frame(_frame(1500))
    assert len(matcher.settle()) == 2


@settings(deadline=None)
@given(order=st.permutations([(kind, number) for kind in 'pf' for number in range(6)]),
       lost=st.sets(st.integers(0, 5)),
       jitter=st.lists(st.integers(0, 40), min_size=6, max_size=6))
def test_whatever_the_order_no_part_gets_anothers_image(order, lost, jitter) -> None:
    """Parts come every 300 ms, images up to 40 ms after; some images are lost."""
    matcher = _matcher(tolerance_ms=50, keep=20)
    matched = {}
    for kind, number in order:
        if kind == 'p':
            matcher.add_part(_part(1000 + 300 * number))
        elif number not in lost:
            matcher.add_frame(_frame(1000 + 300 * number + jitter[number]))
        matched.update(_matched(matcher.settle()))
    for part in matcher.waiting:
        if matcher.give_up(part):
            matched.update(_matched([part]))
    # An order with jumps of more than a second back may give parts up, but never mix them up.
    for part_id, frame_ms in matched.items():
        number = (int(part_id.removeprefix('part-')) - 1000) // 300
        assert frame_ms == 1000 + 300 * number + jitter[number]
        assert number not in lost
