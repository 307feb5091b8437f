"""zoo/explanation/overlay.py."""

import numpy as np

from zoo.explanation.overlay import overlay, side_by_side


def test_what_matters_glows_and_the_rest_stays_grey():
    picture = np.full((8, 8, 3), 100, np.uint8)
    heat = np.zeros((8, 8), np.float32)
    heat[2, 3] = 1
    shown = overlay(picture, heat)
    assert shown.shape == (8, 8, 3)
    assert shown.dtype == np.uint8
    assert np.ptp(shown[2, 3]) > 40
    assert (np.delete(shown.reshape(-1, 3), 2 * 8 + 3, axis=0) == 100).all()


def test_a_small_image_is_enlarged_beside_its_map_until_people_can_see_it():
    picture = np.arange(64 * 96 * 3, dtype=np.uint32).astype(np.uint8).reshape(64, 96, 3)
    shown = side_by_side(picture, np.zeros((64, 96), np.float32))
    assert shown.shape == (4 * 64, 2 * 4 * 96, 3)  # 4 is the least factor that reaches 224
    assert (shown[::4, : 4 * 96 : 4] == picture).all()
    assert (shown[:, 4 * 96 :, 0] == shown[:, 4 * 96 :, 2]).all()
