# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""An outcome survives the way through a message; what is damaged is refused."""

from dataclasses import replace

from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from ant_ros.nodes import outcome_message
from ant_ros.nodes.outcome_message import OutcomeMessageError
from ant_ros.nodes.trigger_book import Outcome

OUTCOME = Outcome('part-000001', 1_500_000_000, 'review', 'The verdict is review')


@pytest.mark.parametrize('cause', outcome_message.CAUSES)
def test_outcome_survives(cause: str) -> None:
    outcome = replace(OUTCOME, cause=cause)
    message = outcome_message.to_message(outcome, 'gate_3')
    assert outcome_message.from_message(message) == outcome
    assert message.status[0].name == 'gate_3'
    assert (message.status[0].level == DiagnosticStatus.OK) is (cause == 'pass')


@pytest.mark.parametrize(('key', 'value'), [
    ('outcome', 'pass'), ('outcome', ''), ('cause', 'pass'), ('cause', 'boredom')])
def test_damaged_outcome_is_refused(key: str, value: str) -> None:
    message = outcome_message.to_message(OUTCOME, 'gate')
    next(entry for entry in message.status[0].values if entry.key == key).value = value
    with pytest.raises(OutcomeMessageError, match='part-000001'):
        outcome_message.from_message(message)


def test_outcome_whose_level_says_otherwise_is_refused() -> None:
    message = outcome_message.to_message(OUTCOME, 'gate')
    message.status[0].level = DiagnosticStatus.OK
    with pytest.raises(OutcomeMessageError, match='level'):
        outcome_message.from_message(message)


@pytest.mark.parametrize('statuses', [0, 2])
def test_message_has_one_status(statuses: int) -> None:
    message = outcome_message.to_message(OUTCOME, 'gate')
    message.status = list(message.status) * statuses
    with pytest.raises(OutcomeMessageError, match=f'has {statuses}'):
        outcome_message.from_message(message)
