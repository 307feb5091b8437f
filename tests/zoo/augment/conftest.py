"""Pictures that the tests of augmentation share."""

import numpy as np
import pytest

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
