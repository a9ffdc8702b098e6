# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
