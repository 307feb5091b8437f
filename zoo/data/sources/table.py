"""A table on disk, CSV, TSV or Parquet, that names image files and their labels."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind, is_file
from zoo.data.split_words import TEST, TRAIN, VALIDATION, split_of
from zoo.data.tables.table import SUFFIXES, read_file
from zoo.data.tables.table_rows import list_table, load_table
from zoo.data.unlabelled import Unlabelled

logger = logging.getLogger(__name__)


def _load(source: Any, request: Request) -> Splits:
    path = Path(source).expanduser()
    loaded = load_table(read_file(path), request)
    if loaded.validation is None and loaded.test is None:
        _tell_of_others(path)
    return loaded


def _tell_of_others(path: Path) -> None:
    """Name tables of other splits that lie beside one of the training images."""
    if split_of(path.stem) != TRAIN:
        return
    found = [one.name for one in sorted(path.parent.iterdir()) if is_file(one, *SUFFIXES)]
    others = [name for name in found if split_of(Path(name).stem) in (VALIDATION, TEST)]
    if others:
        logger.warning(
            "%s: beside it lie %s, which are not read. To use them, join the tables, with a column `split`.",
            path,
            ", ".join(others),
        )


def _list(source: Any, request: Request) -> Unlabelled:
    return list_table(read_file(Path(source).expanduser()), request)


SOURCE = SourceKind(
    name="a table (.csv, .tsv, .parquet)",
    accepts=lambda source: is_file(source, *SUFFIXES),
    load=_load,
    list_rows=_list,
    options=frozenset({"images_dir", "columns"}),
)
