# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run nodes as processes of their own where no ROS launch is at hand."""

from collections.abc import Mapping
from collections.abc import Sequence
import ctypes
import os
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import TracebackType

from ant_ros.share import share_directory

__all__ = ['NodeProcesses', 'ProcessDied', 'isolate_domain', 'large_image_profile']

_PORT_OF_DOMAIN_0 = 32768
_PR_SET_PDEATHSIG = 1
_STOP_TIMEOUT_S = 1.5
_SHARED_MEMORY = '/dev/shm'
_LEAST_FREE = 0.25


class ProcessDied(RuntimeError):
    """A node's process ended before it was told to."""


def isolate_domain() -> socket.socket | None:
    """Choose a ROS domain that is free on this machine, for this process and its children.

    A domain that the user has set is kept. Discovery stays on this machine.

    Returns:
        The socket whose port reserves the domain (the convention of ROS's domain_coordinator):
        keep it open while the domain is in use. None when the user's domain is kept.

    Raises:
        RuntimeError: all domains are taken.
    """
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    if 'ROS_DOMAIN_ID' in os.environ:
        return None
    for domain in range(1, 101):
        reservation = socket.socket()
        try:
            reservation.bind(('127.0.0.1', _PORT_OF_DOMAIN_0 + domain))
        except OSError:
            reservation.close()
            continue
        os.environ['ROS_DOMAIN_ID'] = str(domain)
        return reservation
    raise RuntimeError('ROS domains 1 to 100 are all in use on this machine: set ROS_DOMAIN_ID')


def large_image_profile() -> dict[str, str]:
    """Return the environment of a process that publishes images.

    Fast DDS's shared-memory segment is smaller than a 640x480 frame by default and then loses up
    to a fifth of them; the profile makes it 32 MB. A profile that the user has set is kept.
    """
    name = 'FASTRTPS_DEFAULT_PROFILES_FILE'
    return {name: os.environ.get(name, str(share_directory() / 'launch' / 'large_images.xml'))}


def _die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends, however that happens."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class NodeProcesses:
    """Nodes of this package, each in a process of its own; all are stopped on exit.

    They are shielded from the terminal's Ctrl-C, so that this process decides on their order, and
    they end with this process even if it is killed.

    Args:
        log_folder: each node writes its output to NODE.log there.
    """

    def __init__(self, log_folder: Path):
        self._log_folder = log_folder
        self._processes: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> 'NodeProcesses':
        self._log_folder.mkdir(parents=True, exist_ok=True)
        _clean_shared_memory()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()

    def start(self, node: str, ros_args: Sequence[str] = (),
              environment: Mapping[str, str] | None = None,
              module: str | None = None) -> int:
        """Start `ant_ros.nodes.NODE` (or another module) and return its process ID."""
        command = [sys.executable, '-m', module or f'ant_ros.nodes.{node}']
        if ros_args:
            command += ['--ros-args', *ros_args]
        with (self._log_folder / f'{node}.log').open('wb') as log:
            self._processes[node] = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})}, start_new_session=True,
                preexec_fn=_die_with_parent)
        return self._processes[node].pid

    def pid(self, node: str) -> int:
        """Return the process ID of a node."""
        return self._processes[node].pid

    def check(self) -> None:
        """Raise ProcessDied, with the node's last words, if one has ended."""
        for node, process in self._processes.items():
            code = process.poll()
            if code is not None:
                raise ProcessDied(
                    f'{node} ended with exit code {code}; its last words:\n{self._tail(node)}')

    def stop(self) -> None:
        """Stop all nodes: ask politely, wait, then insist."""
        running = [process for process in self._processes.values() if process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _tail(self, node: str) -> str:
        lines = (self._log_folder / f'{node}.log').read_text(errors='replace').splitlines()
        return '\n'.join(lines[-15:]) or '(none)'


def _clean_shared_memory() -> None:
    """Remove shared-memory segments that killed processes left behind, when they get in the way.

    Not at every start: a segment that somebody else is just making looks like a dead one.
    """
    usage = shutil.disk_usage(_SHARED_MEMORY)
    command = shutil.which('fastdds', path=str(Path(sys.executable).parent)) \
        or shutil.which('fastdds')
    if command and usage.free < _LEAST_FREE * usage.total:
        subprocess.run([command, 'shm', 'clean'], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=30, check=False)
