# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The error of a recipe that cannot learn."""

__all__ = ['LearningError']


class LearningError(RuntimeError):
    """The recipe cannot learn; the text says what is missing and what to do."""
