# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Learning on the line: labels in closed form, guarded, taken back, and shared by a fleet."""

from ant_ros.inspection.learning.challenge_set import ChallengePart
from ant_ros.inspection.learning.challenge_set import Trial
from ant_ros.inspection.learning.class_head import UNKNOWN
from ant_ros.inspection.learning.features import FeatureSpace
from ant_ros.inspection.learning.features import PartFeatures
from ant_ros.inspection.learning.fleet import merge_messages
from ant_ros.inspection.learning.knowledge import Change
from ant_ros.inspection.learning.knowledge import Waiting
from ant_ros.inspection.learning.label import Answer
from ant_ros.inspection.learning.label import GOOD
from ant_ros.inspection.learning.label import Label
from ant_ros.inspection.learning.label import LabelState
from ant_ros.inspection.learning.learner import Learner
from ant_ros.inspection.learning.limits import Limits
from ant_ros.inspection.learning.message import MessageError
from ant_ros.inspection.learning.model import Model
from ant_ros.inspection.learning.model import Opinion
from ant_ros.inspection.learning.place_features import ALIKE
from ant_ros.inspection.learning.place_features import describe_place
from ant_ros.inspection.learning.place_features import PLACE_FEATURES
from ant_ros.inspection.learning.proposals import Group
from ant_ros.inspection.learning.proposals import Proposals
from ant_ros.inspection.learning.spots import Spot

__all__ = [
    'ALIKE',
    'GOOD',
    'PLACE_FEATURES',
    'UNKNOWN',
    'Answer',
    'ChallengePart',
    'Change',
    'FeatureSpace',
    'Group',
    'Label',
    'LabelState',
    'Learner',
    'Limits',
    'MessageError',
    'Model',
    'Opinion',
    'PartFeatures',
    'Proposals',
    'Spot',
    'Trial',
    'Waiting',
    'describe_place',
    'merge_messages',
]
