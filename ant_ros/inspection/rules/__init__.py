# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Symbols decide: rules over what was measured, written by people or learned from labels."""

from ant_ros.inspection.rules.covering import LabelledPart
from ant_ros.inspection.rules.covering import learn_rules
from ant_ros.inspection.rules.covering import Learned
from ant_ros.inspection.rules.disposition import Disposition
from ant_ros.inspection.rules.judging import judge
from ant_ros.inspection.rules.judging import Judgement
from ant_ros.inspection.rules.known_classes import say_unknown_classes
from ant_ros.inspection.rules.predicates import Found
from ant_ros.inspection.rules.predicates import measure
from ant_ros.inspection.rules.predicates import Measured
from ant_ros.inspection.rules.rule_book import load_rules
from ant_ros.inspection.rules.rule_book import make_rules
from ant_ros.inspection.rules.rule_book import Rule
from ant_ros.inspection.rules.rule_book import RuleBook
from ant_ros.inspection.rules.rule_book import RuleError
from ant_ros.inspection.rules.rule_book import save_learned
from ant_ros.inspection.rules.rule_book import save_rules
from ant_ros.inspection.rules.rule_file import Reload
from ant_ros.inspection.rules.rule_file import RuleFile
from ant_ros.inspection.rules.rule_file import rules_path
from ant_ros.inspection.rules.wording import explain
from ant_ros.inspection.rules.zones import Zone

__all__ = [
    'Disposition',
    'Found',
    'Judgement',
    'LabelledPart',
    'Learned',
    'Measured',
    'Reload',
    'Rule',
    'RuleBook',
    'RuleError',
    'RuleFile',
    'Zone',
    'explain',
    'judge',
    'learn_rules',
    'load_rules',
    'make_rules',
    'measure',
    'rules_path',
    'save_learned',
    'save_rules',
    'say_unknown_classes',
]
