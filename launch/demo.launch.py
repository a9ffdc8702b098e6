# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Launch the simulated inspection line: simulator, inspector, reject gate and scorekeeper."""

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

STOP_TIMEOUT_S = '15'   # under load it takes some seconds to write down what has been decided

ARGUMENTS = [
    DeclareLaunchArgument('namespace', default_value='', description='Namespace of all nodes.'),
    DeclareLaunchArgument(
        'params_file', default_value=PathJoinSubstitution(
            [FindPackageShare('ant_ros'), 'launch', 'demo.yaml']),
        description='Parameters of all nodes (YAML).'),
    DeclareLaunchArgument(
        'autostart', default_value='true', choices=['true', 'false'],
        description='Configure and activate the inspector; false leaves it to a manager.'),
    DeclareLaunchArgument(
        'use_sim_time', default_value='true', choices=['true', 'false'],
        description="Follow the simulator's /clock."),
    DeclareLaunchArgument(
        'use_respawn', default_value='true', choices=['true', 'false'],
        description='Start a node again that has died; meanwhile the gate rejects everything.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='Log level of all nodes.'),
    DeclareLaunchArgument(
        'scenario', default_value='demo',
        description='Scenario of the line: demo, shift, hard, or a YAML file.'),
    DeclareLaunchArgument(
        'parts', default_value='200', description='Number of parts to inspect.'),
    DeclareLaunchArgument(
        'seed', default_value='0', description='The same seed gives the same parts.'),
    DeclareLaunchArgument(
        'pace', default_value='realtime', choices=['realtime', 'lockstep'],
        description='By the clock, or as fast as the verdicts come.'),
    DeclareLaunchArgument(
        'speed_factor', default_value='1.0', description='How many times real speed.'),
]


def line_node(name: str, parameters: dict, remappings: dict) -> Node:
    """Describe one node of the line."""
    return Node(
        package='ant_ros', executable=name, name=name, output='both', emulate_tty=True,
        parameters=[LaunchConfiguration('params_file'), parameters],
        remappings=list(remappings.items()),
        arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
        respawn=LaunchConfiguration('use_respawn'), respawn_delay=1.0, on_exit=unless_refused,
        sigterm_timeout=STOP_TIMEOUT_S, sigkill_timeout=STOP_TIMEOUT_S)


def typed(argument: str, kind: type) -> ParameterValue:
    """Pass a launch argument on as a parameter of this type."""
    return ParameterValue(LaunchConfiguration(argument), value_type=kind)


def generate_launch_description() -> LaunchDescription:
    """Return the line."""
    simulator = line_node(
        'line_simulator',
        {'scenario': typed('scenario', str), 'parts': typed('parts', int),
         'seed': typed('seed', int), 'pace': typed('pace', str),
         'speed_factor': typed('speed_factor', float), 'use_sim_time': False},
        # In lock-step the line must not outrun the way of a verdict to the gate.
        {'verdict': 'reject_gate/booked'})
    inspector = line_node(
        'inspector', {'autostart': typed('autostart', bool), 'teach_at_start': True},
        {'image': 'camera/image_raw'})
    gate = line_node('reject_gate', {'pace': typed('pace', str)}, {'verdict': 'inspector/verdict'})
    scorekeeper = line_node('scorekeeper', {}, {
        'verdict': 'inspector/verdict', 'outcome': 'reject_gate/outcome',
        'truth': 'line_simulator/truth'})
    return LaunchDescription([
        *ARGUMENTS,
        SetEnvironmentVariable('RCUTILS_LOGGING_BUFFERED_STREAM', '1'),
        GroupAction([
            PushROSNamespace(LaunchConfiguration('namespace')),
            SetParameter('use_sim_time', typed('use_sim_time', bool)),
            inspector, gate, scorekeeper, simulator,
        ]),
    ])
