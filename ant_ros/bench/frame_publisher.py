# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The light process of the latency benchmark: publish prepared frames, time the verdicts."""

from dataclasses import asdict
from dataclasses import dataclass
import json
import os
from pathlib import Path
import threading
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Image
from sensor_msgs.msg import TimeReference

from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.verdict_message import from_message

__all__ = ['Plan']

_WARM_UP_FRAMES = 30
_LAST_VERDICTS_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Plan:
    """What to publish, and where the result goes."""

    frames: Path
    result: Path
    rate_hz: float
    seconds: float

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), default=str))

    @classmethod
    def read(cls, path: Path) -> 'Plan':
        values = json.loads(path.read_text())
        return cls(Path(values['frames']), Path(values['result']), values['rate_hz'],
                   values['seconds'])


class FramePublisher:
    """Publish frames with their photo-eye triggers and note when each verdict comes back."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self._frames = np.load(plan.frames)
        self._node = rclpy.create_node('frame_publisher')
        self._images = self._node.create_publisher(Image, 'camera/image_raw', 10)
        self._parts = self._node.create_publisher(TimeReference, 'part', 10)
        self._published: dict[str, float] = {}
        self._verdicts: dict[str, tuple[float, Any]] = {}
        self._lost: dict[str, int] = {}
        self._node.create_subscription(
            DiagnosticArray, 'inspector/verdict', self._on_verdict, 100)
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._on_health, 10)
        executor = SingleThreadedExecutor()
        executor.add_node(self._node)
        threading.Thread(target=executor.spin, daemon=True).start()

    def run(self) -> None:
        """Publish everything, wait for the last verdicts, write the result."""
        while not (self._images.get_subscription_count() and self._parts.get_subscription_count()):
            time.sleep(0.05)
        count = _WARM_UP_FRAMES + round(self._plan.rate_hz * self._plan.seconds)
        start = time.monotonic()
        for index in range(count):
            time.sleep(max(0.0, start + index / self._plan.rate_hz - time.monotonic()))
            self._publish(index)
        deadline = time.monotonic() + _LAST_VERDICTS_TIMEOUT_S
        while len(self._verdicts) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1.5)  # one more report of the inspector's health, which comes once a second
        self._write(count)

    def _publish(self, index: int) -> None:
        message = fill_image(Image(), self._frames[index % len(self._frames)], 'rgb8')
        message.header.stamp = self._node.get_clock().now().to_msg()
        message.header.frame_id = 'camera'
        name = f'part-{index:06d}'
        part = TimeReference(header=message.header, source=name)
        self._published[name] = time.monotonic()
        self._parts.publish(part)
        self._images.publish(message)

    def _on_verdict(self, message: DiagnosticArray) -> None:
        now = time.monotonic()
        record = from_message(message)
        self._verdicts[record.part_id] = (now, record)

    def _on_health(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith('inspector: input'):
                self._lost = {entry.key: int(entry.value) for entry in status.values
                              if entry.key.startswith('lost_')}

    def _write(self, count: int) -> None:
        timed = [name for name in list(self._published)[_WARM_UP_FRAMES:]
                 if name in self._verdicts]
        records = [record for record in (self._verdicts[name][1] for name in timed)
                   if not record.cause]
        result = {
            'latency_s': [self._verdicts[name][0] - self._published[name] for name in timed],
            'inside_s': [record.latency_ms / 1e3 for record in records],
            'compute_s': [record.compute_ms / 1e3 for record in records],
            'published': count, 'verdicts': len(self._verdicts),
            'uninspected': {name: record.cause for name, (_, record) in self._verdicts.items()
                            if record.decision.value == 'uninspected'},
            'lost': self._lost,
        }
        part_written = self._plan.result.with_suffix('.part')
        part_written.write_text(json.dumps(result))
        part_written.rename(self._plan.result)


if __name__ == '__main__':
    rclpy.init()
    FramePublisher(Plan.read(Path(os.environ['ANT_ROS_BENCH_PLAN']))).run()
    threading.Event().wait()
