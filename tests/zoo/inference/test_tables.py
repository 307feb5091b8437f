"""zoo/inference/tables.py."""

import csv
import sys

import numpy as np
import pytest

from zoo.inference.tables import columns_of, writer_for

ANSWERS = {
    "probabilities": np.array([[0.1, 0.7, 0.2], [1 / 3, 1e-9, 2 / 3]], np.float32),
    "uncertainty": np.array([0.5, 0.25], np.float32),
    "logits": np.zeros((2, 3), np.float32),
}


@pytest.fixture
def columns():
    return {"path": np.array(["a,1.png", "ä\n2.png"]), **columns_of(ANSWERS, ("cat", "dog", "a bird"))}


def test_columns_have_names_ids_probabilities_and_uncertainty(columns):
    assert list(columns) == [
        "path",
        "class",
        "class_id",
        "probability_cat",
        "probability_dog",
        "probability_a bird",
        "uncertainty",
    ]
    assert columns["class"].tolist() == ["dog", "a bird"]
    assert columns["class_id"].tolist() == [1, 2]
    assert "uncertainty" not in columns_of({"probabilities": ANSWERS["probabilities"]}, ("a", "b", "c"))


def _groups(columns):
    yield {name: column[:1] for name, column in columns.items()}
    yield {name: column[:0] for name, column in columns.items()}
    yield {name: column[1:] for name, column in columns.items()}


def test_csv_has_every_bit(columns, tmp_path):
    writer_for(tmp_path / "out.csv")(tmp_path / "out.csv", _groups(columns))
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert list(first) == list(columns)
    assert [first["path"], second["path"]] == columns["path"].tolist()
    assert (first["class_id"], first["uncertainty"]) == ("1", "0.5")
    for name in ("probability_cat", "probability_dog", "probability_a bird"):
        assert [np.float32(row[name]) for row in (first, second)] == columns[name].tolist()


def test_parquet_has_a_row_group_a_group(columns, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    writer_for(tmp_path / "out.parquet")(tmp_path / "out.parquet", _groups(columns))
    with parquet.ParquetFile(tmp_path / "out.parquet") as file:
        table = file.read()
        assert file.num_row_groups >= 2
    assert table.to_pydict() == {name: column.tolist() for name, column in columns.items()}
    kinds = {
        name: str(table.schema.field(name).type) for name in ("path", "class_id", "probability_cat", "uncertainty")
    }
    assert list(kinds.values()) == ["string", "int64", "float", "float"]


def test_parquet_needs_pyarrow(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'ensemble-zoo\[parquet\]'"):
        writer_for(tmp_path / "out.parquet")


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.parquet.*\.csv"):
        writer_for(tmp_path / "out.xlsx")


OF_USERS = ("path,label", "path,class", "path,class,class_id", "path,class,class_id,probability_a,note")


@pytest.mark.parametrize("head", OF_USERS)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_of_the_user_is_not_replaced(head, suffix, tmp_path, refused):
    path = tmp_path / f"train.{suffix}"
    if suffix == "csv":
        path.write_text(f"{head}\n")
    else:
        table = pytest.importorskip("pyarrow").table({name: ["a"] for name in head.split(",")})
        pytest.importorskip("pyarrow.parquet").write_table(table, path)
    with refused(path.name, "class_id, probability_", "another path", error=FileExistsError):
        writer_for(path)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_an_earlier_table_of_whatever_classes_is_replaced(columns, suffix, tmp_path):
    path = tmp_path / f"out.{suffix}"
    for names in (list(columns), [name for name in columns if name != "uncertainty"]):
        writer_for(path)(path, _groups({name: columns[name] for name in names}))
    writer_for(path)
