# Copyright 2026 The ant_ros authors
# SPDX-License-Identifier: Apache-2.0
"""The whole way from an image to a verdict."""

import cv2
import numpy as np
import psutil
import pytest

from ant_ros.inspection import Decision
from ant_ros.inspection import draw_overlay
from ant_ros.inspection import ImageError
from ant_ros.inspection import Inspector
from ant_ros.inspection import TeachError


def test_good_parts_pass(inspector, plate):
    decisions = [inspector.inspect(plate(seed)).decision for seed in range(1000, 1100)]

    assert decisions.count(Decision.PASS) >= 99


@pytest.mark.parametrize('defect', ['scratch', 'spot', 'colour', 'dark', 'dent', 'missing'])
def test_defective_parts_are_rejected(inspector, plate, defect):
    verdicts = [inspector.inspect(plate(seed, defect=defect)) for seed in range(2000, 2008)]

    assert [verdict.decision for verdict in verdicts] == [Decision.REJECT] * 8
    assert all(verdict.regions and verdict.stage in (0, 1) for verdict in verdicts)
    assert all(verdict.score >= verdict.reject_threshold for verdict in verdicts)


def test_region_and_reason_say_where(inspector, plate):
    good, bad = plate(3000, yaw_deg=0), plate(3000, yaw_deg=0, defect='spot')
    rows, columns = np.nonzero(np.abs(bad.astype(int) - good).max(axis=2) > 20)

    verdict = inspector.inspect(bad)
    region = verdict.regions[0]

    assert region.x <= columns.mean() <= region.x + region.width
    assert region.y <= rows.mean() <= region.y + region.height
    assert region.area_px > 10
    assert 'dark mark' in verdict.reason
    assert 'times the review limit' in verdict.reason


def test_scratch_is_called_scratch_like(inspector, plate):
    verdict = inspector.inspect(plate(2003, defect='scratch'))

    assert verdict.reason.startswith('scratch-like mark')


def test_anomaly_map_has_the_size_of_the_image_and_peaks_at_the_defect(inspector, plate):
    verdict = inspector.inspect(plate(3001, defect='missing'))
    region = verdict.regions[0]
    row, column = np.unravel_index(verdict.anomaly_map.argmax(), verdict.anomaly_map.shape)

    assert verdict.anomaly_map.shape == (240, 320)
    assert verdict.anomaly_map.dtype == np.float32
    assert region.x - 2 <= column <= region.x + region.width + 2
    assert region.y - 2 <= row <= region.y + region.height + 2


def test_a_look_says_what_the_verdict_is_based_on(inspector, plate):
    image = plate(2001, defect='spot')
    verdict, evidence = inspector.look(image)

    assert evidence is not None and evidence.flagged
    assert verdict.score == inspector.inspect(image).score == evidence.score.max()
    assert evidence.limit == verdict.review_threshold
    row, column = np.unravel_index(np.argmax(evidence.score), evidence.score.shape)
    x, y = evidence.matrix @ (column, row, 1)
    region = verdict.regions[0]
    assert region.x - 2 <= x <= region.x + region.width + 2
    assert region.y - 2 <= y <= region.y + region.height + 2
    assert evidence.enlarged(2).score.max() == 2 * verdict.score
    assert inspector.look(np.full_like(image, 47))[1] is None


@pytest.mark.parametrize('turn', [90, 180, 37])
def test_any_rotation_is_registered(inspector, plate, turn):
    image = plate(3002)
    matrix = cv2.getRotationMatrix2D((159.5, 119.5), turn, 1.0)
    turned = cv2.warpAffine(image, matrix, (320, 240), flags=cv2.INTER_CUBIC,
                            borderMode=cv2.BORDER_REPLICATE)

    assert inspector.inspect(turned).decision is Decision.PASS


@pytest.mark.parametrize(('across', 'down'), [(-1, 0), (1, 0), (0, -1), (0, 1)])
def test_a_part_that_touches_the_border_passes_and_one_that_is_cut_off_does_not(
        inspector, plate, across, down):
    image = plate(61, yaw_deg=0.0, gain=1.0)
    rows, columns = np.nonzero(image[..., 0] > 80)
    to_border = (columns.min() if across < 0 else image.shape[1] - 1 - columns.max(),
                 rows.min() if down < 0 else image.shape[0] - 1 - rows.max())
    for beyond, decision in ((0, Decision.PASS), (6, Decision.REJECT)):
        x, y = across * (to_border[0] + beyond), down * (to_border[1] + beyond)
        moved = cv2.warpAffine(image, np.array([[1.0, 0, x], [0, 1.0, y]]), image.shape[1::-1],
                               borderMode=cv2.BORDER_REFLECT)
        assert inspector.inspect(moved).decision is decision


@pytest.mark.parametrize('gain', [0.75, 1.25])
def test_light_that_drifts_beyond_what_was_taught_passes(inspector, plate, gain):
    assert inspector.inspect(plate(3003, gain=gain)).decision is Decision.PASS


def test_few_tiles_of_good_parts_wake(inspector, plate):
    works = [inspector.inspect(plate(seed)).work for seed in range(1000, 1040)]

    assert sum(work.units for work in works) < 0.05 * sum(work.units_total for work in works)
    for work in works:
        assert work.macs * work.units_total == work.macs_dense * work.units
        assert (work.units == 0) == (work.macs == 0)
        assert work.joules is None


def test_verdicts_do_not_depend_on_the_order_of_parts(inspector, plate):
    images = [plate(seed) for seed in range(1000, 1005)]
    forwards = [inspector.inspect(image).score for image in images]
    backwards = [inspector.inspect(image).score for image in reversed(images)]

    assert forwards == backwards[::-1]


def test_teaching_twice_gives_the_same(inspector, teach_images, plate):
    again = Inspector.teach(teach_images, name='plate')

    assert again.inspect(plate(1001)).score == inspector.inspect(plate(1001)).score


def test_five_parts_are_enough_to_start(teach_images, plate):
    inspector = Inspector.teach(teach_images[:5])

    assert inspector.inspect(plate(1000)).decision is Decision.PASS
    assert inspector.inspect(plate(2000, defect='missing')).decision is Decision.REJECT


def test_too_few_parts_are_refused(teach_images):
    with pytest.raises(TeachError, match='4 good parts: at least 5'):
        Inspector.teach(teach_images[:4])


def test_images_of_one_colour_are_refused():
    with pytest.raises(TeachError, match='all of one colour'):
        Inspector.teach([np.full((240, 320, 3), 90, np.uint8)] * 6)


@pytest.mark.parametrize('at', [0, 3])
def test_teaching_names_the_image_that_differs_from_most(teach_images, at):
    images = list(teach_images[:6])
    images.insert(at, images[0].astype(np.uint16))
    with pytest.raises(TeachError, match=f'image {at + 1} of 7 cannot.*uint16, but most are of '
                                         'RGB uint8'):
        Inspector.teach(images)


def test_alpha_is_dropped(inspector, plate):
    image = plate(2000, defect='missing')
    with_alpha = np.dstack([image, np.full(image.shape[:2], 7, np.uint8)])

    verdict = inspector.inspect(with_alpha)

    assert verdict.score == inspector.inspect(image).score
    assert np.array_equal(draw_overlay(with_alpha, verdict), draw_overlay(image, verdict))


@pytest.mark.parametrize('level', [0, 50, 255])
def test_no_part_is_a_review_not_a_crash(inspector, level):
    verdict = inspector.inspect(np.full((240, 320, 3), level, np.uint8))

    assert verdict.decision is Decision.REVIEW
    assert verdict.reason.startswith('no part found')
    assert not verdict.anomaly_map.any()


@pytest.mark.parametrize(('image', 'message'), [
    (np.zeros((0, 320, 3), np.uint8), 'no pixels'),
    (np.zeros((240, 320, 2), np.uint8), 'alpha'),
    (np.zeros((2, 240, 320, 3), np.uint8), 'shape'),
    (np.zeros((240, 320, 3), np.float64), 'float64'),
    (np.full((240, 320, 3), np.nan, np.float32), 'NaN'),
    (np.zeros((240, 320), np.uint8), 'grey uint8'),
    (np.zeros((240, 320, 3), np.uint16), 'RGB uint16'),
    (np.zeros((480, 320, 3), np.uint8), 'teach again'),
    (np.zeros((1440, 1920, 3), np.uint8), 'teach again'),
    (np.zeros((16, 16, 3), np.uint8), 'too small'),
    ([[1, 2], [3, 4]], 'list'),
])
def test_what_is_no_fitting_image_is_refused(inspector, image, message):
    with pytest.raises(ImageError, match=message):
        inspector.inspect(image)


def test_another_resolution_is_scaled_and_regions_are_in_its_pixels(inspector, plate):
    large = cv2.resize(plate(3004, defect='missing'), (480, 360), interpolation=cv2.INTER_CUBIC)
    small = inspector.inspect(plate(3004, defect='missing')).regions[0]

    verdict = inspector.inspect(large)

    assert verdict.decision is Decision.REJECT
    assert verdict.anomaly_map.shape == (360, 480)
    assert verdict.regions[0].x == pytest.approx(1.5 * small.x, abs=8)


@pytest.mark.parametrize('dtype', [np.uint16, np.float32])
def test_grey_images_of_more_bits(teach_images, plate, dtype):
    def convert(image):
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        return grey.astype(dtype) * (16 if dtype is np.uint16 else 1 / 255)

    inspector = Inspector.teach([convert(image) for image in teach_images])

    assert inspector.inspect(convert(plate(1000))).decision is Decision.PASS
    assert inspector.inspect(convert(plate(2000, defect='dent'))).decision is Decision.REJECT


def test_colour_of_16_bits(teach_images, plate):
    inspector = Inspector.teach([image.astype(np.uint16) * 200 for image in teach_images])

    def inspect(image):
        return inspector.inspect(image.astype(np.uint16) * 200)

    assert inspect(plate(1000)).decision is Decision.PASS
    assert inspect(plate(2000, defect='colour')).decision is Decision.REJECT


def test_a_texture_that_fills_the_frame_is_inspected_as_is():
    rng = np.random.default_rng(5)

    def texture():
        noise = cv2.GaussianBlur(rng.normal(0, 1, (240, 320)).astype(np.float32), (0, 0), 2)
        grey = 120 + 15 * noise / noise.std() + rng.normal(0, 2, noise.shape)
        return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)

    inspector = Inspector.teach([texture() for _ in range(10)])
    holed = texture()
    cv2.circle(holed, (100, 80), 12, (15, 15, 15), -1)

    assert inspector.recipe.background is None
    assert inspector.inspect(texture()).decision is Decision.PASS
    assert inspector.inspect(holed).decision is Decision.REJECT


def test_memory_stays_flat(inspector, plate):
    images = [plate(seed) for seed in range(1000, 1004)] + [plate(2000, defect='missing')]
    process = psutil.Process()

    def inspect(count):
        for number in range(count):
            inspector.inspect(images[number % len(images)])
        return process.memory_info().rss

    before = inspect(100)

    assert inspect(300) - before < 10e6
