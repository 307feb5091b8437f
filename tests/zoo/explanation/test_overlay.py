"""zoo/explanation/overlay.py."""

import numpy as np

from zoo.explanation.overlay import overlay


def test_what_matters_glows_and_the_rest_stays_grey():
    picture = np.full((8, 8, 3), 100, np.uint8)
    heat = np.zeros((8, 8), np.float32)
    heat[2, 3] = 1
    shown = overlay(picture, heat)
    assert shown.shape == (8, 8, 3)
    assert shown.dtype == np.uint8
    assert np.ptp(shown[2, 3]) > 40
    assert (np.delete(shown.reshape(-1, 3), 2 * 8 + 3, axis=0) == 100).all()
