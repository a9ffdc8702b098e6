# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Which nodes a launch file starts again."""

from typing import Any

__all__ = ['unless_refused']

_EXIT_USAGE = 2


def unless_refused(event: Any, context: Any) -> Any:
    """Let a process that refused its parameters stay down: the next start would end alike.

    For `on_exit` of a launch action with `respawn`.

    Args:
        event: launch's ProcessExited.
        context: of the launch; not used.
    """
    if event.returncode != _EXIT_USAGE:
        return None
    from launch.actions import EmitEvent
    from launch.actions import LogInfo
    from launch.events import matches_action
    from launch.events.process import ShutdownProcess
    return [LogInfo(msg=f'{event.process_name} refused its parameters (above): it stays down'),
            EmitEvent(event=ShutdownProcess(process_matcher=matches_action(event.action)))]
