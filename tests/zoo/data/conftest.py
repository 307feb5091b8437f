"""Trees of tiny pictures, each of another colour."""

from itertools import count

import pytest
from PIL import Image

COLOURS = count()


def paint(path, format="PNG"):
    """Write a picture of 4x4 of a colour that no other has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = next(COLOURS)
    Image.new("RGB", (4, 4), (number % 256, number // 256 % 256, 90)).save(path, format)


@pytest.fixture
def planted(tmp_path):
    """Write a picture under each path of a new folder, and return the folder."""

    def plant(*paths, folder="tree"):
        for path in paths:
            paint(tmp_path / folder / path)
        return tmp_path / folder

    return plant
