"""The report's CSV: written for the user to decide in, read again, and never lost."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeAlias

from zoo.cleaning.findings import DROP, KEEP, Finding
from zoo.data.tables.table import delimiter_of
from zoo.utils.text import suggestion

Row: TypeAlias = dict[str, str]
Key: TypeAlias = tuple[str, str, str, str]

COLUMNS = ("decision", "suggested", *(field.name for field in fields(Finding) if field.name != "decision"))
NO_TEXT = re.compile(r"\\u(dc[89a-f][0-9a-f])")  # a byte of a file's name, as Python writes it out
NEEDED = ("decision", "split", "origin", "digest")


def write_table(findings: Iterable[Finding], changed: Mapping[Key, str], path: Path) -> None:
    """Write a row for each finding, with the suggestion and, as the decision, that or the user's own.

    Bytes of file names that are no text are written as ``\\udc80`` to ``\\udcff``, and read as these bytes again.
    """
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for finding in findings:
            decisions = [changed.get(key(finding), finding.decision), finding.decision]
            writer.writerow([*decisions, *(_cell(getattr(finding, column)) for column in COLUMNS[2:])])


def read_table(path: Path) -> list[Row]:
    """Read a report's CSV, as the user left it, with any delimiter of spreadsheets; what a row lacks is empty.

    Raises:
        ValueError: no CSV of text, missing columns, or a decision other than ``drop`` and ``keep``.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a byte order mark first
            delimiter = delimiter_of(file.readline())
            file.seek(0)
            reader = csv.DictReader(map(_with_bytes, file), restkey="", restval="", strict=True, delimiter=delimiter)
            _check_columns(path, reader.fieldnames or ())
            return [{**row, "decision": _read_word(path, reader.line_num, row["decision"])} for row in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"Expected a CSV in UTF-8 at {path}; {error}. Save it as CSV.") from error


def changes(path: Path) -> dict[Key, str]:
    """The decisions of an earlier report that are not what was suggested; none where there is no report.

    Raises:
        ValueError: what :func:`read_table` refuses.
    """
    rows = read_table(path) if path.is_file() else []
    return {
        (row.get("check", ""), row["split"], row["origin"], row["digest"]): row["decision"]
        for row in rows
        if row["decision"] != row.get("suggested", "").strip().lower()
    }


def key(finding: Finding) -> Key:
    """The key of a finding, the same in this report and in an earlier one."""
    return finding.check, finding.split, finding.origin, finding.digest


def earlier_tables(folder: Path) -> list[Path]:
    """The tables of earlier reports that were kept in a folder, such as ``findings-1.csv``."""
    return sorted(path for path in folder.glob("findings-*.csv") if re.fullmatch(r"findings-\d+\.csv", path.name))


def keep_table(table: Path, folder: Path) -> str | None:
    """Copy an earlier report's table into a new report's folder, under the next number, if it differs.

    Returns:
        The copy's name; None if there is no earlier table, or the new one is the same.
    """
    if not table.is_file() or table.read_bytes() == (folder / table.name).read_bytes():
        return None
    taken = [int(path.stem.removeprefix("findings-")) for path in earlier_tables(folder)]
    kept = folder / f"findings-{max(taken, default=0) + 1}.csv"
    shutil.copy2(table, kept)
    return kept.name


def _with_bytes(line: str) -> str:
    return NO_TEXT.sub(lambda found: chr(int(found[1], 16)), line)


def _cell(value: object) -> object:
    return f"{value:.4g}" if isinstance(value, float) else "" if value is None else value


def _check_columns(path: Path, columns: Iterable[str]) -> None:
    missing = [name for name in NEEDED if name not in set(columns)]
    if missing:
        raise ValueError(
            f"Expected the columns {', '.join(NEEDED)} in {path}; {', '.join(missing)} missing. "
            "Keep the columns that `zoo clean` wrote."
        )


def _read_word(path: Path, line: int, word: str) -> str:
    read = word.strip().lower()
    if read not in (DROP, KEEP):
        hint = suggestion(read, (DROP, KEEP))
        raise ValueError(f"Expected the decision drop or keep in {path}, line {line}; received {word!r}. {hint}")
    return read
