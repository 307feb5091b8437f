"""Pictures that the tests of augmentation share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.datasets.cells import draw_cell
from zoo.datasets.smears import CLASSES


@pytest.fixture(scope="session")
def cells():
    """Eight drawn cells, not square: (8, 64, 56, 3) uint8."""
    pictures = [draw_cell(kind, 64, np.random.default_rng(place)) for place, kind in enumerate(CLASSES)]
    return np.ascontiguousarray(np.stack(pictures)[:, :, 4:60])


@pytest.fixture(scope="session")
def cell(cells):
    return cells[1]


@pytest.fixture(scope="session")
def static():
    """One picture of noise, every value in it: (40, 48, 3) uint8."""
    return np.random.default_rng(0).integers(0, 256, (40, 48, 3), dtype=np.uint8)


@pytest.fixture
def any_size_goes():
    """Try an operation on pictures of any size: it gives others of that size, and leaves them as they were."""

    def check(operation):
        @settings(deadline=None, max_examples=25)
        @given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 2**32))
        def holds(height, width, seed):
            picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
            before = picture.copy()
            changed = operation(picture)
            assert changed.shape == picture.shape
            assert changed.dtype == np.uint8
            np.testing.assert_array_equal(picture, before)

        holds()

    return check
