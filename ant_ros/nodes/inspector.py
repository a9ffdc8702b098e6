# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The inspector node: images and triggers in, exactly one verdict per part out."""

from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from datetime import timezone
import sys
import threading
import time
import traceback
from typing import Any

import cv2
from rcl_interfaces.msg import SetParametersResult
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock
from rclpy.clock import ClockType
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleState
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.time import Time
from sensor_msgs.msg import TimeReference

from ant_ros.nodes.arrivals import Arrivals
from ant_ros.nodes.books import Keeping
from ant_ros.nodes.compute_figures import ComputeFigures
from ant_ros.nodes.diagnostics import DiagnosticsReporter
from ant_ros.nodes.fleet import Fleet
from ant_ros.nodes.health import Health
from ant_ros.nodes.hearsay import Hearsay
from ant_ros.nodes.image_input import ImageInput
from ant_ros.nodes.inspector_health import compute_health
from ant_ros.nodes.inspector_health import input_health
from ant_ros.nodes.inspector_health import InputFigures
from ant_ros.nodes.inspector_health import learning_health
from ant_ros.nodes.inspector_health import model_health
from ant_ros.nodes.inspector_health import state_health
from ant_ros.nodes.inspector_interface import ENDPOINTS
from ant_ros.nodes.inspector_interface import PARAMETERS
from ant_ros.nodes.inspector_outputs import InspectorOutputs
from ant_ros.nodes.inspector_services import InspectorServices
from ant_ros.nodes.judging import Judge
from ant_ros.nodes.judging import Judged
from ant_ros.nodes.judging import Lesson
from ant_ros.nodes.learning import Learning
from ant_ros.nodes.lifecycle import guarded
from ant_ros.nodes.lifecycle import GuardedLifecycleNode
from ant_ros.nodes.lifecycle import TransitionRefused
from ant_ros.nodes.losses import Losses
from ant_ros.nodes.parameters import Parameters
from ant_ros.nodes.part_desk import image_ids
from ant_ros.nodes.part_desk import PartDesk
from ant_ros.nodes.part_verdict import PartVerdict
from ant_ros.nodes.part_verdict import uninspected
from ant_ros.nodes.pending_part import Frame
from ant_ros.nodes.pending_part import PendingPart
from ant_ros.nodes.presence import Presence
from ant_ros.nodes.running import run
from ant_ros.nodes.worker import result_of
from ant_ros.nodes.worker import Worker

__all__ = ['ENDPOINTS', 'PARAMETERS', 'InspectorNode', 'main']

_TICK_S = 0.1
_LOAD_TIMEOUT_S = 4.0  # lifecycle managers give a transition 5 s
_JOIN_TIMEOUT_S = 0.5
_CLOSE_TIMEOUT_S = 1.0


def find_inspector() -> Any:
    """Import the inspector when it is first needed, on the thread that needs it."""
    from ant_ros.inspection.online import OnlineInspector
    return OnlineInspector


class InspectorNode(GuardedLifecycleNode):
    """Judge every part that is announced while active, and answer each exactly once.

    The executor's thread takes messages in, matches and answers what cannot be inspected; one
    worker thread reads images, teaches and judges. A part belongs to whoever claims it first, so
    that neither thread can answer twice.

    Args:
        find_inspector: returns the class that teaches, loads and inspects.
        kwargs: passed on to the node.
    """

    def __init__(self, find_inspector: Callable[[], Any] = find_inspector, **kwargs: Any):
        super().__init__('inspector', **kwargs)
        self._find_inspector = find_inspector
        self.parameters = Parameters(self, PARAMETERS)
        self.losses = Losses()
        self.judge: Judge | None = None
        self.worker: Worker[PendingPart] | None = None
        self.learning: Learning | None = None
        self._rules_for: str | None = None
        self._figures = ComputeFigures()
        self._outputs: InspectorOutputs | None = None
        self._input: ImageInput | None = None
        self._part_subscription: Any = None
        self._desk: PartDesk | None = None
        self._image_ids = image_ids(datetime.now(timezone.utc))
        self._part_arrivals = Arrivals()
        self._parts_lost = 0
        self._image_awaited_s: float | None = None
        self._activated_s = 0.0
        self._faults = 0
        self._last_fault = ''
        self._intake = MutuallyExclusiveCallbackGroup()
        self.add_on_set_parameters_callback(self._check_recipe)
        self.add_post_set_parameters_callback(self._on_parameters_set)
        self._jump_handle = self.get_clock().create_jump_callback(
            JumpThreshold(min_forward=None, min_backward=Duration(nanoseconds=-1),
                          on_clock_change=False),
            post_callback=self._on_time_jump)
        self._answers = InspectorServices(self)
        # What is said once is kept for when there is a recipe.
        self._hearsay = Hearsay()
        self._fleet = (Fleet(self, self._on_fleet, self._intake) if self.parameters['robot']
                       else None)
        self._reporter = DiagnosticsReporter(self, {
            'state': lambda: state_health(self.state, self.transition_fault),
            'input': self._input_health, 'compute': self._compute_health,
            'learning': lambda: learning_health(self.judge, self.learning),
            'model': lambda: model_health(self.judge)})
        self._timer = self.create_timer(
            _TICK_S, self._on_tick, callback_group=MutuallyExclusiveCallbackGroup(),
            clock=Clock(clock_type=ClockType.STEADY_TIME))
        if self.parameters['autostart']:
            self.start()

    # Lifecycle

    @guarded
    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Start the worker, make the publishers and load the recipe."""
        self.judge = Judge(self.get_name(), self.losses, self._find_inspector)
        self.worker = Worker(
            self._work, self._on_work_fault, newest_wins=self._latest,
            capacity=1 if self._latest else self.parameters['queue'])
        self._outputs = InspectorOutputs(self)
        self._prepare_learning(self.judge)
        try:
            self._load_recipe()
        except Exception as error:
            fault = self.judge.recipe_fault or f'{type(error).__name__}: {error}'
            self._release()
            raise TransitionRefused(fault) from error
        return super().on_configure(state)

    @guarded
    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Listen to the camera and to the photo-eye."""
        self._part_arrivals = Arrivals()
        self._activated_s, self._image_awaited_s = time.monotonic(), None
        judge = self._configured_judge()
        judge.presence = Presence(self.parameters['same_part_gap'],
                                  self.parameters['same_part_change'])
        if self.parameters['teach_at_start'] and judge.inspector is None and not judge.occupied:
            self.get_logger().info(judge.start_teaching(self.lesson()))
        assert self.worker is not None, 'made by on_configure'
        self._desk = PartDesk(
            self.get_name(), self.worker, self._publish, self.losses, self.parameters,
            self._image_ids)
        try:
            self._subscribe()
        except Exception:
            self._stop_intake()
            raise
        self._say_active(judge)
        return super().on_activate(state)

    @guarded
    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop listening, and answer every part that is owed a verdict."""
        self._stop_intake()
        return super().on_deactivate(state)

    @guarded
    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End the worker and forget the recipe."""
        self._release()
        return super().on_cleanup(state)

    @guarded
    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Answer what is owed and release everything, from any state."""
        self._stop_intake()
        self._release()
        return super().on_shutdown(state)

    @guarded
    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Come to rest as unconfigured, ready to be configured again."""
        fault = self.transition_fault
        self._stop_intake()
        self._release()
        super().on_error(state)
        self.get_logger().warning(f'at rest after an error ({fault}); configure me again')
        return TransitionCallbackReturn.SUCCESS

    def close(self) -> None:
        """Answer what is owed and end the worker, before the process ends."""
        self._stop_intake()
        self._release()
        self._jump_handle.unregister()

    def _prepare_learning(self, judge: Judge) -> None:
        learning = self.learning = Learning(
            f'node {self.get_fully_qualified_name()}', enabled=self.parameters['learning'],
            keeping=Keeping(self.parameters['ledger'], self.parameters['archive'],
                            self.parameters['archive_mb'], self.parameters['archive_passes']),
            answer=self._answers.answer_label, watch=self.parameters['drift_monitor'],
            self_update=self.parameters['self_update'], robot=self.parameters['robot'],
            share=self._share, hearsay=self._hearsay, each=self.parameters['several_parts'])
        judge.several_parts = self.parameters['several_parts']
        judge.rules, judge.mm_per_px = self.parameters['rules'], self.parameters['mm_per_px']
        judge.rules_for = self._rules_for
        judge.on_ruled = self.get_logger().info
        judge.on_missing = self.get_logger().warning
        judge.on_place = learning.place
        judge.on_teaching_failed = self.get_logger().error

        def taught(inspector: Any) -> None:
            self.get_logger().info(judge.learning_message)
            learning.taught(inspector)

        def learned(message: str, *, failed: bool) -> None:
            judge.learned(message, failed=failed)
            (self.get_logger().error if failed else self.get_logger().info)(message)
        judge.on_taught = taught
        judge.on_collected = lambda images: learning.sharpen(images, learned)
        if not self.parameters['recipe']:
            judge.on_place(None, '')

    def _load_recipe(self) -> None:
        """Load the recipe on the worker; go on without it if that takes long."""
        path = self.parameters['recipe']
        if not path:
            return
        future = self._load(path)
        try:
            result_of(future, _LOAD_TIMEOUT_S)
        except TimeoutError:
            future.add_done_callback(self._log_refusal)
            self.get_logger().warning(f'recipe {path!r} is still being loaded: parts are '
                                      'uninspected until it is there')

    def _configured_judge(self) -> Judge:
        assert self.judge is not None, 'only called while configured'
        return self.judge

    def _release(self) -> None:
        """End the worker and destroy the publishers."""
        if self.worker is not None and not self.worker.stop(_JOIN_TIMEOUT_S):
            doing = self.judge.occupied if self.judge is not None else ''
            self.get_logger().error('the worker does not end: it is '
                                    + (f'still {doing}' if doing else 'stuck in the inspector'))
        if self.learning is not None and not self.learning.stop(_CLOSE_TIMEOUT_S):
            self.get_logger().error('the learner does not end: it waits for the disk')
        self._answers.send_refusals()
        if self.judge is not None:
            self._rules_for = self.judge.rules_for
        if self._outputs is not None:
            self._outputs.destroy()
        self.worker = self.judge = self._outputs = self.learning = None

    def _subscribe(self) -> None:
        self._input = ImageInput(
            self, self._on_image, self._intake, transport=self.parameters['image_transport'],
            depth=1 if self._latest else self.parameters['queue'],
            reliability=self.parameters['reliability'], newest_wins=self._latest)
        self._configured_judge().read_pixels = self._input.read
        if self._triggered:
            self._part_subscription = self.create_subscription(
                TimeReference, 'part', self._on_part, 100, callback_group=self._intake,
                qos_overriding_options=QoSOverridingOptions.with_default_policies())

    def _say_active(self, judge: Judge) -> None:
        """Log what is inspected, and by what."""
        assert self._input is not None, 'made by _subscribe'
        parts = (f'parts on {self._part_subscription.topic_name}' if self._triggered
                 else 'each image is a part')
        recipe = (f'{judge.occupied} a recipe' if judge.occupied else judge.why_no_recipe()
                  if judge.inspector is None
                  else f'recipe {judge.inspector.name!r} version {judge.inspector.version}')
        self.get_logger().info(
            f'active: images on {self._input.topic}, {parts}, frame_policy '
            f'{self.parameters["frame_policy"]}, {recipe}')

    def _unsubscribe(self) -> None:
        if self._input is not None:
            self._input.destroy()
        if self._part_subscription is not None:
            self.destroy_subscription(self._part_subscription)
        self._input = self._part_subscription = None

    def _stop_intake(self) -> None:
        """Stop listening and answer every part that is owed a verdict."""
        self._unsubscribe()
        if self._desk is not None:
            self._desk.close()
        self._desk = None

    # Intake, on the executor's thread

    @property
    def _latest(self) -> bool:
        return self.parameters['frame_policy'] == 'latest'

    @property
    def _triggered(self) -> bool:
        return self.parameters['trigger'] == 'topic'

    def recipe_name(self) -> str:
        """Name what is taught: as the folder it is saved to."""
        return self.parameters['recipe'].rstrip('/').rpartition('/')[2] or 'recipe'

    def lesson(self) -> Lesson:
        """Return what is to be taught by the parameters as they are now."""
        return Lesson(self.parameters['teach_count'], self.recipe_name(),
                      self.parameters['target_frr'], self.parameters['part_kind'],
                      self.parameters['backbone'])

    def _on_part(self, message: TimeReference, info: dict[str, Any]) -> None:
        assert self._desk is not None, 'triggers come only while active'
        now_s = time.monotonic()
        publishers = self._part_subscription.get_publisher_count()
        self._parts_lost += self._part_arrivals.note(
            info['publication_sequence_number'], now_s, publishers)
        if self._image_awaited_s is None:
            self._image_awaited_s = now_s
        self._desk.add_part(message.source, Time.from_msg(message.header.stamp).nanoseconds,
                            self._now_ns(), now_s)

    def _on_image(self, frame: Frame) -> None:
        assert self._desk is not None, 'images come only while active'
        self._image_awaited_s = None
        self._desk.add_frame(frame)

    def _on_fleet(self, message: bytes) -> None:
        if self.learning is not None:
            self.learning.hear(message)
        else:
            self._hearsay.add(message)

    def _share(self, message: bytes) -> None:
        if self._fleet is not None:
            self._fleet.share(message)

    def _on_tick(self) -> None:
        """Answer for what has waited too long, and follow the publishers' reliability."""
        self._answers.send_refusals()
        if self._input is None or self._desk is None:
            return
        self._input.follow_publishers()
        self._desk.expire(
            self._now_ns(), time.monotonic(), publishers=self._input.publishers,
            occupied=bool(self._configured_judge().occupied))

    def _on_time_jump(self, jump: Any) -> None:
        if self._desk is not None:
            self._desk.restart_deadlines(self._now_ns())

    def _check_recipe(self, changes: Sequence[Any]) -> SetParametersResult:
        """Refuse what is seen at once to be no recipe; the one in use then wholly stays."""
        judge = self.judge
        faults = [] if judge is None else [
            judge.why_not(change.value) for change in changes
            if change.name == 'recipe' and isinstance(change.value, str) and change.value]
        reason = '; '.join(filter(None, faults))
        return SetParametersResult(successful=not reason, reason=reason and f'recipe: {reason}')

    def _on_parameters_set(self, changes: Sequence[Any]) -> None:
        for change in changes:
            if change.name == 'recipe' and change.value and self.worker is not None:
                self._load(change.value).add_done_callback(self._log_refusal)

    def _load(self, path: str) -> 'Future[Any]':
        """Load a recipe on the worker."""
        assert self.worker is not None, 'only called while configured'
        judge = self._configured_judge()
        return self.worker.call(lambda: judge.load(path))

    def _log_refusal(self, future: 'Future[Any]') -> None:
        if not future.cancelled() and future.exception() is not None:
            self.get_logger().error(f'recipe refused, the one in use stays: {future.exception()}')

    def _now_ns(self) -> int:
        return self.get_clock().now().nanoseconds

    # Answers, from either thread

    def _publish(self, report: PartVerdict, judged: Judged | None = None) -> None:
        learning, published = self.learning, threading.Event()
        if learning is not None and judged is not None:
            learning.note(judged, self._configured_judge().inspector, published)
        self._figures.note(report)
        if self._outputs is not None:
            self._outputs.publish(report)
        published.set()
        if learning is not None:
            learning.record(report, judged)

    # Work, on the worker's thread

    def _work(self, part: PendingPart) -> None:
        if part.answered:
            return
        judged = self._configured_judge().judge(part)
        if not part.claim() or judged is None:
            return
        self._publish(judged.report, judged)
        if self._outputs is not None and part.frame is not None:
            self._outputs.publish_pictures(
                judged, part.frame.message.header,
                passes_too=self.parameters['debug_images'] == 'all')

    def _on_work_fault(self, part: PendingPart, error: Exception) -> None:
        self._faults += 1
        self._last_fault = f'{type(error).__name__}: {error}'
        self.get_logger().error(
            f'part {part.part_id}: the inspector raised:\n'
            + ''.join(traceback.format_exception(type(error), error, error.__traceback__)))
        if part.claim():
            self._publish(uninspected('error', f'the inspector failed: {self._last_fault}',
                                      **part.fields(self.get_name())))

    # Health

    def _input_health(self) -> Health:
        if self._input is None:
            return state_health(self.state, '')
        now_s = time.monotonic()
        arrivals = self._input.arrivals
        age_s = arrivals.age_s(now_s)
        return input_health(InputFigures(
            topic=self._input.topic, reliability=self._input.reliability,
            publishers=self._input.publishers, others=self._input.other_topics(),
            rates=arrivals.rates(now_s), received=arrivals.received, age_s=age_s,
            silent=self._camera_is_silent(now_s), lost=self.losses.counts(),
            lost_lately=self.losses.recent(),
            triggered=self._triggered, triggers=self._part_arrivals.received,
            triggers_lost=self._parts_lost, waiting=len(self._desk.waiting) if self._desk else 0))

    def _camera_is_silent(self, now_s: float) -> bool:
        """Return whether an image is overdue: always expected, or since a trigger came."""
        assert self._input is not None
        since_s = (self._image_awaited_s if self._triggered
                   else self._input.arrivals.last_s or self._activated_s)
        return since_s is not None and now_s - since_s > self.parameters['camera_timeout']

    def _compute_health(self) -> Health:
        worker, stuck_s = self.worker, None
        if worker is not None and (current := worker.current) is not None:
            taken_s = time.monotonic() - current[1]
            if taken_s > self.parameters['watchdog'] and not self._configured_judge().occupied:
                stuck_s = taken_s
        executor_faults = getattr(self.executor, 'faults', 0)
        return compute_health(
            self._figures.summary(), waiting=worker.waiting if worker else 0,
            capacity=1 if self._latest else self.parameters['queue'], stuck_s=stuck_s,
            overflowing='overflow' in self.losses.recent(),
            faults=self._faults + executor_faults,
            last_fault=self._last_fault or getattr(self.executor, 'last_fault', ''),
            illegal_requests=self.illegal_requests)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the inspector node."""
    # One worker looks at one small image at a time: OpenCV's threads would only get in its way.
    cv2.setNumThreads(1)
    return run(InspectorNode, argv)


if __name__ == '__main__':
    sys.exit(main())
