# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The command line."""

__all__ = ['main']


def main() -> None:
    """Run the command line and exit with its code."""
    from ant_ros.cli.app import app
    app()
