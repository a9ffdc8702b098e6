# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The node that plays a simulated inspection line on ROS topics."""

from collections import deque
from collections.abc import Callable
from collections.abc import Sequence
import os
import sys
import threading
import time
import traceback
from typing import Any

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from sensor_msgs.msg import JointState
from sensor_msgs.msg import TimeReference
from std_msgs.msg import Bool

from ant_ros.nodes import truth_message
from ant_ros.nodes.diagnostics import DIAGNOSTICS_ENDPOINT
from ant_ros.nodes.diagnostics import DiagnosticsReporter
from ant_ros.nodes.diagnostics import Health
from ant_ros.nodes.diagnostics import Level
from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.handshake import Handshake
from ant_ros.nodes.image_conversion import fill_image
from ant_ros.nodes.pace import Pace
from ant_ros.nodes.parameters import Parameter
from ant_ros.nodes.parameters import ParameterError
from ant_ros.nodes.parameters import Parameters
from ant_ros.nodes.processes import large_image_profile
from ant_ros.nodes.running import run
from ant_ros.nodes.subscribers import all_matched
from ant_ros.simulation import Ended
from ant_ros.simulation import InspectionLine
from ant_ros.simulation import load_scenario
from ant_ros.simulation import PartTruth
from ant_ros.simulation import Scenario
from ant_ros.simulation import ScenarioError
from ant_ros.simulation import Triggered

__all__ = ['ENDPOINTS', 'PARAMETERS', 'LineSimulator', 'main']

PARAMETERS = (
    Parameter('scenario', 'demo', 'Name of a scenario, or path of a YAML file.', read_only=True),
    Parameter('seed', 0, 'The same seed gives the same parts, images and truth.', minimum=0,
              read_only=True),
    Parameter('parts', 0, 'Parts to inspect, after those to teach from; 0: as the scenario says.',
              minimum=0, maximum=1_000_000, read_only=True),
    Parameter('pace', 'realtime', 'By the wall clock, or as fast as gate and inspector answer.',
              choices=('realtime', 'lockstep'), read_only=True),
    Parameter('speed_factor', 1.0, 'How many times real speed, with pace realtime.',
              minimum=0.01, maximum=100.0, read_only=True),
    Parameter('lockstep_timeout_s', 30.0, 'Wall time after which a peer that does not answer is '
              'taken as absent, and the line runs at real speed until it is heard again. Longer '
              'than any pause of a loaded computer: what the gate does then depends on it.',
              minimum=0.01, maximum=600.0, read_only=True),
    Parameter('teach_timeout_s', 60.0, 'Wall time that the line stands still after the last part '
              'to teach from until the inspector has learned.', minimum=0.0, maximum=3600.0,
              read_only=True),
    Parameter('start_timeout_s', 30.0, 'Wall time to wait at the start for gate and inspector.',
              minimum=0.0, maximum=3600.0, read_only=True),
    Parameter('camera', 'triggered', 'One image per part by the photo-eye, or a steady stream.',
              choices=('triggered', 'free_running'), read_only=True),
    Parameter('camera_rate_hz', 15.0, 'Images per simulated second of a free-running camera.',
              minimum=0.1, maximum=240.0, read_only=True),
)

ENDPOINTS = (
    Endpoint('publisher', 'camera/image_raw', 'sensor_msgs/msg/Image', 'reliable, depth 10',
             'rgb8, stamped with the trigger'),
    Endpoint('publisher', 'camera/camera_info', 'sensor_msgs/msg/CameraInfo',
             'reliable, depth 10', 'of an ideal pinhole, with every image'),
    Endpoint('publisher', 'part', 'sensor_msgs/msg/TimeReference', 'reliable, depth 100',
             'trigger of the photo-eye: its stamp, and the part ID as source'),
    Endpoint('publisher', 'encoder', 'sensor_msgs/msg/JointState', 'reliable, depth 100',
             'position of the belt in m and its speed in m/s, every tick; also while it stands'),
    Endpoint('publisher', '/clock', 'rosgraph_msgs/msg/Clock', 'reliable, depth 10',
             'simulated time, every tick'),
    Endpoint('publisher', '~/truth', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', 'what a part was and where it ended, when it has'),
    Endpoint('publisher', '~/truth_mask', 'sensor_msgs/msg/Image', 'reliable, depth 10',
             'mono8, 255 where the defect is; made only for subscribers'),
    Endpoint('subscription', 'gate/pass', 'std_msgs/msg/Bool', 'reliable, depth 100',
             'command to the gate; it holds for a short time only'),
    Endpoint('subscription', 'verdict', 'diagnostic_msgs/msg/DiagnosticArray',
             'reliable, depth 100', 'awaited in lock-step, and for the parts to teach from: what '
             'the inspector says, or better ~/booked of the gate, which then has it, too'),
    DIAGNOSTICS_ENDPOINT,
)

_BEAT_S = 0.1        # the encoder of a standing belt goes on reporting
_START_LOOK_S = 0.1
_SETTLE_S = 0.3
_LISTENER_S = 10.0   # a scorekeeper may start a little later than gate and inspector
_GRACE_S = 0.5       # half of what inspector and gate wait for what belongs together
_STALL_S = 0.5       # a gate that is stalled for longer is absent, in real time
_FRAME = 'camera'


class LineSimulator(Node):
    """Publish what the sensors of a simulated line see, and obey its gate commands."""

    def __init__(self, make_line: Callable[..., InspectionLine] = InspectionLine,
                 **options: object):
        super().__init__('line_simulator', **options)
        self._settings = Parameters(self, PARAMETERS)
        self._scenario = _load(self._settings['scenario'])
        self._line = make_line(self._scenario, seed=self._settings['seed'],
                               parts=self._settings['parts'] or None)
        self._gate = Handshake()
        self._inspector = Handshake()
        self._pace = Pace(self._settings['speed_factor'])
        self._stop = threading.Event()
        self._command: deque[bool] = deque(maxlen=1)   # the newest that is not carried out yet
        self._published_s: dict[str, float] = {}
        self._teach_seen: set[str] = set()
        self._counts = {'triggered': 0, 'accept': 0, 'reject': 0, 'lost': 0, 'images': 0,
                        'teach_timeouts': 0}
        self._grace_ticks = _grace_ticks(self._scenario)
        self._ticks_owed = 0   # since the inspector was asked for a verdict that is not there
        self._last_trigger_m = 0.0
        self._next_image_s = 0.0
        self._state = 'starting'
        self._fault = ''
        self._encoder_lock = threading.Lock()
        self._encoder_message: JointState | None = None
        self._encoder_s = 0.0
        self._make_endpoints()
        self._beat = self.create_timer(_BEAT_S / 2, self._keep_encoder_alive,
                                       clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._diagnostics = DiagnosticsReporter(
            self, {'line': self._line_health, 'peers': self._peer_health})
        self._worker = threading.Thread(target=self._work, name='line', daemon=True)
        self._worker.start()

    def close(self) -> None:
        """Stop the line and give its memory back."""
        self._stop.set()
        self._gate.close()
        self._inspector.close()
        self._worker.join()
        self._line.close()

    @property
    def finished(self) -> bool:
        """Whether all parts have ended and the belt has carried the last of them past the gate."""
        return self._state == 'finished'

    def _make_endpoints(self) -> None:
        overridable = {'qos_overriding_options': QoSOverridingOptions.with_default_policies()}
        deep = QoSProfile(depth=100)

        def publisher(kind: type, topic: str, qos: Any = 10) -> Any:
            return self.create_publisher(kind, topic, qos, **overridable)
        self._image = publisher(Image, 'camera/image_raw')
        self._info = publisher(CameraInfo, 'camera/camera_info')
        self._part = publisher(TimeReference, 'part', deep)
        self._encoder = publisher(JointState, 'encoder', deep)
        self._sim_clock = publisher(ClockMessage, '/clock')
        self._truth = publisher(DiagnosticArray, '~/truth', deep)
        self._mask = publisher(Image, '~/truth_mask')
        self.create_subscription(Bool, 'gate/pass', self._on_pass, deep, **overridable)
        self.create_subscription(DiagnosticArray, 'verdict', self._on_verdict, deep,
                                 **overridable)

    def _on_pass(self, message: Bool) -> None:
        self._command.append(message.data)
        self._gate.answer('encoder')

    def _on_verdict(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self._inspector.answer(status.hardware_id)

    # From here on to the reports everything runs on the worker thread.

    def _work(self) -> None:
        try:
            self._await_peers()
            self._state = 'running'
            while not self._stop.is_set() and not self._all_done():
                self._tick()
            if not self._stop.is_set():
                self._state = 'finished'
                self.get_logger().info(
                    f'finished: {self._counts["triggered"]} parts in {self._line.time_s:.1f} s of '
                    'simulated time; the belt stands')
        except Exception as error:
            self._state = 'failed'
            self._fault = f'{type(error).__name__}: {error}'
            self.get_logger().error('the simulation failed:\n' + traceback.format_exc())

    def _await_peers(self) -> None:
        """Hold the line until gate and inspector listen: what is not there misses parts."""
        self._publish_encoder()
        here = self._await(lambda: bool(
            self._gate.answers and all_matched(self, self._image, self._part)),
            self._settings['start_timeout_s'])
        if here:
            self._await(lambda: bool(self._truth.get_subscription_count()), _LISTENER_S)
        elif not self._stop.is_set():
            self.get_logger().warning(
                'started without ' + ('an inspector' if self._gate.answers else 'a gate: nobody '
                                      f'answers {self._encoder.topic_name}'))
        # No beats for a moment: each answer from then on belongs to a tick.
        self._state = 'settling'
        self._stop.wait(_SETTLE_S)

    def _await(self, ready: Callable[[], bool], timeout_s: float) -> bool:
        deadline_s = time.monotonic() + timeout_s
        while not ready():
            if self._stop.is_set() or time.monotonic() >= deadline_s:
                return False
            self._stop.wait(_START_LOOK_S)
        return True

    def _all_done(self) -> bool:
        """Tell whether all parts have ended, and the gate has seen the last one leave."""
        gate = self._scenario.gate
        beyond_m = self._last_trigger_m + gate.distance_m + 2 * gate.window_m
        return self._line.finished and self._line.belt_position_m > beyond_m

    def _tick(self) -> None:
        """Advance the simulation by a tick, publish what happened, wait for whom it concerns."""
        self._await_wall_clock()
        if self._command:
            self._line.command_gate(self._command.popleft())
        events = self._line.step()
        self._sim_clock.publish(ClockMessage(clock=_stamp(self._line.time_s)))
        self._publish_encoder()
        for event in events:
            if isinstance(event, Triggered):
                self._publish_trigger(event)
            elif isinstance(event, Ended):
                self._publish_end(event)
        self._publish_stream(any(isinstance(event, Triggered) for event in events))
        self._await_answers(events)

    def _await_wall_clock(self) -> None:
        """Keep to the wall clock, except while lock-step has all its peers."""
        if self._settings['pace'] == 'lockstep' and self._gate.present and self._inspector.present:
            self._pace.restart()
            return
        next_s = self._line.time_s + self._scenario.tick_s
        self._stop.wait(self._pace.delay_s(next_s, time.monotonic()))

    def _await_answers(self, events: Sequence[object]) -> None:
        # In real time too the belt does not outrun a gate that the computer has stalled: the gate
        # would drop the flap onto a good part. The delay is counted as late.
        lockstep = self._settings['pace'] == 'lockstep'
        self._gate.wait(self._settings['lockstep_timeout_s'] if lockstep else _STALL_S)
        if self._taught(events):
            if not self._inspector.wait(self._settings['teach_timeout_s']):
                self._counts['teach_timeouts'] += not self._stop.is_set()
            self._pace.restart()
        elif lockstep and self._verdict_is_due():
            self._inspector.wait(self._settings['lockstep_timeout_s'])

    def _verdict_is_due(self) -> bool:
        """Let the inspector look while the next part is simulated, long before the gate."""
        self._ticks_owed = self._ticks_owed + 1 if self._inspector.waiting else 0
        return self._ticks_owed > self._grace_ticks

    def _taught(self, events: Sequence[object]) -> bool:
        """Tell whether the last part to teach from is among the events."""
        new = {event.part_id for event in events if isinstance(event, (Triggered, Ended))
               and event.truth.role == 'teach'} - self._teach_seen
        self._teach_seen |= new
        return bool(new) and len(self._teach_seen) == self._scenario.teach_parts

    def _publish_encoder(self) -> None:
        message = JointState(
            name=['belt'], position=[self._line.belt_position_m],
            velocity=[self._line.belt_speed_m_s])
        message.header.stamp = _stamp(self._line.time_s)
        with self._encoder_lock:
            self._encoder_message = message
            self._send_encoder(message)

    def _send_encoder(self, message: JointState) -> None:
        self._encoder_s = time.monotonic()
        if self._state == 'running':
            self._gate.expect('encoder')
        self._encoder.publish(message)

    def _publish_trigger(self, event: Triggered) -> None:
        if self._settings['pace'] == 'lockstep':
            # One part at a time for the inspector: no queue of its own decides what it sees.
            self._inspector.wait(self._settings['lockstep_timeout_s'])
        stamp = _stamp(event.time_s)
        self._counts['triggered'] += 1
        self._last_trigger_m = self._line.belt_position_m
        if self._settings['pace'] == 'lockstep' or event.truth.role == 'teach':
            self._inspector.expect(event.part_id)
        message = TimeReference(source=event.part_id)
        message.header.stamp = message.time_ref = stamp
        self._part.publish(message)
        self._published_s[event.part_id] = time.monotonic()
        if self._settings['camera'] == 'triggered':
            self._publish_image(event.image, stamp)
        if self._mask.get_subscription_count():
            self._publish_mask(event.truth, event.image.shape[:2], stamp)

    def _publish_stream(self, triggered: bool) -> None:
        """Publish an image of the free-running camera when one is due, or a part is under it."""
        if self._settings['camera'] != 'free_running':
            return
        if triggered or self._line.time_s >= self._next_image_s:
            self._publish_image(self._line.photograph(), _stamp(self._line.time_s))
            self._next_image_s = self._line.time_s + 1.0 / self._settings['camera_rate_hz']

    def _publish_image(self, pixels: np.ndarray, stamp: Time) -> None:
        message = fill_image(Image(), pixels, 'rgb8')
        message.header.stamp, message.header.frame_id = stamp, _FRAME
        self._image.publish(message)
        self._counts['images'] += 1
        self._info.publish(self._camera_info(stamp))

    def _camera_info(self, stamp: Time) -> CameraInfo:
        camera = self._line.camera
        message = CameraInfo(
            width=camera.width, height=camera.height, distortion_model='plumb_bob', d=[0.0] * 5)
        message.header.stamp, message.header.frame_id = stamp, _FRAME
        message.k = np.asarray(camera.k, float).ravel()
        message.r = np.eye(3).ravel()
        message.p = np.hstack([camera.k, np.zeros((3, 1))]).ravel()
        return message

    def _publish_mask(self, truth: PartTruth, shape: tuple[int, ...], stamp: Time) -> None:
        mask = np.zeros(shape, np.uint8)
        if truth.mask is not None:
            mask[truth.mask] = 255
        message = fill_image(Image(), mask, 'mono8')
        message.header.stamp, message.header.frame_id = stamp, _FRAME
        self._mask.publish(message)

    def _publish_end(self, event: Ended) -> None:
        truth = event.truth
        self._counts[event.bin] += 1
        self._truth.publish(truth_message.to_message(truth_message.PartEnd(
            part_id=event.part_id, role=truth.role, defect=truth.defect, severity=truth.severity,
            visible=truth.visible, visible_pixels=truth.visible_pixels,
            contrast_sigmas=truth.contrast_sigmas, bin=event.bin,
            published_monotonic_s=self._published_s.pop(event.part_id, None),
            ended_time_s=event.time_s), self.get_name()))

    # Reports, on the executor's thread.

    def _keep_encoder_alive(self) -> None:
        """Report the standing belt: an encoder that is silent would alarm the gate."""
        with self._encoder_lock:
            message = self._encoder_message
            if message is None or self._state in ('settling', 'failed'):
                return
            if time.monotonic() - self._encoder_s >= _BEAT_S:
                self._send_encoder(message)

    def _line_health(self) -> Health:
        values: dict[str, object] = {
            **self._counts, 'scenario': self._scenario.name, 'seed': self._settings['seed'],
            'time_s': self._line.time_s, 'finished': self.finished, 'late_s': self._pace.late_s}
        if self._fault:
            return Health(Level.ERROR, f'the simulation failed: {self._fault}', values)
        return Health(Level.OK, self._state, values)

    def _peer_health(self) -> Health:
        values = {
            'gate_present': self._gate.present, 'gate_timeouts': self._gate.timeouts,
            'inspector_present': self._inspector.present,
            'inspector_timeouts': self._inspector.timeouts,
            'image_subscriptions': self._image.get_subscription_count(),
            'part_subscriptions': self._part.get_subscription_count()}
        absent = [name for name, peer in (('gate', self._gate), ('inspector', self._inspector))
                  if not peer.present]
        if absent:
            return Health(Level.WARN, f'no answer of the {" nor of the ".join(absent)}: the line '
                          'runs at real speed without', values)
        return Health(Level.OK, 'everybody answers', values)


def _load(scenario: str) -> Scenario:
    try:
        return load_scenario(scenario)
    except ScenarioError as error:
        raise ParameterError(f'scenario: {error}') from error


def _grace_ticks(scenario: Scenario) -> int:
    """Return how long a verdict is not waited for: never until half way to the gate.

    Nor until a part, its image and its verdict, each on a topic of its own and maybe one later
    than the others, no longer find each other by their stamps.
    """
    way_m = (scenario.gate.distance_m - scenario.gate.window_m) / 2
    return int(min(way_m / scenario.belt.speed_m_s, _GRACE_S) / scenario.tick_s)


def _stamp(time_s: float) -> Time:
    seconds, nanoseconds = divmod(round(time_s * 1e9), 10 ** 9)
    return Time(sec=seconds, nanosec=nanoseconds)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    os.environ.update(large_image_profile())
    return run(LineSimulator, argv)


if __name__ == '__main__':
    sys.exit(main())
