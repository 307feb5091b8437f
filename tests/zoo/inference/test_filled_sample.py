"""Predictions in the columns of a sample submission."""

import csv
import logging

import numpy as np
import pytest

from zoo import predict
from zoo.data import UnreadableImagesError

CLASSES = ("red", "green", "blue")


@pytest.fixture
def likely(graph, pixels):
    """The probabilities of each picture ``(40, 3)``."""
    return graph.answer(pixels)["probabilities"]


@pytest.fixture
def like(tmp_path):
    """Write a sample; returns its path."""

    def write(*rows, name="sample.csv", delimiter=","):
        path = tmp_path / name
        with path.open("w", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        return path

    return write


def _read(path, delimiter=","):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, delimiter=delimiter))


def _named(likely, rows):
    return [CLASSES[likely[row].argmax()] for row in rows]


def test_rows_and_columns_are_those_of_the_sample(answered, folder, likely, like, tmp_path):
    order = [30, 3, 3, 17]
    sample = like(["Id", "Category"], *([f"{row}", "red"] for row in order))
    done = predict("model", folder, tmp_path / "out.csv", like=sample)
    assert _read(tmp_path / "out.csv") == [
        ["Id", "Category"],
        *map(list, zip(map(str, order), _named(likely, order), strict=True)),
    ]
    assert (done.images, done.left_out, done.unreadable) == (4, 0, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "out.csv", "sample.csv"]


def test_an_earlier_answer_is_replaced_and_another_table_is_not(answered, folder, like, tmp_path, refused):
    sample, out = like(["id", "label"], ["3", ""], ["4", ""]), tmp_path / "out.csv"
    for _ in range(2):
        predict("model", folder, out, like=sample)
    for rows in ([["id", "label"], ["5", "red"]], [["id", "kind"], ["3", ""], ["4", ""]], [["id"]], [["\0"]]):
        labels = like(*rows, name="labels.csv")
        before = labels.read_bytes()
        with refused("sample.csv", "labels.csv", error=FileExistsError):
            predict("model", folder, labels, like=sample)
        assert labels.read_bytes() == before


@pytest.mark.parametrize(
    "ids", ["{}", "{}.png", "deep/{}", "a/deep/{}.png", "images/a/deep/{}.png", "/kaggle/deep/{}.PNG"]
)
def test_ids_are_names_or_paths_with_or_without_suffix(ids, answered, folder, likely, like, tmp_path):
    sample = like(["label", "image"], *(["", ids.format(row)] for row in (39, 21)))
    predict("model", folder, tmp_path / "out.csv", like=sample)
    assert [row[0] for row in _read(tmp_path / "out.csv")[1:]] == _named(likely, (39, 21))


def test_numbers_in_the_sample_are_ids_of_classes_and_that_is_said(answered, folder, likely, like, tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        predict("model", folder, tmp_path / "out.csv", like=like(["id", "label"], ["5", "0"], ["9", "0"]))
    assert [row[1] for row in _read(tmp_path / "out.csv")[1:]] == [str(likely[row].argmax()) for row in (5, 9)]
    assert "0 red, 1 green, 2 blue" in caplog.text
    assert "38 of 40 images have no row" in caplog.text


def test_a_column_for_the_answer_is_filled_beside_probabilities(answered, folder, likely, like, tmp_path, caplog):
    sample = like(["id", "prediction", "blue", "red", "green", "note"], ["5", "red", "0", "1", "0", "kept"])
    with caplog.at_level(logging.INFO, "zoo"):
        predict("model", folder, tmp_path / "out.csv", like=sample)
    row = _read(tmp_path / "out.csv")[1]
    assert (row[1], row[5]) == (_named(likely, [5])[0], "kept")
    np.testing.assert_allclose([float(cell) for cell in row[2:5]], likely[5][[2, 0, 1]], atol=1e-6)
    assert "probabilities and classes are written into" in caplog.text


def test_classes_that_are_numbers_are_names_whatever_the_sample_shows(answered, graph, folder, likely, like, tmp_path):
    object.__setattr__(graph, "classes", ("1", "2", "10"))
    predict("model", folder, tmp_path / "out.csv", like=like(["id", "label"], ["5", "0"], ["9", "0"]))
    assert [row[1] for row in _read(tmp_path / "out.csv")[1:]] == [
        ("1", "2", "10")[likely[row].argmax()] for row in (5, 9)
    ]


def test_digits_beside_a_word_are_names_where_the_sample_shows_them(
    answered, graph, folder, likely, like, tmp_path, caplog
):
    object.__setattr__(graph, "classes", ("1", "2", "unknown"))
    with caplog.at_level(logging.WARNING, "zoo"):
        predict("model", folder, tmp_path / "out.csv", like=like(["id", "label"], ["5", "1"], ["9", "1"]))
    assert [row[1] for row in _read(tmp_path / "out.csv")[1:]] == [
        ("1", "2", "unknown")[likely[row].argmax()] for row in (5, 9)
    ]


def test_a_column_a_class_takes_probabilities_in_the_samples_order(answered, folder, likely, like, tmp_path):
    sample = like(["image_id", "Blue", "red", "green", "note"], *([str(row), 0, 0.5, 1, "x"] for row in (8, 4)))
    predict("model", folder, tmp_path / "out.csv", like=sample)
    rows = _read(tmp_path / "out.csv")
    assert rows[0] == ["image_id", "Blue", "red", "green", "note"]
    np.testing.assert_allclose(np.array(rows[1:])[:, 1:4].astype(float), likely[[8, 4]][:, [2, 0, 1]], atol=1e-6)
    assert [row[-1] for row in rows[1:]] == ["x", "x"]


def test_the_samples_delimiter_is_kept(answered, folder, likely, like, tmp_path):
    sample = like(["id", "label"], ["5", "red"], name="sample.tsv", delimiter="\t")
    predict("model", folder, tmp_path / "out.tsv", like=sample)
    assert _read(tmp_path / "out.tsv", "\t") == [["id", "label"], ["5", _named(likely, [5])[0]]]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["id", "label"], ["5", "red"], ["41", "red"], ["x", "red"]], ("2 of 3", "41, x", "00012")),
        ([["id", "label"], ["x/31.png", "red"]], ("1 of 1", "mean a/deep/31.png")),
        ([["id", "red", "green"], ["5", "0", "1"]], ("column for each class", "none for blue")),
        ([["id", "label"], ["5", "0.5"]], ("0.5", "probability", "--positive", "each class")),
        ([["id", "label"], ["5", "1"], ["6", "3"]], ("0 to 2", "received 3")),
        ([["id", "a", "b"], ["5", "0", "0"]], ("a, b", "Rename")),
        ([["id", "label", "class"], ["5", "0", "0"]], ("label, class",)),
        ([["id"], ["5"]], ("column of ids",)),
        ([["id", "label"], ["", "a"]], ("line 2",)),
    ],
)
def test_samples_that_are_not_sure_are_refused_before_any_work(rows, words, answered, folder, like, tmp_path, refused):
    with refused(*words):
        predict("model", folder, tmp_path / "out.csv", like=like(*rows))
    assert not answered
    assert not (tmp_path / "out.csv").exists()


def test_a_sample_is_a_path(answered, folder, tmp_path):
    with pytest.raises(TypeError, match=r"path.*like.*dict"):
        predict("model", folder, tmp_path / "out.csv", like={"id": ["5"]})


def test_several_images_of_an_id_are_refused(answered, folder, like, tmp_path, refused):
    (folder / "b").mkdir()
    (folder / "b" / "5.png").write_bytes((folder / "a" / "5.png").read_bytes())
    with refused("several", "5"):
        predict("model", folder, tmp_path / "out.csv", like=like(["id", "label"], ["5", "red"]))


def test_an_unreadable_image_is_refused_or_keeps_the_samples_cells(answered, folder, likely, like, tmp_path, refused):
    (folder / "a" / "5.png").write_bytes(b"")
    sample = like(["id", "label"], *([str(row), "green"] for row in (4, 5, 6, 7)))
    out = tmp_path / "out.csv"
    with refused("5.png", "--skip-unreadable", error=UnreadableImagesError):
        predict("model", folder, out, like=sample, part_rows=2)
    assert not out.exists()
    answered.clear()
    done = predict("model", folder, out, like=sample, part_rows=2, skip_unreadable=True)
    assert not answered  # what was predicted is kept
    four, six, seven = _named(likely, (4, 6, 7))
    assert [row[1] for row in _read(out)[1:]] == [four, "green", six, seven]
    assert (done.images, done.left_out) == (3, 1)
    assert "5.png" in done.unreadable.read_text()


def test_a_share_of_unreadable_images_is_allowed(answered, folder, like, tmp_path, refused):
    (folder / "a" / "5.png").write_bytes(b"")
    sample, out = like(["id", "label"], *([str(row), "green"] for row in (4, 5, 6, 99))), tmp_path / "out.csv"
    with refused("2 files of 4", "--allow-unreadable 0.5", error=UnreadableImagesError):
        predict("model", folder, out, like=sample, allow_unreadable=0.3)
    assert predict("model", folder, out, like=sample, allow_unreadable=0.5).left_out == 2


def test_an_unreadable_image_of_probabilities_shifts_no_row(answered, folder, likely, like, tmp_path):
    for row in (4, 7):
        (folder / "a" / f"{row}.png").write_bytes(b"")
    sample = like(["id", *CLASSES], *([str(row), 0.2, 0.3, 0.5] for row in (4, 5, 6, 7)))
    predict("model", folder, tmp_path / "out.csv", like=sample, part_rows=3, skip_unreadable=True)
    found = np.array(_read(tmp_path / "out.csv")[1:])[:, 1:].astype(float)
    np.testing.assert_allclose(found[[0, 3]], [[0.2, 0.3, 0.5]] * 2)
    np.testing.assert_allclose(found[[1, 2]], likely[[5, 6]], atol=1e-6)


@pytest.mark.parametrize("first", [0, 1])
def test_ids_of_an_array_count_its_rows(first, answered, pixels, likely, like, tmp_path, refused):
    order = np.random.default_rng(0).permutation(40)
    sample = like(["ImageId", "Label"], *([str(row + first), "red"] for row in order))
    predict("model", pixels, tmp_path / "out.csv", like=sample)
    assert [row[1] for row in _read(tmp_path / "out.csv")[1:]] == _named(likely, order)
    with refused("39", "count the 40 rows"):
        short = like(["ImageId", "Label"], *([str(row + first), "red"] for row in range(39)))
        predict("model", pixels, tmp_path / "short.csv", like=short)


def test_ids_of_a_table_are_its_column_of_that_name(answered, folder, likely, like, tmp_path):
    table = like(["case", "file"], ["c1", "9"], ["c2", "30"], name="test.csv")
    sample = like(["case", "label"], ["c2", "red"], ["c1", "red"])
    predict("model", table, tmp_path / "out.csv", images_dir=folder, like=sample)
    assert _read(tmp_path / "out.csv")[1:] == [["c2", _named(likely, [30])[0]], ["c1", _named(likely, [9])[0]]]


def test_several_rows_of_a_table_with_one_id_are_refused(answered, folder, like, tmp_path, refused):
    table = like(["image", "patient"], ["3.png", "p1"], ["8.png", "p2"], ["30.png", "p1"], name="table.csv")
    sample = like(["patient", "label"], ["p1", "red"], ["p2", "red"])
    with refused("1 have several", "p1"):
        predict("model", table, tmp_path / "out.csv", like=sample, images_dir=folder)


def test_a_table_is_predicted_row_by_row(answered, folder, likely, like, tmp_path):
    table = like(["image_id", "site"], *([str(row), "a"] for row in (9, 30, 2)), name="test.csv")
    predict("model", table, tmp_path / "out.csv", images_dir=folder)
    rows = _read(tmp_path / "out.csv")
    assert rows[0][:2] == ["image_id", "class"]
    assert [row[:2] for row in rows[1:]] == [[str(row), _named(likely, [row])[0]] for row in (9, 30, 2)]


def test_what_does_not_go_with_a_sample_is_refused(folder, like, tmp_path, refused):
    sample = like(["id", "label"], ["5", "red"])
    with refused(".csv", "out.parquet"):
        predict("model", folder, tmp_path / "out.parquet", like=sample)
    with refused("--skip-unreadable", "--like"):
        predict("model", folder, tmp_path / "out.csv", skip_unreadable=True)
    with refused("--like", "none.csv", error=FileNotFoundError):
        predict("model", folder, tmp_path / "out.csv", like=tmp_path / "none.csv")


CODES = {"class_id": ("7", "5", "3"), "Word": ("r", "g", "b")}


@pytest.mark.parametrize(
    ("names", "rows", "written"),
    [
        (["id", "class_id"], ["0"], "class_id"),
        (["id", "Class ID"], ["red"], None),
        (["id", "label"], ["0"], "class_id"),
        (["id", "word"], [""], "Word"),
        (["id", "label"], ["b"], "Word"),
        (["id", "label"], ["red"], None),
    ],
)
def test_words_of_the_fits_table_are_written(names, rows, written, answered, graph, folder, likely, like, tmp_path):
    object.__setattr__(graph, "codes", CODES)
    predict("model", folder, tmp_path / "out.csv", like=like(names, *([str(row), *rows] for row in (5, 30))))
    own = CODES[written] if written else CLASSES
    assert [row[1] for row in _read(tmp_path / "out.csv")[1:]] == [own[likely[row].argmax()] for row in (5, 30)]


def test_numberings_that_differ_are_refused(answered, graph, folder, like, tmp_path, refused):
    object.__setattr__(graph, "codes", {"a": ("0", "1", "2"), "b": ("2", "1", "0")})
    with refused("'a', 'b'", "'label'"):
        predict("model", folder, tmp_path / "out.csv", like=like(["id", "label"], ["5", "0"]))


@pytest.mark.parametrize(
    ("classes", "header", "cell", "column"),
    [
        (("0", "1"), "target", "0.5", 1),
        (("-1", "1"), "target", "0.25", 1),
        (("Yes", "healthy"), "target", "0.5", 0),
        (("neg", "pos"), "label", "0.0001", 1),
        (("cat", "dog"), "dog", "0", 1),
        (("cat", "dog"), "Cat", "0.5", 0),
        (("ben", "mal"), "is_bad", "0.5", 1),
    ],
)
def test_one_column_takes_the_probability_of_one_of_two_classes(
    classes, header, cell, column, answered, two, folder, like, tmp_path
):
    object.__setattr__(two, "classes", classes)
    object.__setattr__(two, "codes", {"is_bad": ("0", "1")} if classes == ("ben", "mal") else {})
    predict("model", folder, tmp_path / "out.csv", like=like(["id", header], ["5", cell], ["9", cell]))
    assert [float(row[1]) for row in _read(tmp_path / "out.csv")[1:]] == pytest.approx([(0.75, 0.25)[column]] * 2)


@pytest.fixture
def two(graph):
    """The graph with two classes, of probabilities 0.75 and 0.25."""
    answer = np.array([0.75, 0.25], np.float32)
    object.__setattr__(graph, "uncertain", False)
    object.__setattr__(graph, "answer", lambda images: {"probabilities": np.tile(answer, (len(images), 1))})
    return graph


@pytest.mark.parametrize("classes", [("cat", "dog"), ("1", "2")])
def test_a_probability_of_either_class_is_asked_for(classes, answered, two, folder, like, tmp_path, refused, caplog):
    object.__setattr__(two, "classes", classes)
    out, sample = tmp_path / "out.csv", like(["id", "target"], ["5", "0.5"])
    with refused("0.5", "--positive", classes[0]):
        predict("model", folder, out, like=sample)
    with refused("--positive", "'dgo'"):
        predict("model", folder, out, like=sample, positive="dgo")
    predict("model", folder, out, like=sample, positive=classes[1])
    assert _read(out)[1][1] == "0.25"
    with caplog.at_level(logging.INFO, "zoo"):
        predict("model", folder, out, like=like(["id", "target"], ["5", "0.0"]))
    assert _read(out)[1][1] == ("0" if classes[0] == "cat" else "1")
    assert "--positive" in caplog.text
    with refused("--positive", "--like"):
        predict("model", folder, out, positive="cat")


def test_rows_without_an_image_keep_their_cells_where_that_is_asked_for(answered, folder, likely, like, tmp_path):
    sample = like(["id", "label"], *([name, "?"] for name in ("4", "none", "6", "none.png")))
    done = predict("model", folder, tmp_path / "out.csv", like=sample, skip_unreadable=True, part_rows=2)
    four, six = _named(likely, (4, 6))
    assert [row[1] for row in _read(tmp_path / "out.csv")[1:]] == [four, "?", six, "?"]
    assert (done.images, done.left_out) == (2, 2)
    listed = done.unreadable.read_text()
    assert "none.png" in listed
    assert "not there" in listed


def test_a_folder_with_none_of_the_images_is_refused_all_the_same(answered, folder, like, tmp_path, refused):
    sample = like(["id", "label"], ["x", "?"], ["y", "?"])
    with refused("2 of 2"):
        predict("model", folder, tmp_path / "out.csv", like=sample, skip_unreadable=True)


@pytest.mark.parametrize("header", ["id, label", "id ,label ", '"id","the label"'])
def test_the_header_is_kept_with_its_blanks(header, answered, folder, tmp_path):
    (tmp_path / "sample.csv").write_text(f"{header}\n5,red\n")
    predict("model", folder, tmp_path / "out.csv", like=tmp_path / "sample.csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == header.replace('"', "")
