# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Where the package's data (scenes, launch files, parameter files) lies."""

from pathlib import Path

__all__ = ['share_directory']


def share_directory() -> Path:
    """Return the folder that holds `sim/` and `launch/`.

    It is the source tree when the package runs from one (also with
    `colcon build --symlink-install`), else the installed share folder.

    Raises:
        FileNotFoundError: neither is there.
    """
    source = Path(__file__).resolve().parents[1]
    if (source / 'sim').is_dir() and (source / 'package.xml').is_file():
        return source
    from ament_index_python.packages import get_package_share_directory
    from ament_index_python.packages import PackageNotFoundError
    try:
        return Path(get_package_share_directory('ant_ros'))
    except PackageNotFoundError as error:
        raise FileNotFoundError(
            'the data of ant_ros is not installed: source install/setup.bash of the colcon '
            'workspace, or set AMENT_PREFIX_PATH to the prefix of share/ant_ros') from error
