"""Tables in files and in memory."""

import sys

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from zoo.data.tables.table import from_frame, read_file

CONTENTS = {
    "plain": "id,label\n0001,cat\n0002,dög\n",
    "semicolons": "id;label\n0001;cat\n0002;dög\n",
    "Excel's line": "sep=;\nid;label\n0001;cat\n0002;dög\n",
    "tabs": "id\tlabel\n0001\tcat\n0002\tdög\n",
    "quotes": '"id","label"\n"0001", "cat"\n"0002","dög"\n',
    "empty lines": "id,label\r\n\r\n0001,cat\r\n0002,dög\r\n\r\n,\r\n",
    "blanks": " id , label \n0001, cat\n0002, dög\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("content", CONTENTS)
def test_text_is_read_as_text(content, encoding, tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(CONTENTS[content].encode(encoding))
    table = read_file(path)
    assert {name: [cell.strip() for cell in cells] for name, cells in table.columns.items()} == {
        "id": ["0001", "0002"],
        "label": ["cat", "dög"],
    }
    assert table.folder == tmp_path


def test_quoted_cells_may_have_delimiters_and_lines(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('id,note\n1,"a, b\nc"\n2,"say ""hi"""\n')
    table = read_file(path)
    assert list(table.columns["note"]) == ["a, b\nc", 'say "hi"']
    assert table.lines == ["line 3", "line 4"]


def test_a_tsv_may_have_commas_in_its_names(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("id\tlabel, of an expert, or two\n1\ta\n")
    assert list(read_file(path).columns) == ["id", "label, of an expert, or two"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ("found no row",)),
        (b"id,label\n", ("found no row",)),
        (b"id,label\n1,caf\xe9\n", ("line 2", "UTF-8", "b'\\xe9'")),
        (b"id,label\n1,a\n2,a,b\n", ("line 3", "quotes")),
        (b'id,label\n1,"a\n', ("line", "quotes")),
        (b"id,id\n1,2\n", ("'id'", "more than once")),
    ],
)
def test_tables_that_cannot_be_read_are_refused(content, words, tmp_path, refused):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with refused(*words):
        read_file(path)


@pytest.mark.parametrize("make", [pd.DataFrame, pa.table])
def test_frames_are_tables(make):
    table = from_frame(make({"id": ["0001", "0002"], "n": [1.0, None]}))
    assert list(table.columns["id"]) == ["0001", "0002"]
    assert len(table) == 2


def test_parquet_is_read_and_needs_pyarrow(tmp_path, monkeypatch, refused):
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"id": ["0001"], "label": pa.array(["a"]).dictionary_encode()}), path)
    assert read_file(path).columns == {"id": ["0001"], "label": ["a"]}
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with refused("pip install 'ensemble-zoo[parquet]'", error=ImportError):
        read_file(path)


def test_what_is_no_parquet_is_refused(tmp_path, refused):
    (tmp_path / "t.parquet").write_text("id,label")
    with refused("t.parquet", "Write it again"):
        read_file(tmp_path / "t.parquet")
