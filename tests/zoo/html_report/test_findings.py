"""zoo/html_report/findings.py: what is known of the images' files."""

from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from zoo.data import as_images, load
from zoo.data.images import Images
from zoo.html_report.findings import Findings

PIXELS = np.zeros((2, 8, 8, 3), np.uint8)


def test_sides_are_those_of_the_files(tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, size in zip(paths, [(40, 30), (20, 90)], strict=True):
        Image.new("RGB", size).save(path)
    images = Images(PIXELS, np.array([0, 1]), ("a", "b"), np.array(["a.png", "b.png"]), folder=tmp_path)
    np.testing.assert_array_equal(Findings(Mock(), "test", images).sides, [30, 20])
    paths[1].unlink()
    assert Findings(Mock(), "test", images).sides is None


@pytest.mark.parametrize("source", ["folder", "table", "absolute"])
def test_files_are_found_from_any_working_folder(source, tmp_path, monkeypatch):
    random = np.random.default_rng(0)
    for name, side in (("a/1.png", 20), ("a/2.png", 24), ("b/1.png", 30), ("b/2.png", 40)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(random.integers(0, 255, (side, 50, 3), np.uint8)).save(tmp_path / name)
    before = str(tmp_path) + "/" if source == "absolute" else ""
    rows = [f"{before}{label}/{number}.png,{label}" for label in "ab" for number in "12"]
    (tmp_path / "list.csv").write_text("\n".join(["image,label", *rows]))
    images = load(tmp_path if source == "folder" else tmp_path / "list.csv", image_size=16).train
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    np.testing.assert_array_equal(Findings(Mock(), "test", images).sides, [20, 24, 30, 40])


def test_arrays_have_no_files():
    assert Findings(Mock(), "test", as_images(PIXELS, [0, 1])).sides is None
