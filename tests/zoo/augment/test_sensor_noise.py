"""Noise of sensors: how strong it is at which level, and what it leaves alone."""

import numpy as np
import pytest

from zoo.augment.sensor_noise import impulses, noise

SIZE = (128, 128)


def grey(level: int) -> np.ndarray:
    return np.full((*SIZE, 3), level, np.uint8)


def grain(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape or (*SIZE, 3), dtype=np.uint8)


@pytest.mark.parametrize(("kind", "share"), [("gaussian", 1.0), ("shot", np.sqrt(64 / 255)), ("speckle", 64 / 255)])
def test_the_deviation_follows_the_level_as_the_kind_says(kind, share):
    found = noise(grey(64), kind, 20.0, grain()).astype(float)
    assert found.std() == pytest.approx(20 * share, rel=0.03)
    assert found.mean() == pytest.approx(64, abs=0.3)


def test_grey_noise_is_the_same_in_all_colours_and_coloured_noise_is_not():
    one = noise(grey(128), "gaussian", 20.0, grain(*SIZE))
    np.testing.assert_array_equal(one[..., 0], one[..., 2])
    assert np.ptp(noise(grey(128), "gaussian", 20.0, grain()), axis=-1).max() > 20


def test_coarse_noise_has_its_strength_and_neighbours_alike():
    fine, coarse = (noise(grey(128), "gaussian", 20.0, grain(), softness) for softness in (0.0, 2.0))
    assert coarse.astype(float).std() == pytest.approx(fine.astype(float).std(), rel=0.05)
    across = [np.abs(np.diff(found.astype(float), axis=1)).mean() for found in (fine, coarse)]
    assert across[1] < 0.4 * across[0]


def test_values_end_at_black_and_white():
    assert noise(grey(250), "gaussian", 60.0, grain()).max() == 255
    assert noise(grey(3), "gaussian", 60.0, grain()).min() == 0


def test_a_share_of_the_pixels_is_black_or_white_and_the_others_stay():
    places = np.random.default_rng(0).integers(0, 65536, SIZE, dtype=np.uint16)
    found = impulses(grey(100), 0.1, places)
    for level in (0, 255):
        assert (found == level).all(axis=-1).mean() == pytest.approx(0.05, rel=0.1)
    assert set(np.unique(found)) == {0, 100, 255}
    np.testing.assert_array_equal(impulses(grey(100), 0.0, places), grey(100))
