# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The reference of topics, services and parameters in docs/nodes.md, made from the nodes' tables.

`python -m ant_ros.nodes.reference docs/nodes.md` writes it anew.
"""

from collections.abc import Iterable
import importlib
from pathlib import Path
import sys

from ant_ros.nodes.endpoints import Endpoint
from ant_ros.nodes.parameters import Parameter

__all__ = ['NODES', 'reference', 'with_reference']

NODES = ('inspector', 'reject_gate', 'line_simulator', 'scorekeeper', 'image_folder_camera')
_BEGIN = '<!-- reference: made by python -m ant_ros.nodes.reference docs/nodes.md -->\n'
_END = '<!-- end of reference -->\n'


def reference() -> str:
    """Return the Markdown tables of all nodes."""
    sections = []
    for name in NODES:
        module = importlib.import_module(f'ant_ros.nodes.{name}')
        sections.append(f'## Node `{name}`\n\n{_endpoint_table(module.ENDPOINTS)}\n'
                        f'{_parameter_table(module.PARAMETERS)}')
    return '\n'.join(sections)


def with_reference(text: str) -> str:
    """Return a page's text with its reference made anew.

    Raises:
        ValueError: the marks between which it stands are not there.
    """
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f'the marks {_BEGIN.strip()} and {_END.strip()} are missing')
    return f'{before}{begin}\n{reference()}\n{end}{after}'


def _endpoint_table(endpoints: Iterable[Endpoint]) -> str:
    short = {'subscription': 'sub', 'publisher': 'pub', 'service': 'srv'}
    rows = [f'| {short[row.kind]} | `{row.name}` | {row.type} | {row.qos} | {row.note} |'
            for row in endpoints]
    return '\n'.join(['| | name | type | QoS | note |', '| --- | --- | --- | --- | --- |',
                      *rows]) + '\n'


def _parameter_table(parameters: Iterable[Parameter]) -> str:
    rows = [f'| `{row.name}` | {_default(row)} | {row.allowed()} | '
            f'{"at start" if row.read_only else "any time"} | {row.description} |'
            for row in parameters]
    return '\n'.join(['| parameter | default | allowed | set | what it does |',
                      '| --- | --- | --- | --- | --- |', *rows]) + '\n'


def _default(row: Parameter) -> str:
    if isinstance(row.default, bool):
        return f'`{str(row.default).lower()}`'
    return f'`{row.default}`' if row.default != '' else 'empty'


if __name__ == '__main__':
    for given in sys.argv[1:]:
        path = Path(given)
        path.write_text(with_reference(path.read_text()))
