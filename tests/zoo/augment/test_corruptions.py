"""The table of corruptions: what there is, and what every one of them keeps to."""

import numpy as np
import pytest

from zoo.augment.corruptions import CORRUPTIONS, SEVERITIES, corruption


def test_every_kind_has_five_severities():
    assert len(CORRUPTIONS) >= 12
    assert SEVERITIES == (1, 2, 3, 4, 5)
    assert all(len(corruption.levels) == 5 for corruption in CORRUPTIONS.values())


@pytest.mark.parametrize("kind", CORRUPTIONS)
@pytest.mark.parametrize("size", [(8, 8), (31, 50), (224, 224)])
def test_a_corruption_keeps_shape_and_type_and_leaves_its_picture_alone(kind, size):
    picture = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    before = picture.copy()
    for level in CORRUPTIONS[kind].levels:
        corrupted = CORRUPTIONS[kind].apply(picture, level, np.random.default_rng(1))
        assert corrupted.shape == picture.shape
        assert corrupted.dtype == np.uint8
        np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(("name", "levels", "word"), [("fog", (1, 2), "5 levels"), ("saturate", (1,) * 5, "saturate")])
def test_a_corruption_needs_a_new_name_and_a_level_for_each_severity(name, levels, word):
    before = list(CORRUPTIONS)
    with pytest.raises(ValueError, match=word):
        corruption(name, levels)
    assert list(CORRUPTIONS) == before
