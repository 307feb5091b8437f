"""Tables as users have them, CSV, TSV, Parquet or a frame in memory, as columns by name; CSV needs no package."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".tsv", ".parquet")
DELIMITERS = ",\t;|"
EXCEL = re.compile(r"sep=.\s*\n")  # a line in front, that tells Excel the delimiter
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name.

    Attributes:
        columns: the cells of each column, ``(N,)``.
        where: what the table is, for messages.
        lines: ``(N,)`` what a row is called in messages: its line in the file, or its number.
        folder: that the names of files start from.
        delimiter: between the cells of a file of text.
        header: the names of the columns as the file has them, with blanks around them.
    """

    columns: dict[str, Sequence[Any]]
    where: str
    lines: Sequence[str]
    folder: Path
    delimiter: str = ","
    header: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def named(self, rows: Sequence[int], shown: int = 3) -> str:
        """Name some rows, for messages."""
        more = ", ..." if len(rows) > shown else ""
        return ", ".join(self.lines[row] for row in rows[:shown]) + more


def read_file(path: Path) -> Table:
    """Read a table; the cells of CSV stay texts, so that ``0001`` keeps its zeros.

    Raises:
        ImportError: Parquet, and there is no pyarrow.
        ValueError: no table, one in another encoding, or without rows.
    """
    return _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path)


def delimiter_of(text: str) -> str:
    """The commonest delimiter of a table's header, outside of quotes."""
    header = "".join(text.lstrip().partition("\n")[0].split('"')[::2])
    found = Counter(character for character in header if character in DELIMITERS)
    return max(DELIMITERS, key=lambda delimiter: found[delimiter])


def is_frame(source: object) -> bool:
    """Say whether something is a table in memory, of pandas, pyarrow or polars, without importing any of them."""
    return hasattr(source, "__dataframe__") and not isinstance(source, type)


def from_frame(frame: Any, folder: Path | None = None, where: str = "") -> Table:
    """Take the columns of a frame.

    Args:
        frame: of pandas, pyarrow or polars.
        folder: that the names of files start from; by default the working folder.
        where: what it is, for messages.

    Raises:
        ValueError: no rows, or a column that comes twice.
    """
    where = where or f"the {type(frame).__name__}"
    names = list(getattr(frame, "column_names", None) or frame.columns)
    _check_names([str(name) for name in names], where)
    columns: dict[str, Sequence[Any]] = {str(name): _cells(frame[name]) for name in names}
    count = len(next(iter(columns.values()), ()))
    _check_rows(count, where)
    return Table(columns, where, [f"row {row}" for row in range(count)], folder or Path())


def _cells(column: Any) -> list[Any]:
    how = next(name for name in ("to_pylist", "tolist", "to_list") if hasattr(column, name))
    return list(getattr(column, how)())


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise ImportError(
            f"Expected pyarrow to read {path}; it is not installed. Install it: pip install 'ensemble-zoo[parquet]', "
            "or save the table as CSV."
        ) from error
    try:
        frame = parquet.read_table(path)
    except (ArrowInvalid, OSError) as error:
        raise ValueError(f"Expected a Parquet table; {path} cannot be read ({error}). Write it again.") from error
    return from_frame(frame, path.parent, str(path))


def _read_text(path: Path) -> Table:
    text = _decoded(path)
    if EXCEL.match(text):
        text = text.partition("\n")[2]
    delimiter = "\t" if _is_tsv(text, path) else delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        rows = [(f"line {reader.line_num}", row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise ValueError(
            f"Expected a table of text in {path}; line {reader.line_num} cannot be read ({error}). "
            "Close its quotes, or write the table again."
        ) from error
    names = [name.strip() for name in rows[0][1]] if rows else []
    _check_names(names, str(path))
    _check_rows(len(rows) - 1, str(path))
    _check_width(rows, len(names), path)
    cells = zip(*(row for _, row in rows[1:]), strict=True)
    columns: dict[str, Sequence[Any]] = dict(zip(names, cells, strict=True))
    lines = [line for line, _ in rows[1:]]
    return Table(columns, str(path), lines, path.parent, delimiter, _header(text, delimiter))


def _header(text: str, delimiter: str) -> list[str]:
    """The first line that is not empty, with the blanks behind delimiters."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return next(row for row in rows if any(cell.strip() for cell in row))


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"Expected text in UTF-8 in {path}; line {line} has {error.object[error.start : error.start + 1]!r}. "
            "Save it as UTF-8 (in pandas: to_csv(path, encoding='utf-8'))."
        ) from error


def _is_tsv(text: str, path: Path) -> bool:
    return path.suffix.lower() == ".tsv" and "\t" in text.lstrip().partition("\n")[0]


def _check_names(names: Sequence[str], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(
            f"Expected every column of {where} once; received {', '.join(map(repr, twice))} more than once. Rename one."
        )


def _check_rows(count: int, where: str) -> None:
    if count < 1:
        raise ValueError(f"Expected a line of column names and then rows in {where}; found no row. Add some.")


def _check_width(rows: Sequence[tuple[str, Sequence[str]]], width: int, path: Path) -> None:
    wrong = [line for line, row in rows if len(row) != width]
    if wrong:
        raise ValueError(
            f"Expected {width} cells in every row of {path}, as its first line has; {len(wrong)} have others, such as "
            f"{wrong[0]}. Put cells with a delimiter in them into quotes."
        )
