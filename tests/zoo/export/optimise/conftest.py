"""What is given to small networks."""

import numpy as np
import pytest


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(size=(3, 12, 12, 4)).astype(np.float32)
