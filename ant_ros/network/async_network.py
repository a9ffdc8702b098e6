# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The asynchronous network: any module, computing only where its input is not as expected."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import time
from typing import Any
from typing import cast
from typing import Protocol
from typing import TYPE_CHECKING

import numpy as np

from ant_ros.network.answer_buffer import AnswerBuffer
from ant_ros.network.break_even import BreakEven
from ant_ros.network.break_even import Decision
from ant_ros.network.break_even import measure_break_even
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.compiled_backend import BatchedRun
from ant_ros.network.compiled_backend import CompiledBackend
from ant_ros.network.energy import EnergyCounter
from ant_ros.network.event_log import EventLog
from ant_ros.network.event_log import Recorder
from ant_ros.network.graph import Graph
from ant_ros.network.input_checks import checked_choice
from ant_ros.network.input_checks import checked_image
from ant_ros.network.input_checks import checked_limit
from ant_ros.network.input_checks import checked_spread
from ant_ros.network.input_checks import checked_threshold
from ant_ros.network.program import Backend
from ant_ros.network.program import Events
from ant_ros.network.program import Program
from ant_ros.network.program import Unit
from ant_ros.network.replay import replay
from ant_ros.network.schedules import run_schedule
from ant_ros.network.schedules import SCHEDULES
from ant_ros.network.work import Work

if TYPE_CHECKING:
    import torch

    from ant_ros.network.reason import Reason

__all__ = ['BACKENDS', 'MODES', 'Answer', 'AsyncNetwork']

BACKENDS = ('compiled', 'torch', 'onnxruntime')
MODES = ('expected', 'previous')
_FLOAT_BYTES = 4
_NO_ANSWER = np.zeros(0, np.float32)
_NOTHING = BatchedRun(0, 0, 0, 0, False, True, np.zeros(0, np.int32))


class Dense(Protocol):
    """What runs a whole image."""

    def dense(self, image: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the outputs for an image [C, H, W] in the shapes that the module gives."""
        ...


@dataclass(frozen=True)
class Answer:
    """What the network says about an image, and what it took.

    Attributes:
        outputs: One array per output, in the shapes that the module gives, float32. Maps lie
            channels last in memory. They cannot be written to: copy what is to be changed.
        work: Units, multiply-accumulates, bytes and time.
        cut: Whether a budget struck while units were still eligible: the best answer so far.
        dense: Whether one dense run was made instead of following events.
        settled: False where a loop was stopped before it came to rest.
        events: Changed tiles of the input.
        log: What happened, where it was asked for.
        compute_s: Time within the kernels that compute; the rest is bookkeeping. None where it
            was not taken.
    """

    outputs: tuple[np.ndarray, ...]
    work: Work
    cut: bool
    dense: bool
    settled: bool
    events: int
    log: EventLog | None = None
    compute_s: float | None = None

    def __post_init__(self) -> None:
        # Their memory is used again once nobody holds it.
        for output in self.outputs:
            output.flags.writeable = False

    @property
    def output(self) -> np.ndarray:
        """The only output.

        Raises:
            ValueError: there are several.
        """
        if len(self.outputs) != 1:
            raise ValueError(f'the network has {len(self.outputs)} outputs: take them from '
                             '`outputs`')
        return self.outputs[0]


class AsyncNetwork:
    """A network whose units compute only where what they read has changed.

    Good at: images that are mostly as expected, large images, networks that look at small
    patches. Bad at: images that are new all over; where it expects to lose time it runs densely
    instead, except in mode 'previous', in networks with loops, and where a log, a schedule or a
    number of units is asked for.

    Args:
        graph: The network.
        expected: The expected input [C, H, W] or [1, C, H, W], float32: the golden part.
        spread: What is usual around it: a number or [C, H, W]; None for 1.
        threshold: A tile of the input is an event where it differs by more than this many
            spreads.
        passing: Change, in units of a node's RMS on the expected input, above which a unit
            tells its readers: for all nodes, one per node, or by name. 0 makes it exact. Above
            0 the answer depends on the order of the units: at 0.05, in four small networks and
            six orders, it was off by up to 6 % of the response to a change, by up to 2.6 % in
            the batched order (`schedules` of `python -m ant_ros bench network --quick`).
        backend: 'compiled' (Numba), 'torch' or 'onnxruntime'.
        mode: What images are compared with: 'expected', or 'previous', the image before.
        tile: Side of the tiles in positions, as in `lay_out`; None for what suits most.
        break_even: What units and a dense run cost here; measured with the first events if None.

    Raises:
        ValueError: something that makes no sense; says what and what to do.
        ImportError: the backend is not installed.
    """

    def __init__(self, graph: Graph, expected: np.ndarray | torch.Tensor, *,
                 spread: np.ndarray | torch.Tensor | float | None = None, threshold: float = 0.0,
                 passing: float | Sequence[float] | Mapping[str, float] = 0.0,
                 backend: str = 'compiled', mode: str = 'expected',
                 tile: int | Sequence[int] | Mapping[str, int] | None = None,
                 break_even: BreakEven | None = None) -> None:
        shape = graph.nodes[0].shape
        expected = checked_image(expected, shape, 'the expected input')
        if not np.isfinite(expected).all():
            raise ValueError('the expected input holds NaN or infinity: give finite values')
        self.threshold = checked_threshold(threshold)
        self.mode = checked_choice('mode', mode, MODES)
        self.program = Program(graph, expected, spread=checked_spread(spread, shape),
                               passing=passing, tile=tile, lasting=mode == 'previous')
        self._units_total, self._macs_dense = self.program.units_total, self.program.macs_dense
        self._floats_dense = self.program.floats_dense
        self._compiled: CompiledBackend | None = None
        self.backend = checked_choice('backend', backend, BACKENDS)
        self._backend = self._make_backend(self.backend)
        self.program.rest(self._backend)
        self._buffer = AnswerBuffer(self.program)
        # In mode 'previous' it follows the state.
        self._answer = self.program.answers() if mode == 'previous' else _NO_ANSWER
        self._break_even = break_even
        self._decision: Decision | None = None
        self._dense_backend: Dense | None = None
        self._last_log: EventLog | None = None
        self._energy = EnergyCounter.open()

    @classmethod
    def from_module(cls, module: torch.nn.Module, expected: np.ndarray | torch.Tensor,
                    **options: Any) -> AsyncNetwork:
        """Convert an ordinary module in evaluation mode.

        Args:
            module: The network.
            expected: The expected input [C, H, W] or [1, C, H, W], float32.
            options: As for the class.

        Raises:
            ConversionError: the module has an operation that cannot be converted, is in
                training mode, or does not fit the expected input.
            ValueError: as for the class.
        """
        from ant_ros.network.conversion import convert
        return cls(convert(module, expected), expected, **options)

    @classmethod
    def from_graph(cls, graph: Graph, expected: np.ndarray | torch.Tensor,
                   **options: Any) -> AsyncNetwork:
        """Run a graph; the same as the class itself."""
        return cls(graph, expected, **options)

    @property
    def graph(self) -> Graph:
        """The network."""
        return self.program.graph

    @property
    def bytes(self) -> int:
        """Memory held: state, reference, weights, tables and scratch, in bytes."""
        scratch = self._compiled.bytes if self._compiled is not None else 0
        return self.program.bytes + scratch + self._buffer.bytes + self._answer.nbytes

    @property
    def break_even(self) -> BreakEven:
        """What units and a dense run cost here; measured if it was not before.

        In mode 'previous' and with loops events are always followed, whatever they cost.
        """
        if self._break_even is None:
            possible = self.mode == 'expected' and not self.graph.loops
            self._break_even = self._measure() if possible else NEVER_DENSE
        return self._break_even

    def run(self, image: np.ndarray | torch.Tensor, *, schedule: str = 'batched', seed: int = 0,
            max_units: int | None = None, max_ms: float | None = None,
            record: bool = False) -> Answer:
        """Answer for an image.

        Args:
            image: [C, H, W] or [1, C, H, W], float32, NumPy or torch.
            schedule: Order of the units: 'batched', 'priority' or 'random'.
            seed: Of the random order.
            max_units: Budget of units.
            max_ms: Budget of time in milliseconds, for the whole call.
            record: Write down what happens, as the answer's `log`.

        Returns:
            The answer; after a budget struck it is cut, the best so far. In mode 'previous' the
            next run goes on where this one stopped.

        Raises:
            TypeError: the image is no array.
            ValueError: wrong shape, type, NaN or infinity, an unknown schedule or a budget
                below 0; the state is as it was.
        """
        begun = self._begin()
        array = checked_image(image, self.graph.nodes[0].shape, 'the image')
        checked_choice('schedule', schedule, SCHEDULES)
        checked_limit('max_units', max_units)
        checked_limit('max_ms', max_ms)
        deadline_ns = None if max_ms is None else begun + round(max_ms * 1e6)
        events = self.program.detect(array, self.threshold)
        fast = schedule == 'batched' and self._compiled is not None and not record
        if self._should_run_dense(events, schedule, record, max_units, max_ms):
            return self._run_dense(array, events, begun)
        if fast:
            return self._respond(array, events, max_units, deadline_ns, begun)
        return self._run_schedule(array, events, schedule, seed, max_units, deadline_ns, record,
                                  begun)

    def reset(self) -> None:
        """Go back to the reference; in mode 'previous' the expected input counts again."""
        self.program.restore()
        self.program.expected[:] = self.program.reference_value(0).transpose(2, 0, 1)
        if self.mode == 'previous':
            self._answer = self.program.answers()

    def replay(self, log: EventLog) -> Answer:
        """Do what a log says once more, bit for bit on the same machine and backend.

        Raises:
            EventLogError: the log is of another network or began in another state.
        """
        begun = self._begin()
        if self.mode == 'expected':
            self.program.restore()
        course = replay(self.program, self._backend, log, follow=self.mode == 'previous')
        return self._finish(Answer(
            self._present(), self._work(course.units, course.macs, course.floats, begun),
            course.cut, False, course.settled, len(log.events), log))

    def why(self, unit: Unit) -> Reason:
        """Say which tile of the image woke a unit in the last recorded run.

        Raises:
            ValueError: no run was recorded.
            EventLogError: there is no such unit.
        """
        if self._last_log is None:
            raise ValueError('no run was recorded: run with record=True first')
        return self._last_log.why(unit.node, unit.row, unit.column)

    def _respond(self, image: np.ndarray, events: Events, max_units: int | None,
                 deadline_ns: int | None, begun: int) -> Answer:
        """Run the batched schedule in compiled code."""
        lasting = self.mode == 'previous'
        answer = self._answer if lasting else self._buffer.take()
        run = _NOTHING
        if len(events.tiles) or (lasting and self.program.eligible.any()):
            assert self._compiled is not None
            run = self._compiled.respond(image, events, answer, max_units=max_units,
                                         deadline_ns=deadline_ns)
        if lasting:
            self.program.expect(image, events.tiles)
            answer = answer.copy()
        else:
            self._buffer.note(answer, run.answered)
        return Answer(self.program.split_answers(answer),
                      self._work(run.units, run.macs, run.floats, begun), run.cut, False,
                      run.settled, len(events.tiles), None, run.compute_ns * 1e-9)

    def _run_schedule(self, image: np.ndarray, events: Events, schedule: str, seed: int,
                      max_units: int | None, deadline_ns: int | None, record: bool,
                      begun: int) -> Answer:
        """Run any schedule on any backend, unit by unit or batch by batch."""
        program = self.program
        if self.mode == 'expected':
            program.restore()
        recorder = Recorder(program, self.threshold) if record else None
        program.take(image, events, follow=self.mode == 'previous')
        if recorder is not None:
            recorder.events(events.tiles)
        course = run_schedule(program, self._backend, schedule, events.tiles, seed=seed,
                              max_units=max_units, deadline_ns=deadline_ns, recorder=recorder)
        log = None if recorder is None else recorder.log(course.cut, course.settled)
        return self._finish(Answer(
            self._present(), self._work(course.units, course.macs, course.floats, begun),
            course.cut, False, course.settled, len(events.tiles), log))

    def _present(self) -> tuple[np.ndarray, ...]:
        answers = self.program.answers()
        if self.mode == 'previous':
            self._answer[:] = answers
        return self.program.split_answers(answers)

    def _finish(self, answer: Answer) -> Answer:
        """Let the state go or stay, and remember the log."""
        if self.mode == 'expected':
            self.program.restore()
        else:
            self.program.leave()
        if answer.log is not None:
            self._last_log = answer.log
        return answer

    def _should_run_dense(self, events: Events, schedule: str, record: bool,
                          max_units: int | None, max_ms: float | None) -> bool:
        possible = (schedule == 'batched' and not record and max_units is None
                    and self.mode == 'expected' and not self.graph.loops
                    and len(events.tiles) > 0)
        if not possible:
            return False
        if max_ms is not None and self.break_even.dense_ns > max_ms * 1e6:
            return False
        if self._decision is None:
            self._decision = Decision(self.program, self.break_even)
        return self._decision.dense(events.tiles)

    def _run_dense(self, image: np.ndarray, events: Events, begun: int) -> Answer:
        outputs = self._dense(image)
        work = self._work(self._units_total, self._macs_dense, self._floats_dense, begun)
        return Answer(outputs, work, False, True, True, len(events.tiles))

    def _dense(self, image: np.ndarray) -> tuple[np.ndarray, ...]:
        if self._dense_backend is None:
            self._dense_backend = self._make_dense()
        return self._dense_backend.dense(image)

    def _make_dense(self) -> Dense:
        """Return the backend itself; for the compiled one what is fastest densely."""
        if isinstance(self._backend, CompiledBackend):
            from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend
            try:
                return OnnxRuntimeBackend(self.program)
            except ImportError:
                from ant_ros.network.torch_backend import TorchBackend
                return TorchBackend(self.program)
        return cast(Dense, self._backend)

    def _make_backend(self, name: str) -> Backend:
        if name == 'torch':
            from ant_ros.network.torch_backend import TorchBackend
            return TorchBackend(self.program)
        if name == 'onnxruntime':
            from ant_ros.network.onnxruntime_backend import OnnxRuntimeBackend
            return OnnxRuntimeBackend(self.program)
        self._compiled = CompiledBackend(self.program)
        return self._compiled

    def _measure(self) -> BreakEven:
        """Measure the break-even of the backend."""
        program, compiled = self.program, self._compiled

        def run_node(node: int) -> None:
            if compiled is None:
                program.compute(self._backend, node)
            else:
                compiled.run(max_units=int(program.first[node + 1] - program.first[node]))

        def respond(image: np.ndarray) -> None:
            events = program.detect(image, self.threshold)
            if compiled is None:
                self._run_schedule(image, events, 'batched', 0, None, None, False, 0)
            else:
                self._respond(image, events, None, None, 0)

        return measure_break_even(program, run_node, respond, self._dense)

    def _begin(self) -> int:
        """Start the clock and the energy counter."""
        if self._energy is not None:
            self._energy.joules()
        return time.monotonic_ns()

    def _work(self, units: int, macs: int, floats: int, begun: int) -> Work:
        seconds = (time.monotonic_ns() - begun) * 1e-9
        return Work(units, self._units_total, macs, self._macs_dense,
                    floats * _FLOAT_BYTES, seconds,
                    None if self._energy is None else self._energy.joules())
