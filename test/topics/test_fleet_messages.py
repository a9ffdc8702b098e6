# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is refused of what robots tell each other is told, and what comes too early is kept."""

from array import array
from collections.abc import Callable
from pathlib import Path
import shutil
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
import pytest
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from std_msgs.msg import UInt8MultiArray

from ant_ros.inspection.learning import LabelState
from ant_ros.inspection.ledger import LedgerReader
from ant_ros.inspection.online import ledger_path
from ant_ros.inspection.online import OnlineInspector
from ant_ros.nodes import fleet
from ant_ros.nodes.hearsay import MOST_BYTES


@pytest.fixture(scope='module')
def taught(tmp_path_factory: Any, draw_plate: Callable[..., np.ndarray]) -> Path:
    """Return a folder with two recipes that can learn."""
    folder = tmp_path_factory.mktemp('taught')
    for name, first in (('plate', 0), ('other', 50)):
        OnlineInspector.teach([draw_plate(seed) for seed in range(first, first + 8)], name=name,
                              backbone='sampled').save(folder / name)
    return folder


@pytest.fixture
def recipes(taught: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(taught, tmp_path / 'recipes'))


@pytest.fixture
def say(ros: Any) -> Callable[[bytes], None]:
    """Say something to the fleet."""
    publishers = []

    def say(message: bytes) -> None:
        if not publishers:
            publishers.append(ros.publisher(UInt8MultiArray, 'learned', QoSProfile(
                depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)))
        publishers[0].publish(UInt8MultiArray(data=array('B', message)))
    return say


@pytest.fixture
def line(inspector_line: Any, recipes: Path) -> Any:
    return inspector_line(OnlineInspector, recipe=str(recipes / 'plate'), robot='me').start()


def told_by(recipe: Path, draw_plate: Callable[..., np.ndarray], robot: str = 'you') -> bytes:
    """Return what another robot tells that was told of a spot."""
    inspector = OnlineInspector.load(recipe, robot=robot)
    inspector.inspect(draw_plate(100, 'spot'), 'a')
    assert inspector.label('a', 'spot', create=True).state is LabelState.APPLIED
    return inspector.export()


def refusals(recipe: Path) -> list[str]:
    """Return why something was refused, by the ledger."""
    with LedgerReader(ledger_path(recipe)) as reader:
        return [change.why for change in reader.changes() if change.refused]


@pytest.mark.parametrize(('message', 'why'), [
    (b'noise', 'these 5 bytes are no fleet state'),
    (bytes(MOST_BYTES + 1), f'at most {MOST_BYTES} are expected')], ids=['noise', 'too large'])
def test_what_is_refused_is_told_and_in_the_ledger(
        line: Any, recipes: Path, say: Callable[[bytes], None], message: bytes, why: str) -> None:
    say(message)
    values = line.wait_for_health('learning', DiagnosticStatus.WARN, why)
    assert values['fleet_messages_refused'] == '1'
    assert any(why in reason for reason in refusals(recipes / 'plate'))


def test_what_was_said_of_a_recipe_is_learned_when_it_is_in_use(
        line: Any, ros: Any, recipes: Path, say: Callable[[bytes], None],
        draw_plate: Callable[..., np.ndarray]) -> None:
    say(told_by(recipes / 'other', draw_plate))
    line.wait_for_health('learning', DiagnosticStatus.WARN, 'only robots that share')
    assert any('only robots that share' in why for why in refusals(recipes / 'plate'))
    say(told_by(recipes / 'plate', draw_plate, 'third'))
    ros.wait_for(lambda: line.node.learning.figures.classes == ('spot',), what='the class')

    ros.call_in_executor(lambda: line.node.set_parameters(
        [Parameter('recipe', value=str(recipes / 'other'))]))

    ros.wait_for(lambda: line.node.judge.inspector.name == 'other'
                 and line.node.judge.inspector.learner.classes == ('spot',),
                 what='the class there')
    line.wait_for_health('learning', DiagnosticStatus.OK, '0 labels learned')


def test_more_than_others_take_is_not_sent(
        inspector_line: Any, ros: Any, recipes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = ros.record(UInt8MultiArray, 'learned', QoSProfile(
        depth=9, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    with monkeypatch.context() as patch:
        patch.setattr(fleet, 'MOST_BYTES', 1000)
        line = inspector_line(
            OnlineInspector, recipe=str(recipes / 'plate'), robot='me').start()
        line.wait_for_health('learning', DiagnosticStatus.WARN, 'the fleet is told nothing')
    assert any('others take at most 1000' in why for why in refusals(recipes / 'plate'))
    assert not len(told)

    ros.call_in_executor(lambda: line.node.set_parameters(
        [Parameter('recipe', value=str(recipes / 'other'))]))

    ros.wait_for(lambda: len(told) == 1, what='what may be told')
    line.wait_for_health('learning', DiagnosticStatus.OK, '0 labels learned')
