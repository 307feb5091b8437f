"""Kinds of tables that commands write, told by their columns: one of another kind is the user's, and not replaced."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from zoo.utils.named_paths import destination
from zoo.utils.own_files import check_own

SHOWN = 6  # columns in a message


@dataclass(frozen=True)
class TableKind:
    """A kind of table.

    Attributes:
        columns: that every one has.
        further: the names of those that some have, as a regular expression; by default none.
    """

    columns: Sequence[str]
    further: str = "(?!)"

    def has(self, names: Collection[str]) -> bool:
        """Say whether a table of these columns is of the kind: it has all of its columns, and no others."""
        others = set(names) - set(self.columns)
        return set(self.columns) <= set(names) and all(re.fullmatch(self.further, name, re.DOTALL) for name in others)

    def check(self, path: str | Path) -> None:
        """Check before long work that a table can be written: nothing is there, or an earlier one.

        Raises:
            FileExistsError: another file is there.
        """
        listed = ", ".join(self.columns[:SHOWN]) + (", ..." if len(self.columns) > SHOWN else "")
        check_own(destination(path), lambda there: self.has(names_in(there)), f"an earlier table of {listed}")


def names_in(path: Path) -> tuple[str, ...]:
    """The names of the columns of a table on disk, ``.parquet`` or text; none where it cannot be read as one."""
    if path.suffix.lower() == ".parquet":
        return _names_in_parquet(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return tuple(next(csv.reader(file, strict=True), ()))
    except (csv.Error, UnicodeDecodeError):
        return ()


def _names_in_parquet(path: Path) -> tuple[str, ...]:
    from pyarrow import ArrowInvalid, parquet

    try:
        return tuple(parquet.read_schema(path).names)
    except (ArrowInvalid, OSError):
        return ()
