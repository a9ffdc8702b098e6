# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What an inspector does: find, register, expect, look, judge."""

from ant_ros.inspection.frame import ImageError
from ant_ros.inspection.image_files import list_images
from ant_ros.inspection.image_files import read_image
from ant_ros.inspection.inspector import InspectedPart
from ant_ros.inspection.inspector import Inspector
from ant_ros.inspection.overlay import draw_overlay
from ant_ros.inspection.recipe import RecipeError
from ant_ros.inspection.sharpening import Sharpened
from ant_ros.inspection.teaching import TeachError
from ant_ros.inspection.verdict import Decision
from ant_ros.inspection.verdict import Region
from ant_ros.inspection.verdict import Verdict
from ant_ros.network.work import Work

__all__ = [
    'Decision',
    'ImageError',
    'InspectedPart',
    'Inspector',
    'RecipeError',
    'Region',
    'Sharpened',
    'TeachError',
    'Verdict',
    'Work',
    'draw_overlay',
    'list_images',
    'read_image',
]
