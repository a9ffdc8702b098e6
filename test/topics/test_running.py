# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""A node process survives its callbacks and ends cleanly."""

import signal
import subprocess
import sys
import textwrap
import time

import pytest
from std_msgs.msg import String

from ant_ros.nodes.running import SupervisedExecutor

PROGRAM = textwrap.dedent("""
    import sys
    from rclpy.node import Node
    from std_msgs.msg import String
    from ant_ros.nodes.parameters import Parameter, Parameters
    from ant_ros.nodes.running import run

    class Echo(Node):
        def __init__(self):
            super().__init__('echo')
            Parameters(self, (Parameter('rate', 1.0, 'a rate', minimum=0.5, maximum=2.0),))
            self.out = self.create_publisher(String, 'out', 10)
            self.create_subscription(String, 'in', self.on_message, 10)

        def on_message(self, message):
            if message.data == 'raise':
                raise RuntimeError('on purpose')
            self.out.publish(message)

        def close(self):
            self.out.publish(String(data='last words'))

    sys.exit(run(Echo, sys.argv))
""")


def _start(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, '-c', PROGRAM, *arguments], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _wait_for_echo(ros, publisher, echoed) -> None:
    def heard() -> bool:
        publisher.publish(String(data='alive'))
        return len(echoed) > 0
    ros.wait_for(heard)


def test_raising_callback_is_logged_and_the_node_goes_on(ros) -> None:
    process = _start()
    try:
        publisher = ros.publisher(String, 'in')
        echoed = ros.record(String, 'out')
        publisher.publish(String(data='raise'))
        _wait_for_echo(ros, publisher, echoed)
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 0
    assert 'RuntimeError: on purpose' in log


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_after_last_words(ros, number: signal.Signals, prompt_s: float) -> None:
    process = _start()
    try:
        echoed = ros.record(String, 'out')
        _wait_for_echo(ros, ros.publisher(String, 'in'), echoed)
        start = time.monotonic()
        process.send_signal(number)
        _, log = process.communicate(timeout=10)
        took_s = time.monotonic() - start
    finally:
        process.kill()
    assert process.returncode == 0
    assert took_s < prompt_s
    assert 'Traceback' not in log
    ros.wait_for(lambda: echoed[-1].data == 'last words')


@pytest.mark.parametrize(('arguments', 'texts'), [
    (['-p', 'rate:=5.0'], ['rate', 'from 0.5 to 2.0']),
    (['-p', 'rate:=fast'], ['rate', 'a double from 0.5 to 2.0', "'fast'"]),
    (['-p', 'rate'], ["'-p rate'"]),
    (['--params-file', '/nowhere.yaml'], ['/nowhere.yaml']),
    (['--bogus'], ['--bogus']),
])
def test_what_is_refused_at_start_ends_with_a_clear_error(ros_domain, arguments, texts) -> None:
    process = _start('--ros-args', *arguments)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 2
    assert 'error: ' in log and all(text in log for text in texts)
    assert 'Traceback' not in log


def test_signal_while_the_node_is_made_ends_it_cleanly() -> None:
    program = ('import os, signal, sys\n'
               'import rclpy\n'
               'from ant_ros.nodes.running import run\n'
               'def make():\n'
               '    os.kill(os.getpid(), signal.SIGTERM)\n'
               "    return rclpy.create_node('slow')\n"
               'sys.exit(run(make))\n')
    result = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True,
                            timeout=60)
    assert result.returncode == 0, result.stderr
    assert 'Traceback' not in result.stderr


def test_what_goes_wrong_while_an_executor_is_shut_down_is_no_fault(ros) -> None:
    executor = SupervisedExecutor(context=ros.context)

    def shut_down() -> None:
        executor.shutdown(timeout_sec=0.0)
        raise AttributeError('what it waited on is gone')
    executor.create_task(shut_down)
    executor.spin_once(timeout_sec=5.0)
    assert executor.faults == 0
