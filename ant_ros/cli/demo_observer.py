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
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy
from rclpy.qos import QoSProfile
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image
from std_srvs.srv import SetBool

from ant_ros.inspection import Decision
from ant_ros.nodes.image_conversion import to_array

__all__ = ['DemoObserver']

_READY_TIMEOUT_S = 60.0
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
        subscribe(Image, 'inspector/overlay', self._on_overlay, 10)
        subscribe(Image, 'inspector/anomaly_map', self._on_map, 10)
        self._teach = self._node.create_client(SetBool, 'inspector/teach')
        self._executor = SingleThreadedExecutor()
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

    def wait_until_ready(self, check: Callable[[], None]) -> None:
        """Wait for the inspector and ask it to learn from the first parts.

        Args:
            check: called meanwhile; raises when a process has died.

        Raises:
            TimeoutError: the inspector does not answer, or refuses to be taught.
        """
        deadline = time.monotonic() + _READY_TIMEOUT_S
        answer = 'no answer'
        while time.monotonic() < deadline:
            check()
            if self._teach.wait_for_service(timeout_sec=0.2):
                future = self._teach.call_async(SetBool.Request(data=True))
                done = threading.Event()
                future.add_done_callback(lambda _, done=done: done.set())
                if done.wait(5.0):
                    if future.result().success:
                        return
                    answer = future.result().message
        raise TimeoutError(f'the inspector is not ready to be taught: {answer}')

    def _spin(self) -> None:
        try:
            self._executor.spin()
        except ExternalShutdownException:
            return

    def _on_score(self, message: DiagnosticArray) -> None:
        self._score = {entry.key: _value(entry.value) for entry in message.status[0].values}

    def _on_verdict(self, message: DiagnosticArray) -> None:
        status = message.status[0]
        values = {entry.key: entry.value for entry in status.values}
        self.verdicts += 1
        self.last_verdict = f'{status.hardware_id}: {values["decision"]}: {status.message}'
        if values['decision'] in (Decision.REVIEW.value, Decision.REJECT.value):
            self._add_half(message, 'name', f'{status.hardware_id}-{values["decision"]}')

    def _on_overlay(self, message: Image) -> None:
        self._add_half(message, 'overlay', to_array(message))

    def _on_map(self, message: Image) -> None:
        self._add_half(message, 'map', to_array(message))

    def _add_half(self, message: Any, what: str, half: Any) -> None:
        """Keep a piece of a picture; write the picture when it is complete."""
        key = (message.header.stamp.sec, message.header.stamp.nanosec)
        pieces = self._halves.setdefault(key, {})
        pieces[what] = half
        if len(pieces) == 3:
            picture = np.hstack([pieces['overlay'], _heat(pieces['map'])])
            cv2.imwrite(str(self._pictures / f'{pieces["name"]}.png'), picture[..., ::-1])
            del self._halves[key]
        elif len(self._halves) > _KEPT:
            self._halves.popitem(last=False)


def _heat(anomaly_map: np.ndarray) -> np.ndarray:
    """Colour an anomaly map [H, W]; 1, what a good part is expected to reach, is a third up."""
    levels = np.clip(anomaly_map * 85.0, 0, 255).astype(np.uint8)
    return cv2.applyColorMap(levels, cv2.COLORMAP_TURBO)[..., ::-1]


def _value(text: str) -> Any:
    """Read a value of the score: a number, a JSON object, or a word."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
