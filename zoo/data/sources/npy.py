"""An ``.npy`` of images without labels, mapped and never read as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoo.data.source import SourceKind, check_stored, is_file
from zoo.data.unlabelled import Rows
from zoo.utils.array_files import map_array


def list_npy(source: Any, key: str | None = None) -> Rows:
    """Map an array ``(N, H, W, 3)`` uint8, or of another kind that is read row by row.

    Raises:
        ValueError: no ``.npy``, a cut one, Python objects, or another array.
    """
    path = Path(source).expanduser()
    array = map_array(path)
    check_stored(array.shape, array.dtype, str(path))
    return Rows(array, path)


SOURCE = SourceKind(name="an .npy of images", accepts=lambda source: is_file(source, ".npy"), list=list_npy)
