"""Tables of files and labels, whatever holds the table."""

import csv
import logging

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet

from zoo.data import load
from zoo.data.class_names import FittedClasses
from zoo.data.loading import list_images

ROWS = 12
LABELS = [("cat", "dog", "10")[row % 3] for row in range(ROWS)]


@pytest.fixture
def images(tmp_path):
    """Twelve pictures, 0000.png to 0011.png, each of a brightness of its own."""
    (tmp_path / "images").mkdir()
    for row in range(ROWS):
        Image.new("RGB", (6, 4), (row * 10,) * 3).save(tmp_path / "images" / f"{row:04}.png")
    return tmp_path / "images"


def _columns(**others):
    return {"image_id": [f"{row:04}" for row in range(ROWS)], "label": LABELS, **others}


def _write(path, columns, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([list(columns), *zip(*columns.values(), strict=True)])
    return path


def _rows(images):
    return (images.take(np.arange(len(images)))[:, 0, 0, 0] // 10).tolist()


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "pandas", "pyarrow"])
def test_a_table_of_any_kind_is_the_same(kind, images, tmp_path):
    columns = _columns()
    if kind in ("csv", "tsv"):
        source = _write(tmp_path / f"t.{kind}", columns, "\t" if kind == "tsv" else ",")
    elif kind == "parquet":
        source = tmp_path / "t.parquet"
        parquet.write_table(pa.table(columns), source)
    else:
        source = pd.DataFrame(columns) if kind == "pandas" else pa.table(columns)
    loaded = load(source, images_dir=images)
    assert loaded.classes == ("10", "cat", "dog")
    assert [loaded.classes[label] for label in loaded.train.labels] == LABELS
    assert _rows(loaded.train) == list(range(ROWS))
    assert loaded.train.groups is None


def test_files_are_relative_to_the_table(images, tmp_path):
    names = [f"images/{row:04}.png" for row in range(ROWS)]
    path = _write(tmp_path / "t.csv", _columns() | {"image_id": names})
    assert _rows(load(path).train) == list(range(ROWS))
    assert load(path).train.origins.tolist() == names


def test_a_column_of_splits_divides(images, tmp_path):
    words = ["train", "Valid", "TEST", "train"] * 3
    loaded = load(_write(tmp_path / "t.csv", _columns(split=words)), images_dir=images, whole=False)
    assert {name: _rows(part) for name, part in loaded.items()} == {
        "train": [0, 3, 4, 7, 8, 11],
        "validation": [1, 5, 9],
        "test": [2, 6, 10],
    }


def test_a_table_of_fastai_has_its_validation_images(images, tmp_path, caplog):
    columns = _columns(is_valid=[str(row % 4 == 1) for row in range(ROWS)])
    with caplog.at_level(logging.INFO, "zoo"):
        loaded = load(_write(tmp_path / "t.csv", columns), images_dir=images, whole=False)
    assert _rows(loaded.validation) == [1, 5, 9]
    assert len(loaded.train) == ROWS - 3
    assert "splits 'is_valid'" in caplog.text


@pytest.mark.parametrize("words", [["train", "fold 2"] * 6, ["train", ""] * 6, ["test"] * ROWS])
def test_other_words_for_splits_are_refused(words, images, tmp_path, refused):
    with refused("train", "--columns split=none"):
        load(_write(tmp_path / "t.csv", _columns(split=words)), images_dir=images)


def test_a_column_of_groups_is_kept_and_an_empty_cell_is_a_group_alone(images, tmp_path, caplog):
    groups = ["p1", "p1", "", "p2", "", *["p3"] * 7]
    with caplog.at_level(logging.WARNING, "zoo"):
        found = load(_write(tmp_path / "t.csv", _columns(patient_id=groups)), images_dir=images).train.groups
    assert found.tolist()[:2] == ["p1", "p1"]
    assert len(set(found.tolist())) == 5
    assert "2 images have no group" in caplog.text


def test_one_column_a_class(images, tmp_path):
    ones = {name: [f"{int(label == name)}.0" for label in LABELS] for name in ("dog", "10", "cat")}
    path = _write(tmp_path / "t.csv", {"image": _columns()["image_id"], **ones})
    loaded = load(path, images_dir=images)
    assert loaded.classes == ("dog", "10", "cat")
    assert [loaded.classes[label] for label in loaded.train.labels] == LABELS
    several = _write(tmp_path / "t.csv", {"image": _columns()["image_id"], **ones, "age": range(ROWS)})
    named = load(several, images_dir=images, columns={"label": ["dog", "10", "cat"]})
    np.testing.assert_array_equal(named.train.labels, loaded.train.labels)


def test_rows_of_several_classes_are_refused(images, tmp_path, refused):
    columns = {"image": _columns()["image_id"], "a": ["1"] * ROWS, "b": ["0"] * (ROWS - 1) + ["1"]}
    with refused("single 1", "line 13", "1 in a and b"):
        load(_write(tmp_path / "t.csv", columns), images_dir=images, columns="label=a,label=b")


@pytest.mark.parametrize("labels", [["1", "2", "10"] * 4, ["1.0", "2.0", "10.0"] * 4])
def test_numbers_are_names_in_natural_order(labels, images, tmp_path):
    loaded = load(_write(tmp_path / "t.csv", _columns() | {"label": labels}), images_dir=images)
    assert loaded.classes == ("1", "2", "10")
    assert loaded.train.labels.tolist() == [0, 1, 2] * 4


def test_labels_meet_given_classes_by_name(images, tmp_path, caplog, refused):
    path = _write(tmp_path / "t.csv", _columns())
    given = ["dog", "cat", "10", "bird"]
    loaded = load(path, images_dir=images, classes=given, whole=False)
    assert [given[label] for label in loaded.train.labels] == LABELS
    with refused("among dog, cow, 10", "cat"):
        load(path, images_dir=images, classes=["dog", "cow", "10"])
    numbered = _write(tmp_path / "n.csv", _columns() | {"label": ["0", "1", "2"] * 4})
    with caplog.at_level(logging.WARNING, "zoo"):
        loaded = load(numbered, images_dir=images, classes=["dog", "cat", "cow"])
    assert loaded.train.labels.tolist() == [0, 1, 2] * 4
    assert "0 dog, 1 cat, 2 cow" in caplog.text


def test_rows_without_labels_or_files_are_refused_with_their_lines(images, tmp_path, refused):
    with refused("'label'", "2 of 12", "line 3", "line 5"):
        load(_write(tmp_path / "t.csv", _columns() | {"label": ["a", "", "b", " "] + ["b"] * 8}), images_dir=images)
    with refused("'image_id'", "1 of 12", "row 1"):
        frame = pd.DataFrame(_columns())
        frame.loc[1, "image_id"] = None
        load(frame, images_dir=images)


@pytest.mark.parametrize("word", ["NaN", "nan", "NA", "N/A", "null", "NULL", "None", "<NA>", "#N/A"])
def test_words_for_nothing_are_no_class_unless_it_is_named(word, images, tmp_path, refused):
    path = _write(tmp_path / "t.csv", _columns() | {"label": ["a", word, "b", "none"] * 3})
    with refused("3 of 12", "line 3", word, "--classes"):
        load(path, images_dir=images)
    loaded = load(path, images_dir=images, classes=["a", "b", "none", word]).train
    assert loaded.counts.tolist() == [3, 3, 3, 3]


def test_words_for_nothing_are_no_group(images, tmp_path):
    groups = ["p1", "NaN", "NaN", "nan", *["p3"] * 8]
    found = load(_write(tmp_path / "t.csv", _columns(patient_id=groups)), images_dir=images).train.groups
    assert len(set(found.tolist())) == 5


def test_files_that_are_not_there_are_named_and_may_be_left_out(images, tmp_path, caplog, refused):
    path = _write(tmp_path / "t.csv", _columns())
    (images / "0003.png").unlink()
    with refused("1 of 12", "'0003'", "--images", "--skip-unreadable"):
        load(path, images_dir=images)
    with caplog.at_level(logging.WARNING, "zoo"):
        loaded = load(path, images_dir=images, skip_unreadable=True)
    assert _rows(loaded.train) == [row for row in range(ROWS) if row != 3]
    assert [loaded.classes[label] for label in loaded.train.labels] == LABELS[:3] + LABELS[4:]
    assert "left out 1 of 12" in caplog.text
    assert "0003: not there" in caplog.text
    with refused("12 of 12", "--images"):
        load(path, skip_unreadable=True, images_dir=tmp_path / "images", columns={"image": "label"})


def test_what_is_not_there_and_what_cannot_be_read_are_one_share(images, tmp_path, caplog, refused):
    path = _write(tmp_path / "t.csv", _columns())
    (images / "0003.png").unlink()
    (images / "0004.png").unlink()
    (images / "0007.png").write_bytes(b"no image")
    with refused("3 files of 12", "2 files: not there", "0003", "0007", "--allow-unreadable 0.25"):
        load(path, images_dir=images, allow_unreadable=0.2)
    kept = {"images_dir": images, "decoded": tmp_path / "decoded"}
    for _ in range(2):  # decoded, and found again
        caplog.clear()
        with caplog.at_level(logging.WARNING, "zoo"):
            loaded = load(path, **kept, allow_unreadable=0.25)
        assert _rows(loaded.train) == [row for row in range(ROWS) if row not in (3, 4, 7)]
        (message,) = [line for line in caplog.messages if "left out" in line]
        assert "3 of 12" in message
    with refused("3 files of 12", "--allow-unreadable 0.25"):
        load(path, **kept, skip_unreadable=True)


def test_files_that_cannot_be_read_take_their_rows_with_them(images, tmp_path):
    path = _write(tmp_path / "t.csv", _columns(group=[f"g{row}" for row in range(ROWS)], split=["train"] * ROWS))
    (images / "0003.png").write_bytes(b"no image")
    loaded = load(path, images_dir=images, skip_unreadable=True).train
    assert _rows(loaded) == [row for row in range(ROWS) if row != 3]
    assert loaded.groups.tolist() == [f"g{row}" for row in range(ROWS) if row != 3]


def test_files_that_the_table_does_not_name_are_counted(images, tmp_path, caplog):
    columns = {name: cells[:9] for name, cells in _columns().items()}
    with caplog.at_level(logging.WARNING, "zoo"):
        load(_write(tmp_path / "t.csv", columns), images_dir=images)
    assert "does not name 3 of 12 images" in caplog.text


def test_a_file_is_known_by_any_of_its_names(images, tmp_path, caplog, refused):
    (images / "sub").mkdir()
    (tmp_path / "other").symlink_to(images)
    for alias in ("sub/../0000.png", str(tmp_path / "other" / "0000.png"), str(images / "sub" / ".." / "0000.png")):
        twice = {"image": ["0000.png", "0001.png", alias], "label": ["cat", "dog", "cat"]}
        caplog.clear()
        assert _rows(load(_write(tmp_path / "t.csv", twice), images_dir=images).train) == [0, 1]
        assert "1 rows repeat a file" in caplog.text
        with refused("'cat'", "'dog'", "0000.png"):
            load(_write(tmp_path / "t.csv", twice | {"label": ["cat", "dog", "dog"]}), images_dir=images)


def test_links_to_one_file_are_copies(images, tmp_path):
    """As git-annex makes them of equal contents."""
    (images / "link.png").symlink_to(images / "0000.png")
    linked = {"image": ["0000.png", "0001.png", "link.png"], "label": ["cat", "dog", "dog"]}
    assert len(load(_write(tmp_path / "t.csv", linked), images_dir=images).train) == 3


def test_a_file_that_comes_twice_is_read_once_or_refused(images, tmp_path, caplog, refused):
    twice = {name: [*cells, cells[0]] for name, cells in _columns().items()}
    with caplog.at_level(logging.WARNING, "zoo"):
        assert _rows(load(_write(tmp_path / "t.csv", twice), images_dir=images).train) == list(range(ROWS))
    assert "1 rows repeat a file" in caplog.text
    with refused("one label", "'0000'", "'cat'", "'dog'"):
        load(_write(tmp_path / "t.csv", twice | {"label": [*LABELS, "dog"]}), images_dir=images)
    with refused("one split", "'0000'"):
        load(_write(tmp_path / "t.csv", twice | {"split": ["train"] * ROWS + ["test"]}), images_dir=images)
    with refused("one group", "'0000'", "'p0'", "'p7'"):
        patients = [f"p{row}" for row in range(ROWS)]
        load(_write(tmp_path / "t.csv", twice | {"group": [*patients, "p7"]}), images_dir=images)


def test_numbers_that_lost_their_zeros_are_refused_with_the_remedy(images, refused):
    with refused("dtype=str"):
        load(pd.DataFrame({"id": range(1, 4), "label": ["a", "b", "a"]}), images_dir=images)


def test_options_of_tables_are_refused_for_other_sources(images, refused):
    with refused("images_dir", "folder", error=TypeError):
        load(images, images_dir=images)
    with refused("columns", "loaded already", error=TypeError):
        load(load(pd.DataFrame(_columns()), images_dir=images), columns={"label": "label"})
    with refused("labels", "pandas", error=TypeError):
        load(pd.DataFrame(_columns()), LABELS, images_dir=images)
    with refused("--images", str(images / "none"), error=FileNotFoundError):
        load(pd.DataFrame(_columns()), images_dir=images / "none")


def test_files_to_predict_are_listed_row_by_row(images, tmp_path):
    path = _write(tmp_path / "t.csv", {"image_id": ["0003", "0001", "none", "0003"], "site": ["a", "b", "c", "d"]})
    listed = list_images(path, images_dir=images)
    assert listed.column == "image_id"
    assert listed.names(np.arange(4)).tolist() == ["0003", "0001", "none", "0003"]
    assert listed.reader(tmp_path)(1, (4, 6))[0, 0, 0] == 10
    with pytest.raises(OSError, match="none"):
        listed.reader(tmp_path)(2, (4, 6))


def test_a_listing_changes_with_names_and_files(images, tmp_path):
    path = _write(tmp_path / "t.csv", {"id": ["0003", "0001"]})
    first = list_images(path, images_dir=images).identity()
    assert first == list_images(path, images_dir=images).identity()
    _write(path, {"id": ["0001", "0003"]})
    assert first != list_images(path, images_dir=images).identity()


def test_a_listing_of_nothing_there_is_refused(images, tmp_path, refused):
    with refused("none of 1", "'7'", "--images"):
        list_images(_write(tmp_path / "t.csv", {"id": ["7"]}), images_dir=images)


def test_tables_of_other_splits_beside_one_are_named(images, tmp_path, caplog):
    for name in ("train.csv", "val.csv", "sample_submission.csv"):
        _write(tmp_path / name, _columns())
    load(tmp_path / "train.csv", images_dir=images)
    (message,) = [line for line in caplog.messages if "beside it" in line]
    assert "val.csv" in message
    assert "sample" not in message


CODES = {"cat": "4", "dog": "9", "10": "1"}


def test_columns_that_are_one_to_one_with_the_labels_are_kept(images, tmp_path):
    columns = _columns(code=[CODES[label] for label in LABELS], almost=["1", "2", "3"] * 3 + ["1", "2", "1"])
    loaded = load(_write(tmp_path / "t.csv", columns), images_dir=images).train
    assert loaded.codes.columns == {"code": ("1", "4", "9")}
    assert loaded.subset(np.arange(3)).codes == loaded.codes
    assert loaded.in_classes(("dog", "cat", "10")).codes.columns == {"code": ("9", "4", "1")}
    later = FittedClasses(loaded.classes, codes=loaded.codes.columns)
    only = _write(tmp_path / "later.csv", {"image": columns["image_id"], "code": columns["code"]})
    read = {"images_dir": images, "columns": "label=code", "classes": later, "whole": False}
    np.testing.assert_array_equal(load(only, **read).train.labels, loaded.labels)


def test_codes_that_may_mean_two_classes_are_refused(images, tmp_path, refused):
    later = FittedClasses(("a", "b", "c"), codes={"x": ("1", "2", "3"), "y": ("3", "2", "1")})
    path = _write(tmp_path / "t.csv", _columns() | {"label": ["1", "2", "3"] * 4})
    with refused("'x', 'y'"):
        load(path, images_dir=images, classes=later, whole=False)


@pytest.mark.parametrize(("labels", "numbered"), [(["1", "2", "10"], True), (["01", "2", "10"], False), ("abc", False)])
def test_labels_that_are_whole_numbers_are_answered_as_such(labels, numbered, images, tmp_path):
    loaded = load(_write(tmp_path / "t.csv", _columns() | {"label": [*labels] * 4}), images_dir=images).train
    found = loaded.codes.labels(loaded.classes)
    assert (found is not None) == numbered
    if numbered:
        assert (found.dtype, found.tolist()) == (np.int64, [1, 2, 10])
