# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node with which the demo watches the line: score, last verdict, pictures of rejects."""

from collections import OrderedDict
from collections.abc import Callable
import json
from pathlib import Path
import threading
import time
from types import TracebackType
from typing import Any

import cv2
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

from ant_ros.inspection import Decision
from ant_ros.nodes.image_conversion import array_from_image
from ant_ros.nodes.running import SupervisedExecutor
from ant_ros.nodes.verdict_message import from_message

__all__ = ['DemoObserver']

_READY_TIMEOUT_S = 180.0
_LOOK_S = 0.05
_AWAITED = ('inspector/verdict', 'reject_gate/outcome', 'scorekeeper/score')
_KEPT = 64
"""Pictures whose other half has not come yet; the oldest is forgotten first."""


class DemoObserver:
    """Watch the line from a thread of its own.

    Args:
        pictures: folder for a picture of every part that does not pass.
    """

    def __init__(self, pictures: Path):
        self._pictures = pictures
        self._score: dict[str, Any] = {}
        self._halves: OrderedDict[tuple[int, int], dict[str, Any]] = OrderedDict()
        self._given_up: dict[str, int] = {}
        self.verdicts = 0
        self.last_verdict = ''

    def __enter__(self) -> 'DemoObserver':
        self._pictures.mkdir(parents=True, exist_ok=True)
        # Ctrl-C is ours: the line's processes must be stopped first.
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node('demo_observer')
        latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        subscribe = self._node.create_subscription
        subscribe(DiagnosticArray, 'scorekeeper/score', self._on_score, latched)
        subscribe(DiagnosticArray, 'inspector/verdict', self._on_verdict, 100)
        subscribe(DiagnosticArray, '/diagnostics', self._on_diagnostics, 100)
        subscribe(Image, 'inspector/overlay', self._on_overlay, 10)
        subscribe(Image, 'inspector/anomaly_map', self._on_map, 10)
        self._executor = SupervisedExecutor()
        self._executor.add_node(self._node)
        self._thread = threading.Thread(target=self._spin, name='observer', daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._executor.shutdown(timeout_sec=1.0)
        self._thread.join(timeout=1.0)
        self._node.destroy_node()
        rclpy.try_shutdown()

    def score(self) -> dict[str, Any]:
        """Return the latest score; empty before the first."""
        return self._score

    def waits_given_up(self) -> int:
        """Return how often the line went on without an answer that it had waited for."""
        return sum(self._given_up.values())

    def wait_until_ready(self, check: Callable[[], None]) -> None:
        """Wait until the nodes that must not miss the first part are there.

        Args:
            check: called meanwhile; raises when a process has died.

        Raises:
            TimeoutError: one of them does not come up.
        """
        deadline = time.monotonic() + _READY_TIMEOUT_S
        missing = list(_AWAITED)
        while missing and time.monotonic() < deadline:
            check()
            missing = [topic for topic in missing if not self._node.count_publishers(topic)]
            time.sleep(_LOOK_S)
        if missing:
            raise TimeoutError(f'nobody publishes {", ".join(missing)}')

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return

    def _on_score(self, message: DiagnosticArray) -> None:
        self._score = {entry.key: json.loads(entry.value) for entry in message.status[0].values}

    def _on_verdict(self, message: DiagnosticArray) -> None:
        told = from_message(message)
        self.verdicts += 1
        self.last_verdict = f'{told.part_id}: {told.decision.value}: {told.reason}'
        if told.decision in (Decision.REVIEW, Decision.REJECT):
            self._add_half(message, 'name', f'{told.part_id}-{told.decision.value}')

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.hardware_id == 'line_simulator':
                self._given_up.update({entry.key: int(entry.value) for entry in status.values
                                       if entry.key.endswith('_timeouts')})

    def _on_overlay(self, message: Image) -> None:
        self._add_half(message, 'overlay', array_from_image(message))

    def _on_map(self, message: Image) -> None:
        self._add_half(message, 'map', array_from_image(message))

    def _add_half(self, message: Any, what: str, half: Any) -> None:
        """Keep a piece of a picture; write the picture when it is complete."""
        key = (message.header.stamp.sec, message.header.stamp.nanosec)
        pieces = self._halves.setdefault(key, {})
        pieces[what] = half
        if len(pieces) == 3:
            picture = _side_by_side(pieces['overlay'], _heat(pieces['map']))
            cv2.imwrite(str(self._pictures / f'{pieces["name"]}.png'), picture[..., ::-1])
            del self._halves[key]
        elif len(self._halves) > _KEPT:
            self._halves.popitem(last=False)


def _side_by_side(overlay: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Put the anomaly map [H, W, 3] at the right of the overlay, as wide as that."""
    scale = overlay.shape[1] / heat.shape[1]
    heat = cv2.resize(heat, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    missing = overlay.shape[0] - heat.shape[0]
    return np.hstack([overlay, np.pad(heat, ((max(missing, 0), 0), (0, 0), (0, 0)))[
        :overlay.shape[0]]])


def _heat(anomaly_map: np.ndarray) -> np.ndarray:
    """Colour an anomaly map [H, W]; 1, what a good part is expected to reach, is a third up."""
    levels = np.clip(anomaly_map * 85.0, 0, 255).astype(np.uint8)
    return cv2.applyColorMap(levels, cv2.COLORMAP_TURBO)[..., ::-1]
