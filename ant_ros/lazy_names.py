# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Public names of a package that are imported when they are first asked for."""

from collections.abc import Callable
from collections.abc import Mapping
from importlib import import_module
from typing import Any

__all__ = ['lazy_names']


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a package.

    Args:
        package: Its name.
        homes: In which module of the package each name is.
    """
    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f'module {package!r} has no attribute {name!r}')
        return getattr(import_module(f'{package}.{homes[name]}'), name)
    return find
