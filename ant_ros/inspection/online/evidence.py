# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What a verdict was based on, and the inspector that hands it out."""

from __future__ import annotations

from ant_ros.inspection.evidence import Evidence
from ant_ros.inspection.inspector import Inspector as SeeingInspector

__all__ = ['Evidence', 'SeeingInspector']
