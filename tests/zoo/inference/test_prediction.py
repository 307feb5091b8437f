"""zoo/inference/prediction.py, on a graph that answers at once."""

import csv
import logging
import re
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from zoo import predict
from zoo.data.inventory import Reason
from zoo.data.pictures.decode import UnreadableImagesError
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.inference.resumable_parts import Parts


def _rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _probabilities(rows):
    return np.array([[float(row[f"probability_{name}"]) for name in ("red", "green", "blue")] for row in rows])


@pytest.fixture
def out(tmp_path):
    return tmp_path / "answers" / "out.csv"


@contextmanager
def dying_after(count):
    """Have the work stop once so many parts are written, as an interrupt does."""

    def write(parts, number, part, write=Parts.write):
        if number == count:
            raise KeyboardInterrupt
        write(parts, number, part)

    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(Parts, "write", write)
        with pytest.raises(KeyboardInterrupt):
            yield


def test_a_folder_is_answered_in_its_order(answered, graph, folder, pixels, out):
    done = predict("model", folder, out)
    rows = _rows(out)
    assert [row["path"] for row in rows] == [f"a/{'deep/' * (row >= 20)}{row}.png" for row in range(40)]
    np.testing.assert_allclose(_probabilities(rows), graph.answer(pixels)["probabilities"], atol=1e-6)
    assert [row["class_id"] for row in rows] == _probabilities(rows).argmax(axis=1).astype(str).tolist()
    assert rows[0]["class"] == ("red", "green", "blue")[int(rows[0]["class_id"])]
    assert (done.path, done.images, done.unreadable, done.left_out) == (out, 40, None, 0)
    assert done.images_per_second > 0
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]


def test_answers_do_not_depend_on_how_they_are_asked(answered, folder, pixels, tmp_path):
    predict("model", folder, tmp_path / "measured.csv", part_rows=16)
    assert max(answered) <= 16
    answered.clear()
    predict("model", folder, tmp_path / "given.csv", batch_size=7, threads=3)
    assert answered == [7, 7, 7, 7, 7, 5]
    predict("model", pixels, tmp_path / "rows.csv")
    measured, given, rows = (_rows(tmp_path / f"{name}.csv") for name in ("measured", "given", "rows"))
    np.testing.assert_allclose(_probabilities(measured), _probabilities(given), atol=1e-6)
    np.testing.assert_allclose(_probabilities(measured), _probabilities(rows), atol=1e-6)
    assert [row["row"] for row in rows] == [str(row) for row in range(40)]


def test_csv_and_parquet_say_the_same(answered, folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    (folder / "a" / "5.png").write_bytes(b"no image")
    predict("model", folder, tmp_path / "out.csv", part_rows=7)
    predict("model", folder, tmp_path / "out.parquet", part_rows=2)
    table = parquet.read_table(tmp_path / "out.parquet").to_pydict()
    rows = _rows(tmp_path / "out.csv")
    assert list(table) == list(rows[0])
    assert table["path"] == [row["path"] for row in rows]
    for name in ("probability_red", "probability_green", "probability_blue", "uncertainty"):
        np.testing.assert_array_equal(np.float32(table[name]), np.float32([row[name] for row in rows]))


def test_interrupted_it_goes_on_after_the_last_whole_part(answered, folder, tmp_path, out, caplog):
    predict("model", folder, tmp_path / "at_once.csv", part_rows=8, batch_size=4)
    with dying_after(3):
        predict("model", folder, out, part_rows=8, batch_size=4)
    assert not out.exists()
    assert sorted(path.name for path in (out.parent / "out.csv.parts" / "answers").iterdir()) == [
        "000000.npz",
        "000001.npz",
        "000002.npz",
    ]
    answered.clear()
    with caplog.at_level(logging.INFO, "zoo"):
        predict("model", folder, out, part_rows=8, batch_size=5, threads=2)
    assert sum(answered) == 16
    assert "24 of 40" in caplog.text
    assert [row["path"] for row in _rows(out)] == [row["path"] for row in _rows(tmp_path / "at_once.csv")]
    np.testing.assert_allclose(_probabilities(_rows(out)), _probabilities(_rows(tmp_path / "at_once.csv")), atol=1e-6)


def test_killed_while_joining_it_only_joins(answered, folder, out, monkeypatch):
    with monkeypatch.context() as dying:
        dying.setattr("zoo.inference.prediction.join", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            predict("model", folder, out)
    answered.clear()
    done = predict("model", folder, out)
    assert (answered, done.images, done.images_per_second) == ([], 40, None)


@pytest.mark.parametrize("change", ["images", "model", "options"])
def test_another_listing_model_or_option_begins_anew(change, answered, graph, folder, out, caplog):
    with dying_after(2):
        predict("model", folder, out, part_rows=8)
    answered.clear()
    if change == "images":
        (folder / "a" / "0.png").write_bytes((folder / "a" / "1.png").read_bytes())
    if change == "model":
        object.__setattr__(graph, "identity", "another graph")
    with caplog.at_level(logging.INFO, "zoo"):
        predict("model", folder, out, part_rows=9 if change == "options" else 8)
    assert sum(answered) == 40
    assert re.search(f"anew.*{change}", caplog.text)
    assert len(_rows(out)) == 40


@pytest.mark.parametrize(("allowed", "passes"), [(0.05, True), (0.04, False), (0, False), (1, True)])
def test_more_files_that_cannot_be_read_than_allowed_are_refused_and_nothing_is_lost(
    answered, folder, out, allowed, passes, refused
):
    for row in (3, 4):
        (folder / "a" / f"{row}.png").write_bytes(b"no image")
    if not passes:
        with refused("2 files of 40", "--allow-unreadable 0.05", error=UnreadableImagesError):
            predict("model", folder, out, allow_unreadable=allowed)
        assert not out.exists()
        answered.clear()
    done = predict("model", folder, out, allow_unreadable=allowed if passes else 0.05)
    assert (done.images, done.left_out) == (38, 2)
    assert passes or not answered


def test_a_share_above_one_is_refused(answered, folder, out, refused):
    with refused("--allow-unreadable", "1.5"):
        predict("model", folder, out, allow_unreadable=1.5)


@pytest.mark.parametrize(("highest", "black"), [(1, True), (3, True), (4, False), (0, False)])
def test_files_that_are_nearly_black_are_refused_as_a_fit_does(answered, tmp_path, out, highest, black, refused):
    pictures = tmp_path / "masks"
    pictures.mkdir()
    for row in range(8):
        pixels = np.full((16, 16, 3), highest, np.uint8)
        pixels[: row + 1] = 0
        Image.fromarray(pixels).save(pictures / f"{row}.png")
    if not black:
        assert predict("model", pictures, out).images == 8
        return
    with refused("nearly black", "255"):
        predict("model", pictures, out)
    assert not out.exists()
    (pictures / "7.png").unlink()
    assert predict("model", pictures, out).images == 7  # too few to tell


def test_files_that_cannot_be_read_are_left_out_and_listed(answered, folder, out, caplog):
    (folder / "a" / "3.png").write_bytes(b"no image")
    whole = (folder / "a" / "deep" / "30.png").read_bytes()
    (folder / "a" / "deep" / "30.png").write_bytes(whole[: len(whole) // 2])
    done = predict("model", folder, out, part_rows=8)
    listed = _rows(done.unreadable)
    assert done.unreadable == out.with_name("out.csv.unreadable.csv")
    assert [row["path"] for row in listed] == ["a/3.png", "a/deep/30.png"]
    assert "cannot identify image file" in listed[0]["reason"]
    assert {row["path"] for row in listed}.isdisjoint(row["path"] for row in _rows(out))
    assert (done.images, done.left_out, len(_rows(out))) == (38, 2, 38)
    assert len(done.inventory) == 40
    assert done.inventory.left_out[Reason.UNREADABLE] == ("a/3.png", "a/deep/30.png")
    assert len(re.findall(r"2 of 40.*a/3\.png.*cannot identify", caplog.text)) == 1
    (folder / "a" / "3.png").write_bytes(whole)
    (folder / "a" / "deep" / "30.png").write_bytes(whole)
    assert predict("model", folder, out).unreadable is None
    assert not out.with_name("out.csv.unreadable.csv").exists()


def test_where_nothing_can_be_read_no_table_is_written(answered, folder, out, refused):
    for path in folder.rglob("*.png"):
        path.write_bytes(b"")
    with refused("none of 40", f"{out.name}.unreadable.csv"):
        predict("model", folder, out, part_rows=16)
    assert not out.exists()
    assert answered == []


def test_images_of_other_sizes_are_resized(answered, graph, tmp_path):
    large = np.repeat(np.repeat(np.arange(6, dtype=np.uint8).reshape(1, 2, 1, 3) * 40, 32, 1), 48, 2)
    predict("model", large, tmp_path / "out.csv")
    expected = graph.answer(large.astype(np.float32))["probabilities"]
    np.testing.assert_allclose(_probabilities(_rows(tmp_path / "out.csv")), expected, atol=0.01)


def test_an_npz_is_unpacked_beside_the_table_and_the_copy_removed(answered, pixels, tmp_path, out):
    np.savez_compressed(tmp_path / "set.npz", test_images=pixels)
    assert predict("model", tmp_path / "set.npz", out, key="test_images").images == 40
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]


def test_who_watches_is_told(answered, folder, out):
    told = []
    predict("model", folder, out, batch_size=16, threads=1, watch=lambda *counts: told.append(counts))
    assert told == [(16, 40), (32, 40), (40, 40)]


def test_a_log_has_a_line_now_and_then(answered, folder, out, monkeypatch, caplog):
    monkeypatch.setattr("zoo.inference.prediction_loop.SECONDS", 0)
    with caplog.at_level(logging.INFO, "zoo"):
        predict("model", folder, out, batch_size=16, threads=1)
    assert re.search(r"16 of 40.*[\d.]+ images/s", caplog.text)


@pytest.mark.parametrize("option", ["batch_size", "threads", "part_rows"])
def test_options_are_positive(option, answered, folder, out):
    with pytest.raises(ValueError, match=f"{option}.*0"):
        predict("model", folder, out, **{option: 0})


def test_a_folder_in_the_tables_place_is_refused_before_any_work(answered, folder, out):
    (out / "thesis").mkdir(parents=True)
    with pytest.raises(FileExistsError, match="file"):
        predict("model", folder, out)
    assert answered == []


def test_images_of_which_nothing_is_left_are_refused_each_time(answered, graph, out, monkeypatch):
    deep = replace(graph, reading=PixelReading(depth_range=(0, 65535)))
    monkeypatch.setattr("zoo.inference.prediction.open_graph", lambda *_, **__: deep)
    folder = out.parent.parent / "deep"
    folder.mkdir()
    for row in range(5):
        Image.fromarray(np.full((16, 16), 90 + row, np.uint16)).save(folder / f"{row}.png")
    for _ in range(2):
        with pytest.raises(ValueError, match="nearly black"):
            predict("run", folder, out)
    assert not out.exists()


@pytest.mark.parametrize(("first", "rest", "black"), [(1, 1, True), (1, 200, False), (200, 1, False)])
def test_an_interrupted_call_judges_all_images_as_a_whole_one_does(answered, out, first, rest, black, refused):
    folder = out.parent.parent / "pictures"
    folder.mkdir()
    for row in range(24):
        level = first if row < 12 else rest
        Image.fromarray(np.full((16, 16, 3), level, np.uint8)).save(folder / f"{row:02}.png")
    with dying_after(1):
        predict("model", folder, out, part_rows=12, batch_size=12)
    if not black:
        assert predict("model", folder, out, part_rows=12, batch_size=12).images == 24
        return
    with refused("nearly black", "24"):
        predict("model", folder, out, part_rows=12, batch_size=12)


def test_what_is_read_is_not_written_over(answered, folder, refused):
    table = folder / "list.csv"
    table.write_text("path,note\na/1.png,seen\n")
    for arguments in ({"data": table}, {"data": folder, "like": table}):
        with refused("list.csv", "for both"):
            predict("model", out=table, **arguments)
    assert table.read_text().endswith("seen\n")


def test_a_column_of_images_is_not_called_like_a_prediction(answered, folder, out, refused):
    table = folder / "list.csv"
    table.write_text("class,note\na/1.png,seen\n")
    with refused("'class'", "Rename"):
        predict("model", table, out, columns={"image": "class"})
