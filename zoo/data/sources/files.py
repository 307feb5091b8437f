"""Image files without labels: one, or a ``.txt`` with a path a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.data.source import SourceKind, is_file
from zoo.data.suffixes import SUFFIXES
from zoo.data.unlabelled import Files

LIST = ".txt"


def list_files(source: Any, key: str | None = None) -> Files:
    """List one image file, or those of a text file, relative to its own folder.

    Raises:
        ValueError: an empty list.
    """
    path = Path(source).expanduser()
    if path.suffix.lower() != LIST:
        return Files(path.parent, [path.name])
    names = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not names:
        raise ValueError(f"Expected a path a line in {path}; it is empty.")
    return Files(path.parent, names)


SOURCE = SourceKind(
    name="an image file or a .txt list of image files",
    accepts=lambda source: is_file(source, LIST, *SUFFIXES),
    list=list_files,
)
