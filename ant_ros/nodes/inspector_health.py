# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the inspector node is, in words that tell what to do."""

from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from typing import Any

from ant_ros.nodes.arrivals import Rates
from ant_ros.nodes.compute_figures import ComputeSummary
from ant_ros.nodes.health import Health
from ant_ros.nodes.health import Level
from ant_ros.nodes.judging import Judge
from ant_ros.nodes.learning import Learning

__all__ = [
    'InputFigures',
    'compute_health',
    'input_health',
    'learning_health',
    'model_health',
    'state_health',
]

_ARRIVING_SHARE = 0.95

_TRANSPORT_CURE = (
    "frames get lost on the way: in the camera driver's process set "
    'FASTRTPS_DEFAULT_PROFILES_FILE to launch/large_images.xml of ant_ros (a larger shared-memory '
    'segment)')


@dataclass(frozen=True)
class InputFigures:
    """What the camera and the photo-eye have sent while active.

    Attributes:
        topic: the image topic, as resolved.
        reliability: of the subscription, as it is now.
        publishers: matched publishers.
        others: topics that carry images of the wanted type.
        rates: of the images.
        received: images so far.
        age_s: since the last image, None before the first.
        silent: no image for longer than the camera may be silent.
        lost: images by cause.
        lost_lately: causes of the last seconds.
        triggered: whether parts are announced on a topic.
        triggers: triggers so far, None where images are the trigger.
        triggers_lost: triggers published but never received.
        waiting: parts that wait for their image.
    """

    topic: str
    reliability: str
    publishers: int
    others: tuple[str, ...]
    rates: Rates
    received: int
    age_s: float | None
    silent: bool
    lost: Mapping[str, int]
    lost_lately: frozenset[str]
    triggered: bool
    triggers: int
    triggers_lost: int
    waiting: int


def input_health(figures: InputFigures) -> Health:
    """Say how the images come in."""
    level, message = _input_sentence(figures)
    values = {
        'topic': figures.topic, 'reliability': figures.reliability,
        'matched_publishers': figures.publishers, 'images_received': figures.received,
        'arriving_hz': figures.rates.arriving_hz, 'published_hz': figures.rates.published_hz,
        'age_s': 'never' if figures.age_s is None else figures.age_s,
        **{f'lost_{cause}': count for cause, count in figures.lost.items()}}
    if figures.triggered:
        values.update({'triggers_received': figures.triggers,
                       'triggers_lost': figures.triggers_lost,
                       'parts_waiting_for_image': figures.waiting})
    return Health(level, message, values)


def _input_sentence(figures: InputFigures) -> tuple[Level, str]:
    rates = figures.rates
    matched = f'matched {figures.publishers} publisher{"s" * (figures.publishers != 1)}'
    if not figures.publishers:
        hint = ', '.join(figures.others) or 'none'
        return Level.ERROR, (f'no publisher on {figures.topic}: remap image to your camera '
                             f'(topics with images: {hint})')
    if figures.age_s is None:
        return (Level.ERROR if figures.silent else Level.OK), f'{matched}, no image yet'
    if figures.silent:
        return Level.ERROR, f'{matched}, but the camera is silent for {figures.age_s:.1f} s'
    if 'unstamped' in figures.lost_lately:
        return Level.ERROR, ('the camera sends stamp 0, so its images cannot be matched to '
                             'triggers: let its driver stamp them, or set trigger: image')
    if figures.triggers_lost:
        return Level.ERROR, f'{figures.triggers_lost} triggers were published but never arrived'
    if figures.triggered and not figures.triggers:
        return Level.WARN, (f'{matched}, images arrive but no trigger: publish '
                            'sensor_msgs/TimeReference on part, or set trigger: image')
    arriving = f'{matched}, {rates.arriving_hz:.3g} of {rates.published_hz:.3g} Hz arriving'
    if rates.arriving_hz < _ARRIVING_SHARE * rates.published_hz:
        return Level.WARN, f'{arriving}: {_TRANSPORT_CURE}'
    if 'bad' in figures.lost_lately:
        return Level.WARN, f'{arriving}, {figures.lost["bad"]} images could not be read'
    if figures.publishers > 1:
        return Level.WARN, (f'{arriving}: losses on the way cannot be counted with more than one '
                            'publisher')
    return Level.OK, arriving


def compute_health(figures: ComputeSummary, *, waiting: int, capacity: int,
                   stuck_s: float | None, overflowing: bool, faults: int, last_fault: str,
                   illegal_requests: int) -> Health:
    """Say how the worker keeps up.

    Args:
        figures: of the last parts.
        waiting: parts in the queue.
        capacity: its size.
        stuck_s: how long the part in hand has taken, if too long, else None.
        overflowing: whether parts found the queue full in the last seconds.
        faults: exceptions that were caught.
        last_fault: the last one.
        illegal_requests: lifecycle requests that were refused.
    """
    level, message = Level.OK, f'{_ms(figures.latency_ms_p50)} from image to verdict (median)'
    if stuck_s is not None:
        level, message = Level.ERROR, f'the inspector has not answered for {stuck_s:.1f} s'
    elif faults:
        level, message = Level.WARN, f'{faults} faults were caught, the last: {last_fault}'
    elif overflowing:
        level = Level.WARN
        message = ('parts come faster than they can be inspected '
                   f'({_ms(figures.compute_ms_p50)} each)')
    values = asdict(figures)
    values.update({f'verdicts_{name}': count for name, count in values.pop('decisions').items()})
    values.update({f'uninspected_{name}': count for name, count in values.pop('causes').items()})
    return Health(level, message, {
        **values, 'queue_waiting': waiting, 'queue_capacity': capacity, 'faults': faults,
        'illegal_lifecycle_requests': illegal_requests})


def _ms(milliseconds: float) -> str:
    return f'{milliseconds:.0f} ms' if milliseconds >= 100 else f'{milliseconds:.3g} ms'


def learning_health(judge: Judge | None, learning: Learning | None) -> Health:
    """Say what has been taught, and what was learned from labels."""
    if judge is None or learning is None:
        return Health(Level.OK, 'not configured')
    figures = learning.figures
    values = _learning_values(learning)
    lesson = judge.lesson
    if lesson is not None and not lesson.sharpens:
        return Health(Level.OK, f'teaching: {len(lesson.images)} of {lesson.wanted} good parts',
                      {'collected': len(lesson.images), 'wanted': lesson.wanted, **values})
    if judge.learning_failed:
        return Health(Level.ERROR, judge.learning_message, values)
    fault = '; '.join(filter(
        None, (learning.fault, judge.rules_fault, getattr(judge.inspector, 'rules_doubt', ''),
               _ledger_fault(learning), learning.drift)))
    if fault:
        return Health(Level.WARN, fault, values)
    told = figures.off and f'no labels are taken: {figures.off}'
    told = told or f'{figures.learned} labels learned, {figures.pending} pending'
    return Health(Level.OK, f'{judge.learning_message}; {told}', values)


def _learning_values(learning: Learning) -> dict[str, object]:
    figures, health = learning.figures, learning.ledger_health
    values: dict[str, object] = {
        **{f'answered_{result.replace(" ", "_")}': count
           for result, count in learning.answers.items()},
        'labels_waiting': learning.waiting, 'labels_in_force': figures.learned,
        'labels_pending': figures.pending, 'classes': ', '.join(figures.classes),
        'patterns': ', '.join(figures.patterns),
        'challenge_parts': figures.challenge, 'parts_remembered': figures.remembered,
        'fleet_messages_refused': learning.not_merged}
    if health is not None:
        ledger, recorder = health
        values.update({'ledger_waiting': ledger.waiting + recorder.waiting,
                       'ledger_lost': ledger.lost + recorder.lost,
                       'images_archived': recorder.archived,
                       'images_not_archived': recorder.not_archived + recorder.without_image})
    return values


def _ledger_fault(learning: Learning) -> str:
    health = learning.ledger_health
    return '' if health is None else health[0].fault or health[1].fault


def model_health(judge: Judge | None) -> Health:
    """Say which recipe is in use."""
    if judge is None:
        return Health(Level.OK, 'not configured')
    if judge.occupied:
        return Health(Level.WARN, f'{judge.occupied} a recipe')
    inspector = judge.inspector
    if inspector is None:
        return Health(Level.ERROR if judge.recipe_fault else Level.WARN,
                      f'{judge.why_no_recipe()}; all parts are uninspected')
    values = {'recipe': inspector.name, 'recipe_version': inspector.version,
              'path': judge.recipe_path or '(not saved)', 'rules': judge.rules_in_words,
              **_borne_out(inspector)}
    running = f'recipe {inspector.name!r} version {inspector.version}'
    if judge.recipe_fault:
        return Health(Level.ERROR, f'{judge.recipe_fault}; {running} stays in use', values)
    if judge.rules_left_out:
        return Health(Level.WARN, f'{running}: {judge.rules_left_out}', values)
    return Health(Level.OK, running, values)


def _borne_out(inspector: Any) -> dict[str, str]:
    """Return what the good parts say of error rate and teaching, where that is known."""
    recipe = getattr(inspector, 'recipe', None)
    return {} if recipe is None else {
        'guarantee': recipe.guarantee, 'enough': recipe.enough.text}


def state_health(state: str, fault: str) -> Health:
    """Say in which lifecycle state the node is, and what kept it there."""
    if fault:
        return Health(Level.ERROR, f'{state}: {fault}')
    if state == 'active':
        return Health(Level.OK, state)
    return Health(Level.WARN, f'{state}: nothing is inspected. Configure and activate it, or '
                              'start it with autostart: true')
