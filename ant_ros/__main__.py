# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Run the command line: `python -m ant_ros …`."""

from ant_ros.cli import main

if __name__ == '__main__':
    main()
