# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
import itertools

import numpy as np
import pytest
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from ant_ros.bench.evaluation.localisation import locate


def some_maps(seed, *, levels=None):
    """Return maps and masks of two bad parts with two defects each, and of a good one."""
    random = np.random.default_rng(seed)
    maps, masks = [], []
    for number in range(3):
        scores = random.normal(0, 1, (14, 17))
        mask = np.zeros(scores.shape, bool)
        if number < 2:
            mask[2:5, 3:8] = mask[9:13, 10:12] = True
            scores[2:5, 3:8] += 1.5
            scores[9:13, 10:12] += 0.5
        if levels:
            scores = np.round(scores * levels) / levels
        maps.append(scores.astype(np.float32))
        masks.append(mask if number < 2 else None)
    return maps, masks


def plain_aupro(maps, masks, limit=0.3):
    """Try every threshold, look at every connected defect by itself, add up trapezoids."""
    filled = [np.zeros(scores.shape, bool) if mask is None else mask
              for scores, mask in zip(maps, masks)]
    curve = [(0.0, 0.0)]
    for threshold in sorted({float(value) for scores in maps for value in scores.ravel()},
                            reverse=True):
        overlaps, wrong, good = [], 0, 0
        for scores, mask in zip(maps, filled):
            found = scores >= threshold
            labels, count = ndimage.label(mask, np.ones((3, 3)))
            overlaps += [found[labels == one].mean() for one in range(1, count + 1)]
            wrong += np.count_nonzero(found & ~mask)
            good += np.count_nonzero(~mask)
        curve.append((wrong / good, float(np.mean(overlaps))))
    area = 0.0
    for (left, low), (right, high) in itertools.pairwise(curve):
        if left < limit:
            end = min(right, limit)
            top = high if right == left else low + (high - low) * (end - left) / (right - left)
            area += (end - left) * (low + top) / 2
    return area / limit


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('levels', [None, 2])
def test_aupro_and_pixel_auroc_are_those_of_plain_definitions(seed, levels):
    maps, masks = some_maps(seed, levels=levels)
    located = locate(maps, masks)
    truth = np.concatenate([np.zeros(scores.size, bool) if mask is None else mask.ravel()
                            for scores, mask in zip(maps, masks)])
    scores = np.concatenate([scores.ravel() for scores in maps])
    assert located.auroc()[0] == pytest.approx(roc_auc_score(truth, scores), abs=1e-9)
    assert located.aupro()[0] == pytest.approx(plain_aupro(maps, masks), abs=1e-9)


def test_defects_that_touch_by_a_corner_are_one():
    touching, apart = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    touching[1, 1] = touching[2, 2] = apart[1, 1] = apart[3, 3] = True
    scores = np.zeros((8, 8), np.float32)
    assert locate([scores], [touching]).overlap.sum() == pytest.approx(1.0)
    assert locate([scores], [apart]).overlap.sum() == pytest.approx(2.0)


def test_a_small_defect_counts_as_much_as_a_large_one_in_aupro_only():
    mask = np.zeros((40, 40), bool)
    mask[:20, :30] = True
    mask[30, 30] = True
    scores = np.zeros((40, 40), np.float32)
    scores[:20, :30] = 1.0
    located = locate([scores], [mask])
    assert located.auroc()[0] > 0.99
    # The small one is found with everything else: half of the overlap, up to FPR 0.3.
    assert located.aupro()[0] == pytest.approx(0.5 + 0.5 * 0.15)


def test_images_that_are_not_drawn_do_not_count():
    maps, masks = some_maps(5)
    located = locate(maps, masks)
    weights = np.array([[1, 0, 1], [0, 0, 2], [2, 0, 2]])
    alone = locate([maps[0], maps[2]], [masks[0], None])
    assert located.aupro(weights)[0] == pytest.approx(alone.aupro()[0])
    assert np.isnan(located.aupro(weights)[1])
    assert np.isnan(located.auroc(weights)[1])
    assert located.aupro(weights)[2] == pytest.approx(located.aupro(weights)[0])


def test_more_scores_than_levels_change_little():
    random = np.random.default_rng(0)
    mask = np.zeros((300, 300), bool)
    mask[100:140, 50:90] = mask[200:206, 200:280] = True
    scores = (random.normal(0, 1, mask.shape) + 2.0 * mask).astype(np.float32)
    located = locate([scores], [mask])
    assert located.auroc()[0] == pytest.approx(
        roc_auc_score(mask.ravel(), scores.ravel()), abs=2e-4)
