# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Measure an inspector on a folder of labelled images in the MVTec AD layout."""

from ant_ros.bench.evaluation.evaluate import evaluate
from ant_ros.bench.evaluation.evaluate import Evaluation
from ant_ros.bench.evaluation.figures import FIGURES
from ant_ros.bench.evaluation.image_set import ImageSet
from ant_ros.bench.evaluation.image_set import ImageSetError
from ant_ros.bench.evaluation.image_set import read_image_set
from ant_ros.bench.evaluation.inspector_teacher import inspector_teacher
from ant_ros.bench.evaluation.page import write_page

__all__ = ['FIGURES', 'Evaluation', 'ImageSet', 'ImageSetError', 'evaluate', 'inspector_teacher',
           'read_image_set', 'write_page']
