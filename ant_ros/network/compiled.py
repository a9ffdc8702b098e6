# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""How the kernels are compiled: on first use, kept on disk, and without Python's global lock.

Numba keeps compiled code beside the source or, where that folder cannot be written, in the user's
cache folder; `NUMBA_CACHE_DIR` names another one. It looks only at the file of the kernel itself
to see whether the code is up to date, but code of other files is compiled into it. So the
contents of all files that this package's kernels are made of are part of the key here, and those
that kernels elsewhere import.
"""

from collections.abc import Callable
from functools import cache
import hashlib
from pathlib import Path
from typing import Any
import warnings

import numba
from numba.core.caching import FunctionCache
from numba.core.dispatcher import Dispatcher

__all__ = ['entry', 'inlined', 'kernel', 'summing']

_SOURCES = ('activations', 'break_even', 'clock', 'compiled', 'convolution_intrinsics',
            'detection', 'event_kernels', 'event_loop', 'graph', 'layout', 'op_table',
            'run_intrinsics', 'tile_kernels', 'vector_code')


class _KernelCache(FunctionCache):
    """Compiled code that is up to date only if none of the kernels' files has changed."""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        files = tuple(sorted(_files_of_kernels(self._py_func)))
        return (*super()._index_key(sig, codegen), _fingerprint(files))


def _files_of_kernels(function: Any) -> set[str]:
    """Return the files of the kernels that a kernel's file imports, and of those they import."""
    own = function.__code__.co_filename
    imported = [one.py_func for one in function.__globals__.values()
                if isinstance(one, Dispatcher) and one.py_func.__code__.co_filename != own]
    return {own}.union(*(_files_of_kernels(one) for one in imported))


@cache
def _fingerprint(files: tuple[str, ...]) -> str:
    sources = [str(Path(__file__).with_name(f'{name}.py')) for name in _SOURCES]
    digest = hashlib.sha256()
    for path in (*sources, *files):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


@cache
def _warn() -> None:
    warnings.warn('compiled kernels cannot be kept, so every start compiles them anew, which '
                  'takes half a minute: set NUMBA_CACHE_DIR to a folder that can be written',
                  stacklevel=2)


def _compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = numba.njit(nogil=True, error_model='numpy', **options)(function)
        try:
            dispatcher._cache = _KernelCache(function)
        except RuntimeError:  # no folder that can be written
            _warn()
        return dispatcher

    return decorate


entry = _compiled()
"""Decorate a kernel that Python calls."""

summing = _compiled(fastmath={'reassoc', 'contract', 'nsz'})
"""Decorate a kernel that Python calls and that may add up in any order: much faster sums."""

kernel = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Decorate a kernel that only kernels call: there is no way in from Python, a call crashes."""

inlined = _compiled(no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)
"""Decorate a small kernel that is called so often that the call would show."""
