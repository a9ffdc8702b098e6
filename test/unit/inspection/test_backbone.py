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


def test_brought_modules_get_unit_colours():
    plain = bring_backbone(torch.nn.Conv2d(3, 4, 3).eval())
    grey = plain.to_input(np.full((4, 6, 3), 255 * 0.456, np.float32))

    assert grey.shape == (3, 4, 6)
    assert grey[1] == pytest.approx(0, abs=1e-6)
    assert grey[0].max() < 0 < grey[2].min()


def test_efficientnet_gets_what_it_was_trained_with():
    network = load_backbone()
    black, white = (network.to_input(np.full((2, 2, 3), value, np.uint8)) for value in (0, 255))

    assert black == pytest.approx(-127 / 128)
    assert white == pytest.approx(1.0)


def test_thresholds_of_its_own_make_it_another_backbone():
    from ant_ros.inspection.backbone import with_thresholds
    torch.manual_seed(0)
    plain = bring_backbone(torch.nn.Conv2d(3, 4, 3).eval())
    trained = with_thresholds(plain, {'conv': 0.5})
    assert trained.passing == {'conv': 0.5}
    assert trained.network is plain.network
    assert trained.digest != plain.digest
    assert trained.digest == with_thresholds(plain, {'conv': 0.5}).digest
    assert trained.digest != with_thresholds(plain, {'conv': 0.4}).digest
    assert bring_backbone(trained) is trained
