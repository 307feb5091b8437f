"""zoo/report/table_kind.py: which files on disk are earlier tables, and which are the user's."""

import pytest

from zoo.report.leaderboard import Leaderboard
from zoo.report.table_kind import TableKind, names_in

KIND = TableKind(("path", "class"), r"probability_.*")


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (["path", "class"], True),
        (["class", "path", "probability_a cat\nor dog"], True),
        (["path"], False),
        (["path", "class", "label"], False),
        (["", "path", "class"], False),
        ([], False),
    ],
)
def test_a_kind_has_its_columns_and_no_others(names, is_one):
    assert KIND.has(names) == is_one


@pytest.mark.parametrize(
    "content",
    [
        b"path,label\na,cat\n",
        b"path;class\n",
        b"\xff\xfe\x00",
        b'"path',
        b"\n",
        b"path,class,label\n",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_no_earlier_table_is_refused_and_stays(content, tmp_path, refused):
    (tmp_path / "train.csv").write_bytes(content)
    with refused("path, class", "train.csv", "another path", error=FileExistsError):
        KIND.check(tmp_path / "train.csv")
    assert (tmp_path / "train.csv").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"path,class\n", b"\xef\xbb\xbfpath,class\r\na,b\r\n"])
def test_nothing_and_an_earlier_table_may_be_replaced(content, tmp_path):
    KIND.check(tmp_path / "none.csv")
    (tmp_path / "earlier.csv").write_bytes(content)
    (tmp_path / "link.csv").symlink_to(tmp_path / "earlier.csv")
    KIND.check(tmp_path / "earlier.csv")
    KIND.check(tmp_path / "link.csv")


def test_names_of_parquet(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table({"a": [1], "b": [2]}), tmp_path / "x.parquet")
    assert names_in(tmp_path / "x.parquet") == ("a", "b")
    (tmp_path / "x.parquet").write_bytes(b"a,b\n")
    assert names_in(tmp_path / "x.parquet") == ()


def test_a_table_replaces_an_earlier_one_alone(tmp_path):
    board = Leaderboard([], "validation")
    for _ in range(2):
        board.to_csv(tmp_path / "board.csv")
    (tmp_path / "labels.csv").write_text("name,label\n")
    with pytest.raises(FileExistsError, match=r"labels\.csv"):
        board.to_csv(tmp_path / "labels.csv")
    assert (tmp_path / "labels.csv").read_text() == "name,label\n"
