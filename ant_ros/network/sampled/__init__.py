# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Networks whose hidden weights are drawn from pairs of data points and whose head is solved.

scikit-learn and scipy, which take their time, are imported when they are first needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ant_ros.lazy_names import lazy_names

if TYPE_CHECKING:
    from ant_ros.network.sampled.boosting import ResidualBoost
    from ant_ros.network.sampled.estimators import SampledClassifier
    from ant_ros.network.sampled.estimators import SampledRegressor
    from ant_ros.network.sampled.hamiltonian import SampledHamiltonian
    from ant_ros.network.sampled.least_squares_head import LeastSquaresHead
    from ant_ros.network.sampled.least_squares_head import LeastSquaresSums
    from ant_ros.network.sampled.least_squares_head import solve_least_squares
    from ant_ros.network.sampled.sampled_conv import SampledConv
    from ant_ros.network.sampled.sampled_layer import sample_layers
    from ant_ros.network.sampled.sampled_layer import SampledLayer

__all__ = [
    'LeastSquaresHead',
    'LeastSquaresSums',
    'ResidualBoost',
    'SampledClassifier',
    'SampledConv',
    'SampledHamiltonian',
    'SampledLayer',
    'SampledRegressor',
    'sample_layers',
    'solve_least_squares',
]

__getattr__ = lazy_names(__name__, {
    'LeastSquaresHead': 'least_squares_head',
    'LeastSquaresSums': 'least_squares_head',
    'ResidualBoost': 'boosting',
    'SampledClassifier': 'estimators',
    'SampledConv': 'sampled_conv',
    'SampledHamiltonian': 'hamiltonian',
    'SampledLayer': 'sampled_layer',
    'SampledRegressor': 'estimators',
    'sample_layers': 'sampled_layer',
    'solve_least_squares': 'least_squares_head',
})
