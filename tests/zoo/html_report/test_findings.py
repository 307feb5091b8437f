"""zoo/html_report/findings.py: what is known of the images' files."""

from unittest.mock import Mock

import numpy as np
from PIL import Image

from zoo.data import as_images
from zoo.data.images import Images
from zoo.html_report.findings import Findings

PIXELS = np.zeros((2, 8, 8, 3), np.uint8)


def test_sides_are_those_of_the_files(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, size in zip(paths, [(40, 30), (20, 90)], strict=True):
        Image.new("RGB", size).save(path)
    images = Images(PIXELS, np.array([0, 1]), ("a", "b"), np.array([str(path) for path in paths]))
    np.testing.assert_array_equal(Findings(Mock(), "test", images).sides, [30, 20])
    paths[1].unlink()
    assert Findings(Mock(), "test", images).sides is None


def test_arrays_have_no_files():
    assert Findings(Mock(), "test", as_images(PIXELS, [0, 1])).sides is None
