"""Image files without labels: one, or a ``.txt`` with a path a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.data.pictures.formats import HEIC, HEIC_REMEDY, has_image_bytes, image_suffixes
from zoo.data.source import SourceKind, as_path
from zoo.data.unlabelled import Files
from zoo.utils.files import in_either_form

LIST = ".txt"


def list_files(source: Any, key: str | None = None) -> Files:
    """List one image file, or those of a text file, relative to its own folder.

    Raises:
        ValueError: an empty list, or a file of a format that is not read.
    """
    path = Path(source).expanduser()
    if path.suffix.lower() != LIST:
        _check_heic(path)
        return Files(path.parent, [path.name])
    names = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    if not names:
        raise ValueError(f"Expected a path a line in {path}; it is empty.")
    return Files(path.parent, [in_either_form(path.parent, name) for name in names])


def _check_heic(path: Path) -> None:
    if path.suffix.lower() in HEIC - image_suffixes():
        raise ValueError(f"Expected an image that Pillow reads; received {path}. For HEIC files: {HEIC_REMEDY}.")


def _is_image_or_list(source: Any) -> bool:
    path = as_path(source)
    if path is None or not path.is_file():
        return False
    suffix = path.suffix.lower()
    return suffix in image_suffixes() | HEIC | {LIST} or (not suffix and has_image_bytes(str(path)))


SOURCE = SourceKind(name="an image file or a .txt list of image files", accepts=_is_image_or_list, list=list_files)
