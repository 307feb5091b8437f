"""The table of corruptions: what there is, and what every one of them keeps to."""

import numpy as np
import pytest

from zoo.augment.corruptions import CORRUPTIONS, KINDS, SEVERITIES


def test_there_are_eleven_kinds_at_five_severities():
    assert len(KINDS) == 11
    assert SEVERITIES == (1, 2, 3, 4, 5)
    assert all(len(corruption.levels) == 5 for corruption in CORRUPTIONS.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(8, 8), (31, 50), (224, 224)])
def test_a_corruption_keeps_shape_and_type_and_leaves_its_picture_alone(kind, size):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    before = picture.copy()
    for level in CORRUPTIONS[kind].levels:
        corrupted = CORRUPTIONS[kind].apply(picture, level, np.random.default_rng(1))
        assert corrupted.shape == picture.shape
        assert corrupted.dtype == np.uint8
        np.testing.assert_array_equal(picture, before)
