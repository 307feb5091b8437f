"""A table on disk, CSV, TSV or Parquet, that names image files and their labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind, is_file
from zoo.data.tables.table import SUFFIXES, read_file
from zoo.data.tables.table_rows import list_table, load_table
from zoo.data.unlabelled import Unlabelled


def _load(source: Any, request: Request) -> Splits:
    return load_table(read_file(Path(source).expanduser()), request)


def _list(source: Any, request: Request) -> Unlabelled:
    return list_table(read_file(Path(source).expanduser()), request)


SOURCE = SourceKind(
    name="a table (.csv, .tsv, .parquet)",
    accepts=lambda source: is_file(source, *SUFFIXES),
    load=_load,
    list_rows=_list,
    options=frozenset({"images_dir", "columns"}),
)
