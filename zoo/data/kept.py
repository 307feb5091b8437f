"""Arrays that are computed once and kept in a file: found, or made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from filelock import FileLock

from zoo.files import sweep, write_rows


def kept_array(
    path: Path,
    shape: tuple[int, ...],
    dtype: str,
    make: Callable[[], Iterable[np.ndarray]],
    is_right: Callable[[np.ndarray], bool] = lambda found: True,
) -> np.ndarray:
    """Open a ``.npy`` file as a memory map, made first unless it is there and whole.

    Who needs it first makes it; other processes wait, and find it.

    Args:
        path: the file.
        shape: that it must have.
        dtype: likewise.
        make: its rows, in chunks.
        is_right: looks at a file that is there; False has it made again.

    Raises:
        OSError: the file cannot be written.
    """

    def found() -> np.ndarray | None:
        array = _opened(path)
        right = array is not None and array.shape == shape and array.dtype == np.dtype(dtype) and is_right(array)
        return array if right else None

    if (there := found()) is not None:  # asks for no lock, so that a folder that cannot be written can be read
        return there
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if (there := found()) is not None:
            return there
        sweep(path)
        write_rows(path, shape, dtype, make())
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _opened(path: Path) -> np.ndarray | None:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, EOFError, ValueError):  # none, one that was cut, or something else
        return None
