"""zoo/inference/map_files.py: maps of files by a run and by an exported SavedModel."""

import csv

import numpy as np
import pytest
from PIL import Image

from zoo.data.pictures.image_io import read
from zoo.inference.map_files import write_maps

pytestmark = pytest.mark.fits


@pytest.fixture
def few(colours):
    return colours.validation.pixels[colours.validation.rows[:5]]


def test_a_saved_model_has_the_maps_of_its_run_by_occlusion(trained, exported, few, tmp_path):
    by_run = write_maps(trained, few, tmp_path / "run", method="occlusion")
    by_graph = write_maps(exported, few, tmp_path / "graph")  # what has no gradients is explained so
    assert (by_run.images, by_graph.images) == (5, 5)
    own, other = (np.load(done.folder / "maps.npy") for done in (by_run, by_graph))
    np.testing.assert_allclose(own, other, atol=0.02)
    for own, other in zip(rows_of(by_run), rows_of(by_graph), strict=True):
        assert float(own.pop("probability")) == pytest.approx(float(other.pop("probability")), abs=2e-4)
        assert own == other


def rows_of(done):
    with (done.folder / "answers.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_saved_model_has_no_gradients_and_no_members(exported, few, refused, tmp_path):
    with refused("occlusion", "layercam"):
        write_maps(exported, few, tmp_path / "maps", method="layercam")
    with refused("occlusion", "simple_cnn"):
        write_maps(exported, few, tmp_path / "maps", method="occlusion", member="simple_cnn")
    assert not (tmp_path / "maps").exists()


def test_what_cannot_be_read_is_left_out_and_named(trained, folder, tmp_path):
    (folder / "a" / "0.png").write_bytes(b"no picture")
    done = write_maps(trained, folder, tmp_path / "maps", member="simple_cnn")
    assert done.images == 39
    assert list(done.left_out) == ["a/0.png"]
    rows = rows_of(done)
    assert len({row["overlay"] for row in rows}) == 39
    assert all((done.folder / row["overlay"]).is_file() for row in rows)
    assert done.first.shape == (12, 16, 16, 3)


def test_names_of_any_length_and_whatever_a_reader_raises(trained, folder, tmp_path, monkeypatch):
    (folder / "a" / "0.png").rename(folder / "a" / f"{'ä' * 120}.png")

    def of_a_bomb(source, *others):
        if source.name == "1.png":
            raise Image.DecompressionBombError("a bomb")
        return read(source, *others)

    monkeypatch.setattr("zoo.data.unlabelled.read", of_a_bomb)
    done = write_maps(trained, folder, tmp_path / "maps", member="simple_cnn")
    assert done.left_out == {"a/1.png": "a bomb"}
    assert done.images == 39


def test_none_that_can_be_read_is_an_error(trained, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "one.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="none of 1"):
        write_maps(trained, tmp_path / "images", tmp_path / "maps")


def test_an_earlier_folder_of_maps_is_replaced_and_another_folder_is_not(trained, few, tmp_path):
    write_maps(trained, few, tmp_path / "maps")
    assert write_maps(trained, few[:2], tmp_path / "maps").images == 2
    assert len(np.load(tmp_path / "maps" / "maps.npy")) == 2
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError):
        write_maps(trained, few, tmp_path / "other")
    assert (tmp_path / "other" / "thesis.txt").is_file()
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "answers.csv").write_text("path,label\n")
    with pytest.raises(FileExistsError, match=r"answers\.csv"):
        write_maps(trained, few, tmp_path / "labels")
    assert (tmp_path / "labels" / "answers.csv").read_text() == "path,label\n"
