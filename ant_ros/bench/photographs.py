# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Photographs played by image_folder_camera to the inspector: one verdict each, and confusion."""

from collections import Counter
from pathlib import Path
import tempfile
import threading
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
import rclpy  # the ROS wheels restart Python once on this import: no work before it
from rclpy.executors import SingleThreadedExecutor
from rich.console import Console

from ant_ros.bench import BenchError
from ant_ros.bench.confusion import confusion_table
from ant_ros.bench.confusion import GOOD
from ant_ros.inspection import Inspector
from ant_ros.inspection import list_images
from ant_ros.inspection import read_image
from ant_ros.nodes.processes import isolate_domain
from ant_ros.nodes.processes import large_image_profile
from ant_ros.nodes.processes import NodeProcesses
from ant_ros.nodes.verdict_message import from_message
from ant_ros.nodes.verdict_message import PartVerdict

__all__ = ['measure']

_SILENT_S = 30.0


def measure(*, data: Path | None = None, quick: bool = False) -> dict[str, Any]:
    """Teach on DATA/train/good, play DATA/test over topics, and compare verdicts with folders.

    Raises:
        BenchError: no data folder, or one without train/good and test.
    """
    if data is None or not (data / 'train' / GOOD).is_dir() or not (data / 'test').is_dir():
        raise BenchError(f'photographs needs --data DIR with train/good and test/…, not {data}')
    console = Console()
    images = list_images(data / 'test')
    reservation = isolate_domain()
    try:
        with tempfile.TemporaryDirectory() as folder, \
                NodeProcesses(Path(folder) / 'log') as processes:
            good = [read_image(path) for path in list_images(data / 'train' / GOOD)]
            started = time.perf_counter()
            Inspector.teach(good[:10] if quick else good, name=data.name).save(
                Path(folder) / 'recipe')
            teach_seconds = time.perf_counter() - started
            console.print(f'taught in {teach_seconds:.1f} s; playing {len(images)} photographs …')
            verdicts = _play(processes, Path(folder) / 'recipe', data / 'test', len(images))
    finally:
        if reservation:
            reservation.close()
    counts = Counter((Path(part).parent.name, record.decision.value)
                     for part, record in verdicts.items())
    console.print(confusion_table(counts))
    console.print(f'{len(verdicts)} verdicts on {len(images)} photographs')
    return {'images': len(images), 'verdicts': len(verdicts), 'teach_seconds': teach_seconds,
            'confusion': {f'{truth}: {decision}': count
                          for (truth, decision), count in sorted(counts.items())}}


def _play(processes: NodeProcesses, recipe: Path, folder: Path,
          count: int) -> dict[str, PartVerdict]:
    """Run camera and inspector until every photograph has its verdict, or silence."""
    verdicts: dict[str, PartVerdict] = {}

    def note(message: DiagnosticArray) -> None:
        record = from_message(message)
        if record.part_id in verdicts:
            raise RuntimeError(f'two verdicts for {record.part_id}')
        verdicts[record.part_id] = record

    rclpy.init()
    node = rclpy.create_node('photograph_bench')
    node.create_subscription(DiagnosticArray, 'inspector/verdict', note, 100)
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    threading.Thread(target=executor.spin, daemon=True).start()
    processes.start('inspector', [
        '-p', f'recipe:={recipe}', '-p', 'autostart:=true', '-p', 'trigger:=topic',
        '-p', 'frame_policy:=every', '-r', 'image:=camera/image_raw'])
    while node.count_publishers('inspector/verdict') == 0:
        processes.check()
        time.sleep(0.05)
    processes.start('image_folder_camera', [
        '-p', f'path:={folder}', '-p', 'pace:=verdict', '-r', 'verdict:=inspector/verdict'],
        large_image_profile())
    heard, seen = time.monotonic(), 0
    while len(verdicts) < count and time.monotonic() - heard < _SILENT_S:
        processes.check()
        if len(verdicts) != seen:
            heard, seen = time.monotonic(), len(verdicts)
        time.sleep(0.05)
    executor.shutdown(timeout_sec=1.0)
    rclpy.try_shutdown()
    return dict(verdicts)
