# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a robot tells its fleet of what it has learned, and learns from the others."""

from collections import deque
from collections.abc import Callable
from typing import Any

from ant_ros.nodes.hearsay import Hearsay

__all__ = ['FleetExchange']

_MOST_HEARD = 32


class FleetExchange:
    """Tell what one recipe has learned, and learn what is heard of it, once there is a desk.

    `hear` may be called from any thread, all else from one that changes the recipe. Of many
    messages at a time the latest count: each says all that its robot knows. The last one of each
    robot on each recipe is kept until that recipe is in use.

    Args:
        robot: Name in the fleet; empty: nothing is shared.
        share: Called with what was learned from labels, to be told to the fleet; a ValueError
            says why it cannot be.
        hearsay: Where what other robots say is kept, whichever recipe they speak of.
        record_refusal: Called with what was refused and why.

    Attributes:
        faults: What keeps robots from learning from each other, with the cure.
        not_merged: Number of messages that were heard and refused.
    """

    def __init__(
        self, robot: str, share: Callable[[bytes], None], hearsay: Hearsay,
        record_refusal: Callable[[str, str], None],
    ):
        self._robot = robot
        self._share = share
        self._hearsay = hearsay
        self._record_refusal = record_refusal
        self._shared: tuple[str, int] | None = None
        self._heard_on = ''
        self._said = b''
        self._heard: deque[bytes] = deque(maxlen=_MOST_HEARD)
        self.faults: dict[str, str] = {}
        self.not_merged = 0

    def hear(self, message: bytes) -> bool:
        """Take what another robot says; return whether it is none of this robot's own words."""
        if message == self._said:
            return False
        self._hearsay.add(message)
        self._heard.append(message)
        return True

    def begin_anew(self) -> None:
        """Know that another version is in use: what was merged since it was made comes again."""
        self._heard_on = ''

    def begin_elsewhere(self) -> None:
        """Know that another recipe is in use."""
        self.begin_anew()
        self.faults.pop('fleet', None)

    def meet(self, desk: Any) -> None:
        """Take the robot's name, tell what is known, and learn what was heard.

        Args:
            desk: Where labels to the recipe are handed in; None where there is none.
        """
        if not self._robot or desk is None or desk.why_not():
            return
        from ant_ros.inspection.online import LearningError
        try:
            desk.inspector.join_fleet(self._robot)
        except (LearningError, ValueError) as error:
            self.faults['robot'] = f'nothing is shared: {error}'
            return
        self.faults.pop('robot', None)
        self.tell(desk)
        self._hear_again(desk)
        while self._heard:
            self._merge(desk, self._heard.popleft())

    def tell(self, desk: Any) -> None:
        """Tell what was learned, if there is anything new."""
        if not self._robot or 'robot' in self.faults or desk is None or desk.why_not():
            return
        learner = desk.inspector.learner
        told = learner.space.digest, learner.version
        if told == self._shared:
            return
        # It is heard here, too, and on another thread maybe before it is told to all.
        before, self._said = self._said, learner.export()
        try:
            self._share(self._said)
        except ValueError as error:
            self._said = before
            self.faults['share'] = f'the fleet is told nothing: {error}'
            self._record_refusal('tell the fleet', str(error))
        else:
            self.faults.pop('share', None)
        self._shared = told

    def _merge(self, desk: Any, message: bytes) -> None:
        from ant_ros.inspection.online.recipe_versions import FLEET
        answer = desk.merge(message, by=FLEET)
        self.faults.pop('fleet', None)
        if answer.state.value != 'applied':
            self.not_merged += answer.state.value == 'refused'
            self.faults['fleet'] = f'not learned from the fleet: {answer.text}'

    def _hear_again(self, desk: Any) -> None:
        """Take what was said of this recipe while another one was in use, or none."""
        space = desk.inspector.learner.space.digest
        if space != self._heard_on:
            self._heard_on = space
            waiting = list(self._heard)
            self._heard.extend(
                message for message in self._hearsay.on(space) if message not in waiting)
