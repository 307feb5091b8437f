"""The range of a set of files: by what the files are, whatever they are called."""

import numpy as np
import pytest
from PIL import Image

from zoo.data.pictures.depth_choice import with_depth
from zoo.data.pictures.pixel_reading import PLAIN

CELL = np.random.default_rng(0).integers(0, 256, (8, 8)).astype(np.uint16)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_files_of_16_bits_have_a_range_under_any_name(suffix, tmp_path):
    file = tmp_path / f"a{suffix}"
    Image.fromarray(CELL * 257).save(file, "PNG")
    assert with_depth(PLAIN, [file]).depth_range == (0, 65535)
    Image.fromarray(CELL.astype(np.uint8)).save(file, "JPEG")
    assert with_depth(PLAIN, [file, tmp_path / "absent.jpg"]) == PLAIN
