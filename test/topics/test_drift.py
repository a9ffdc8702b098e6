# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node tells when parts that pass no longer look as they did."""

from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
import pytest

from ant_ros.inspection.online import drift_monitor


@pytest.mark.parametrize('watched', [True, False])
def test_drift_is_told_where_it_is_watched(
        inspector_line: Any, fake_recipe: Any, monkeypatch: pytest.MonkeyPatch,
        watched: bool) -> None:
    init = drift_monitor.DriftMonitor.__init__
    monkeypatch.setattr(drift_monitor.DriftMonitor, '__init__',
                        lambda self, **more: init(self, usual=4, **more))
    line = inspector_line(recipe=str(fake_recipe), drift_monitor=watched).start()
    for number in range(1, 25):
        line.trigger(f'{number}', float(number))
        line.show(float(number), 10 + number % 3 if number < 9 else 60)
        line.wait_for_verdicts(number)

    if watched:
        line.wait_for_health('learning', DiagnosticStatus.WARN, 'calibration may no longer hold')
    else:
        assert line.node.learning.drift == ''
