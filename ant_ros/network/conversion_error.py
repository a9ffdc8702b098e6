# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""What is said of a module that cannot be converted."""

__all__ = ['ConversionError', 'Unsupported']


class ConversionError(ValueError):
    """A module cannot be made asynchronous; names the node, the operation and what to do."""


class Unsupported(Exception):
    """One operation cannot be lowered; `convert` adds where it stands.

    Args:
        reason: What about it is not possible.
        cure: What to do instead.
    """

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(f'{reason}; {cure}')
