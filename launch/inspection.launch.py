# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Launch inspection on a robot: inspector and reject gate; the camera is yours, by remap."""

from launch.actions import DeclareLaunchArgument
from launch.actions import GroupAction
from launch.actions import SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch.substitutions import PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.actions import PushROSNamespace
from launch_ros.actions import SetParameter
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from ant_ros.nodes.respawning import unless_refused
from launch import LaunchDescription

ARGUMENTS = [
    DeclareLaunchArgument('namespace', default_value='', description='Namespace of all nodes.'),
    DeclareLaunchArgument(
        'params_file', default_value=PathJoinSubstitution(
            [FindPackageShare('ant_ros'), 'launch', 'inspection.yaml']),
        description='Parameters of all nodes (YAML).'),
    DeclareLaunchArgument(
        'autostart', default_value='true', choices=['true', 'false'],
        description='Configure and activate the inspector; false leaves it to a manager.'),
    DeclareLaunchArgument(
        'use_sim_time', default_value='false', choices=['true', 'false'],
        description='Follow /clock (a simulator or a bag).'),
    DeclareLaunchArgument(
        'use_respawn', default_value='true', choices=['true', 'false'],
        description='Start a node again that has died; meanwhile the gate rejects everything.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='Log level of all nodes.'),
    DeclareLaunchArgument(
        'image', default_value='camera/image_raw', description="The camera's image topic."),
    DeclareLaunchArgument(
        'part', default_value='part',
        description='Topic of the photo-eye or scanner (sensor_msgs/TimeReference).'),
    DeclareLaunchArgument(
        'encoder', default_value='encoder',
        description='Topic of the belt encoder (sensor_msgs/JointState: m, m/s).'),
    DeclareLaunchArgument(
        'recipe', default_value='',
        description='Recipe folder; empty: teach with the service inspector/teach.'),
]


def generate_launch_description() -> LaunchDescription:
    """Return inspector and gate."""
    common = {
        'package': 'ant_ros', 'output': 'both', 'emulate_tty': True,
        'arguments': ['--ros-args', '--log-level', LaunchConfiguration('log_level')],
        'respawn': LaunchConfiguration('use_respawn'), 'respawn_delay': 1.0,
        'on_exit': unless_refused,
        # Under load it takes some seconds to write down what has been decided and learned.
        'sigterm_timeout': '15', 'sigkill_timeout': '15',
    }
    params_file = LaunchConfiguration('params_file')
    inspector = Node(
        executable='inspector', name='inspector',
        parameters=[params_file, {
            'autostart': ParameterValue(LaunchConfiguration('autostart'), value_type=bool),
            'recipe': ParameterValue(LaunchConfiguration('recipe'), value_type=str)}],
        remappings=[('image', LaunchConfiguration('image')),
                    ('image/compressed', [LaunchConfiguration('image'), '/compressed']),
                    ('part', LaunchConfiguration('part'))], **common)
    gate = Node(
        executable='reject_gate', name='reject_gate', parameters=[params_file],
        remappings=[('verdict', 'inspector/verdict'), ('part', LaunchConfiguration('part')),
                    ('encoder', LaunchConfiguration('encoder'))], **common)
    return LaunchDescription([
        *ARGUMENTS,
        SetEnvironmentVariable('RCUTILS_LOGGING_BUFFERED_STREAM', '1'),
        GroupAction([
            PushROSNamespace(LaunchConfiguration('namespace')),
            SetParameter('use_sim_time', ParameterValue(
                LaunchConfiguration('use_sim_time'), value_type=bool)),
            inspector, gate,
        ]),
    ])
