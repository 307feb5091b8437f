"""Sizes as people write them."""

import re

import numpy as np
import pytest

from zoo.utils.text import as_size


@pytest.mark.parametrize(
    ("written", "size"),
    [(None, None), (96, (96, 96)), ((64, 96), (64, 96)), ([64, 96], (64, 96)), (np.int64(96), (96, 96))],
)
def test_a_side_or_a_pair_is_read(written, size):
    assert as_size(written) == size


def test_sides_are_plain_integers():
    assert all(type(side) is int for side in as_size((np.int32(4), np.uint8(5))))


@pytest.mark.parametrize("written", [0, -1, 64.0, True, "64", (64,), (64, 64, 3), (64, 0), (64, 64.5), (), {64, 96}])
def test_anything_else_is_refused(written):
    with pytest.raises(ValueError, match=rf"image_size.*{re.escape(repr(written))}"):
        as_size(written, "image_size")
