# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""From a traced module to nodes: one module per family of operations."""
