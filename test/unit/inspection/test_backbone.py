# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""Backbones: there or not, brought or not."""

import numpy as np
import pytest
import torch

from ant_ros.inspection import backbone
from ant_ros.inspection.backbone import BackboneError
from ant_ros.inspection.backbone import bring_backbone
from ant_ros.inspection.backbone import load_backbone
from ant_ros.inspection.backbone import missing_packages
from ant_ros.inspection.backbone import to_input


def test_what_is_missing_is_named(monkeypatch):
    known = backbone.importlib.util.find_spec
    monkeypatch.setattr(backbone.importlib.util, 'find_spec',
                        lambda name: None if name == 'onnxruntime' else known(name))
    load_backbone.cache_clear()

    assert missing_packages() == ['onnxruntime']
    with pytest.raises(BackboneError, match='pip install onnxruntime'):
        load_backbone()


def test_taps_give_maps_of_their_strides():
    shallow, deep = load_backbone().tapped((4, 7))(torch.zeros(1, 3, 64, 96))

    assert shallow.shape == (1, 40, 8, 12)
    assert deep.shape == (1, 80, 4, 6)


def test_hash_tells_weights_apart():
    torch.manual_seed(0)
    module = torch.nn.Conv2d(3, 4, 3).eval()
    before = bring_backbone(module).digest

    assert bring_backbone(module).digest == before
    with torch.no_grad():
        module.weight[0, 0, 0, 0] += 1e-3
    assert bring_backbone(module).digest != before


def test_module_in_training_is_refused():
    with pytest.raises(BackboneError, match=r'call eval\(\)'):
        bring_backbone(torch.nn.Conv2d(3, 4, 3))


def test_what_is_no_module_is_refused():
    with pytest.raises(BackboneError, match="not 'resnet'"):
        bring_backbone('resnet')


def test_input_has_unit_colours():
    grey = to_input(np.full((4, 6, 3), 255 * 0.456, np.float32))

    assert grey.shape == (3, 4, 6)
    assert grey[1] == pytest.approx(0, abs=1e-6)
    assert grey[0].max() < 0 < grey[2].min()
