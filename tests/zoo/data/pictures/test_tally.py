"""zoo/data/pictures/tally.py: images of 8 bits among deeper ones are told, also where they were decoded before."""

import logging
import re

import numpy as np
import pytest
from PIL import Image

from zoo.data import load

WORDS = r"(\d+) of (\d+) images have 8 bits"


@pytest.fixture
def folder(tmp_path):
    """Make a folder of two classes of four images, of which some are deep."""

    def make(deep):
        values = np.random.default_rng(0).integers(0, 256, (8, 6, 6)).astype(np.uint8)
        for number, picture in enumerate(values):
            path = tmp_path / "images" / "ab"[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture.astype(np.uint16) * 4 if number < deep else picture).save(path)
        return tmp_path / "images"

    return make


@pytest.mark.parametrize(("deep", "told"), [(0, []), (8, []), (3, [("5", "8")])])
def test_images_of_eight_bits_among_deeper_ones_are_told(folder, deep, told, tmp_path, caplog):
    for _ in range(2):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            load(folder(deep), decoded=tmp_path / "decoded")
        assert re.findall(WORDS, caplog.text) == told
