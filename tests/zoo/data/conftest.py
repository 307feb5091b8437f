"""What tests of operations on pictures share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


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
