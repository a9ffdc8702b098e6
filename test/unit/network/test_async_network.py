# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The public class: what it answers in every mode and on every backend, and what it refuses."""

import functools
from pathlib import Path
import runpy
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from ant_ros.bench.network import networks
from ant_ros.bench.network.networks import texture
from ant_ros.network.async_network import AsyncNetwork
from ant_ros.network.async_network import BACKENDS
from ant_ros.network.break_even import BreakEven
from ant_ros.network.break_even import NEVER_DENSE
from ant_ros.network.conversion import ConversionError
from ant_ros.network.conversion import convert
from ant_ros.network.event_log import EventLogError
from ant_ros.network.program import Unit

_SIDE = 64
dilated, patch_descriptor, resnet_style, settling, unet = map(functools.cache, (
    networks.dilated, networks.patch_descriptor, networks.resnet_style, networks.settling,
    networks.unet))
_ALWAYS_DENSE = BreakEven(0.0, (), (0.0,), (1.0,))


@functools.cache
def _images(count, seed=0):
    return texture(count, _SIDE, seed).numpy()


def _network(module=None, **options):
    options.setdefault('break_even', NEVER_DENSE)
    return AsyncNetwork.from_graph(_graph(module or dilated()), _images(1)[0], **options)


@functools.cache
def _graph(module):
    return convert(module, _images(1)[0])


def _changed(seed=1, top=20, left=30, side=14):
    image = _images(1)[0].copy()
    image[:, top:top + side, left:left + side] = _images(1, seed)[0][
        :, top:top + side, left:left + side]
    return image


def _dense(module, image):
    with torch.no_grad():
        answer = module(torch.from_numpy(image)[None])
    return answer.numpy()


def _close(output, wanted, bound=1e-5):
    assert output.shape == wanted.shape
    assert np.abs(output - wanted).max() <= bound * np.abs(wanted).max()


@pytest.mark.parametrize('backend', BACKENDS)
@pytest.mark.parametrize('mode', ['expected', 'previous'])
def test_images_one_after_another_are_answered_as_by_the_module(backend, mode):
    module = dilated()
    network = _network(module, backend=backend, mode=mode)
    places = [(0, 0, 9), (50, 50, 14), (20, 30, 5), (0, 0, _SIDE)]
    for number, (top, left, side) in enumerate(places):
        image = _changed(number + 1, top, left, side)
        answer = network.run(image)
        _close(answer.output, _dense(module, image))
        assert 0 < answer.work.units <= answer.work.units_total
        assert not (answer.cut or answer.dense)
    same = network.run(image)
    assert (same.events == 0) == (mode == 'previous')
    network.reset()
    idle = network.run(_images(1)[0])
    assert (idle.events, idle.work.units, idle.work.macs) == (0, 0, 0)
    _close(idle.output, _dense(module, _images(1)[0]))


@pytest.mark.parametrize('build', [resnet_style, unet, patch_descriptor])
def test_whatever_the_module_gives_is_given(build):
    module = build()
    network = AsyncNetwork.from_module(module, torch.from_numpy(_images(1)),
                                       break_even=NEVER_DENSE)
    _close(network.run(_changed()).output, _dense(module, _changed()))


class _TwoOutputs(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = dilated()

    def forward(self, x):
        y = self.body(x)
        return y, torch.relu(y)


def test_several_outputs():
    module = _TwoOutputs().eval()
    answer = _network(module).run(_changed())
    first, second = answer.outputs
    wanted = _dense(module.body, _changed())
    _close(first, wanted)
    _close(second, np.maximum(wanted, 0))
    with pytest.raises(ValueError, match='2 outputs'):
        answer.output


def test_work_is_counted_alike_by_every_schedule():
    network = _network(patch_descriptor())
    answers = [network.run(_changed(), schedule='batched'),
               network.run(_changed(), schedule='batched', record=True)]
    assert len({(a.work.units, a.work.macs, a.work.bytes, a.events) for a in answers}) == 1
    work = answers[0].work
    assert work.macs < work.macs_dense
    assert work.units < work.units_total
    assert work.seconds > 0
    assert answers[0].compute_s <= work.seconds
    assert answers[1].compute_s is None


def test_everything_changed_is_the_dense_work():
    work = _network(patch_descriptor()).run(_images(1)[0] + 1).work
    assert (work.units, work.macs) == (work.units_total, work.macs_dense)


@pytest.mark.parametrize('schedule', ['priority', 'random'])
def test_other_schedules_give_the_same_bits(schedule):
    network = _network()
    wanted = network.run(_changed()).output
    assert np.array_equal(network.run(_changed(), schedule=schedule, seed=3).output, wanted)


def test_an_answer_is_the_callers_to_keep():
    network = _network(mode='previous')
    first = network.run(_changed(1))
    kept = first.output.copy()
    network.run(_changed(2))
    assert np.array_equal(first.output, kept)
    with pytest.raises(ValueError, match='read-only'):
        first.output[:] = 0


def test_a_threshold_in_spreads_lets_small_changes_pass():
    spread = np.full((3, _SIDE, _SIDE), 0.5, np.float32)
    network = _network(spread=spread, threshold=2.0)
    image = _images(1)[0].copy()
    image[0, 10, 10] += 0.9
    assert network.run(image).events == 0
    image[0, 10, 10] += 0.2
    assert network.run(image).events == 1


def test_passing_on_less_costs_less_and_errs_a_little():
    module = unet()
    exact, thrifty = _network(module), _network(module, passing=0.1)
    wanted = _dense(module, _changed())
    a, b = exact.run(_changed()), thrifty.run(_changed())
    assert b.work.units < a.work.units
    response = np.linalg.norm(wanted - exact.run(_images(1)[0]).output)
    assert 0 < np.linalg.norm(b.output - wanted) < 0.2 * response


def test_budgets_cut_and_say_so():
    network = _network()
    answer = network.run(_changed(), max_units=5)
    assert answer.cut
    assert answer.work.units == 5
    assert network.run(_changed(), max_ms=0).cut
    assert network.run(_changed(), max_units=5, schedule='random').cut
    whole = network.run(_changed(), max_units=10**6, max_ms=1e6)
    assert not whole.cut
    assert np.array_equal(whole.output, network.run(_changed()).output)


@pytest.mark.parametrize('schedule', ['batched', 'random'])
def test_in_mode_previous_a_cut_run_is_gone_on_with(schedule):
    module = dilated()
    network = _network(module, mode='previous')
    assert network.run(_changed(), max_units=5, schedule=schedule).cut
    answer = network.run(_changed(), schedule=schedule)
    assert answer.events == 0
    assert not answer.cut
    _close(answer.output, _dense(module, _changed()))


def test_where_dense_is_faster_it_runs_densely():
    module = dilated()
    network = _network(module, break_even=_ALWAYS_DENSE)
    answer = network.run(_changed())
    assert answer.dense
    assert (answer.work.units, answer.work.macs) == (
        answer.work.units_total, answer.work.macs_dense)
    _close(answer.output, _dense(module, _changed()))
    assert network.run(_images(1)[0]).work.units == 0
    for wish in ({'record': True}, {'schedule': 'random'}, {'max_units': 10**6}):
        assert not network.run(_changed(), **wish).dense


def test_a_network_that_follows_or_settles_is_never_run_densely():
    image = _changed(1, 0, 0, _SIDE)
    assert not _network(mode='previous', break_even=None).run(image).dense
    loops = _network(settling(), break_even=None)
    answer = loops.run(image)
    assert not answer.dense
    assert answer.settled


def test_the_break_even_is_measured_once_and_can_be_taken_along():
    network = _network(patch_descriptor(), break_even=None)
    wanted = network.run(_images(1)[0]).output
    costs = network.break_even
    assert network.break_even is costs
    assert 0 < costs.dense_ns < 1e9
    assert np.array_equal(network.run(_images(1)[0]).output, wanted)
    assert _network(patch_descriptor(), break_even=costs).break_even == costs


def test_a_dense_run_without_onnxruntime_takes_torch(monkeypatch):
    from ant_ros.network import onnxruntime_backend

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(onnxruntime_backend, '_installed', missing)
    module = dilated()
    answer = _network(module, break_even=_ALWAYS_DENSE).run(_changed())
    assert answer.dense
    _close(answer.output, _dense(module, _changed()))


@pytest.mark.parametrize('mode', ['expected', 'previous'])
def test_a_log_replays_bit_for_bit_and_says_why(mode):
    network = _network(mode=mode)
    answer = network.run(_changed(), schedule='random', seed=7, record=True)
    network.reset()
    again = network.replay(answer.log)
    assert np.array_equal(again.output, answer.output)
    assert (again.work.units, again.events) == (answer.work.units, answer.events)
    reason = network.why(Unit(1, 6, 9))
    assert reason.woken
    assert 'image tile' in str(reason)
    with pytest.raises(EventLogError, match='another network'):
        _network(resnet_style()).replay(answer.log)


def test_why_needs_a_recorded_run():
    with pytest.raises(ValueError, match='record=True'):
        _network().why(Unit(1, 0, 0))


_BAD = {
    'shape': (np.zeros((3, 8, 8), np.float32), {}, 'shape'),
    'type': (np.zeros((3, _SIDE, _SIDE)), {}, 'float32'),
    'no image': (np.zeros((0, 3, _SIDE, _SIDE), np.float32), {}, 'batch of 0'),
    'several': (np.zeros((2, 3, _SIDE, _SIDE), np.float32), {}, 'batch of 2'),
    'schedule': (None, {'schedule': 'tomorrow'}, 'batched, priority, random'),
    'units': (None, {'max_units': -1}, 'max_units'),
    'time': (None, {'max_ms': float('nan')}, 'max_ms'),
}


@pytest.mark.parametrize('mode', ['expected', 'previous'])
@pytest.mark.parametrize('case', [*_BAD, 'NaN', 'infinity'])
def test_bad_input_leaves_the_state_untouched(case, mode):
    network = _network(mode=mode)
    network.run(_changed())
    program = network.program
    before = program.values.copy(), program.expected.copy(), program.eligible.copy()
    if case in _BAD:
        image, options, message = _BAD[case]
    else:
        image, options, message = _changed(2), {}, 'NaN or infinity'
        image[1, 60, 61] = float(case.replace('infinity', 'inf'))
    with pytest.raises(ValueError, match=message):
        network.run(_changed(2) if image is None else image, **options)
    for old, new in zip(before, (program.values, program.expected, program.eligible)):
        assert np.array_equal(old, new)


@pytest.mark.parametrize('options, message', [
    ({'threshold': -1}, 'threshold'), ({'spread': 0.0}, 'spread'), ({'mode': 'now'}, 'mode'),
    ({'backend': 'abacus'}, 'compiled, torch, onnxruntime'), ({'tile': 0}, 'tile'),
    ({'passing': -1}, 'passing')])
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _network(**options)


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_an_expectation_that_is_not_finite_is_refused(value):
    expected = _images(1)[0].copy()
    graph = convert(dilated(), expected)
    expected[0, 0, 0] = value
    with pytest.raises(ValueError, match='expected input holds NaN'):
        AsyncNetwork.from_graph(graph, expected)
    with pytest.raises(ValueError, match='expected input has shape'):
        AsyncNetwork.from_graph(graph, np.zeros((3, 8, 8), np.float32))


def test_a_module_in_training_is_refused():
    with pytest.raises(ConversionError, match='train'):
        AsyncNetwork.from_module(networks.dilated().train(), _images(1)[0])


def test_memory_is_that_of_state_and_reference_and_more():
    network = _network()
    assert network.bytes > 2 * network.program.values.nbytes


def test_the_package_stays_light_until_it_is_used():
    code = ('import sys, ant_ros.network; '
            'print([n for n in ("torch", "numba", "onnxruntime", "onnx") if n in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '[]'


def test_the_example_runs(capsys):
    path = Path(__file__).parents[3] / 'examples' / 'make_asynchronous.py'
    runpy.run_path(str(path), run_name='__main__')
    assert 'as expected: 0 units' in capsys.readouterr().out


def test_joules_come_from_the_counter_of_the_machine_or_not_at_all(monkeypatch):
    class Counter:
        def __init__(self):
            self.readings = iter([9.0, 0.25])

        def joules(self):
            return next(self.readings)

    image = texture(1, _SIDE, 0)[0].numpy()
    graph = convert(dilated(), image)
    for counter, joules in ((Counter(), 0.25), (None, None)):
        monkeypatch.setattr('ant_ros.network.async_network.EnergyCounter.open',
                            lambda counter=counter: counter)
        assert AsyncNetwork(graph, image).run(image).work.joules == joules


@pytest.mark.parametrize('build', [dilated, patch_descriptor, resnet_style, unet])
def test_a_dense_run_costs_what_torch_counts(build):
    image = texture(1, _SIDE, 0)
    with FlopCounterMode(display=False) as counter:
        build()(image)
    network = AsyncNetwork.from_module(build(), image, break_even=NEVER_DENSE)
    assert 2 * network.program.macs_dense == counter.get_total_flops()
    assert network.run(texture(1, _SIDE, 1)).work.macs == network.program.macs_dense
