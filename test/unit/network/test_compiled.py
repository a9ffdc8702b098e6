# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Compiled code is kept, is thrown away when any kernel changes, and can do without a folder."""

from pathlib import Path
import re
import subprocess
import sys

import ant_ros.network
from ant_ros.network import compiled

_PACKAGE = Path(ant_ros.network.__file__).parent

_DOUBLE = """
from pathlib import Path
import sys
import warnings
warnings.simplefilter('error')
from ant_ros.network import compiled
from ant_ros.network.compiled import entry
{change}
@entry
def double(x):
    return 2 * x
assert double(3) == 6
print(sum(double.stats.cache_hits.values()), sum(double.stats.cache_misses.values()))
"""


def _run(folder, change='', expect_error=False, **environment):
    script = folder / 'double.py'
    if not script.exists() or script.read_text() != _DOUBLE.format(change=change):
        script.write_text(_DOUBLE.format(change=change))
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, cwd=_PACKAGE.parents[1],
        env={'PATH': '/usr/bin', 'PYTHONPATH': str(_PACKAGE.parents[1]), **environment})
    assert (done.returncode != 0) == expect_error, done.stderr
    return done.stderr if expect_error else done.stdout.split()


def test_code_is_kept_until_a_kernel_changes(tmp_path):
    kept = {'NUMBA_CACHE_DIR': str(tmp_path / 'kept')}
    assert _run(tmp_path, **kept) == ['0', '1']
    assert _run(tmp_path, **kept) == ['1', '0']
    other = "compiled._fingerprint = lambda files: 'of another file that has changed'"
    _run(tmp_path, other, **kept)
    script = tmp_path / 'double.py'
    assert script.exists()
    assert _run(tmp_path, other, **kept) == ['1', '0']


def test_code_is_thrown_away_when_an_imported_kernel_changes(tmp_path):
    kept = {'NUMBA_CACHE_DIR': str(tmp_path / 'kept')}
    kernel = ('from ant_ros.network.compiled import kernel\n\n'
              '@kernel\ndef half(x):\n    return x {how}\n')
    use = 'sys.path.insert(0, str(Path(__file__).parent)); from halving import half'
    (tmp_path / 'halving.py').write_text(kernel.format(how='/ 2'))
    _run(tmp_path, use, **kept)
    assert _run(tmp_path, use, **kept) == ['1', '0']
    (tmp_path / 'halving.py').write_text(kernel.format(how='* 0.5'))
    assert _run(tmp_path, use, **kept) == ['0', '1']


def test_without_a_folder_it_warns_and_works(tmp_path):
    nowhere = 'from numba.core import caching; caching.CacheImpl._locator_classes = []'
    change = (f'{nowhere}; compiled.FunctionCache._impl_class._locator_classes = []; '
              "warnings.simplefilter('{how}')")
    assert _run(tmp_path, change.format(how='ignore')) == ['0', '1']
    stderr = _run(tmp_path, change.format(how='error'), expect_error=True)
    assert 'NUMBA_CACHE_DIR' in stderr


def test_every_file_with_kernels_is_part_of_the_key():
    uses = re.compile(r'^@(entry|kernel|inlined|intrinsic)$', re.M)
    makers = {path.stem for path in _PACKAGE.glob('*.py') if uses.search(path.read_text())}
    # And what they take constants from.
    for name in sorted(makers):
        text = (_PACKAGE / f'{name}.py').read_text()
        makers |= set(re.findall(r'^from ant_ros\.network\.(\w+) import [A-Z_]+$', text, re.M))
    assert makers <= set(compiled._SOURCES)
