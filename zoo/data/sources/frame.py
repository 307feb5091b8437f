"""A table in memory, of pandas, pyarrow or polars, that names image files and their labels."""

from __future__ import annotations

from zoo.data.source import SourceKind
from zoo.data.tables.table import from_frame, is_frame
from zoo.data.tables.table_rows import list_table, load_table

SOURCE = SourceKind(
    name="a frame of pandas or pyarrow",
    typed=False,
    accepts=is_frame,
    load=lambda source, request: load_table(from_frame(source), request),
    list_rows=lambda source, request: list_table(from_frame(source), request),
    options=frozenset({"images_dir", "columns"}),
)
