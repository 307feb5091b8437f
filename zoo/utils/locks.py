"""One process at a time where a file or folder is written."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from zoo.utils.array_files import check_seal, map_array, write_sealed_rows
from zoo.utils.files import make_folder, sweep, write_rows
from zoo.utils.named_paths import with_name

logger = logging.getLogger(__name__)


@contextmanager
def exclusive_lock(out: Path) -> Iterator[None]:
    """Let one process at a time write to a path, and clear away what killed ones left beside it.

    Raises:
        RuntimeError: another one does.
    """
    out = with_name(out)
    make_folder(out.parent)
    path = out.with_name(f".{out.name}.lock")
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RuntimeError(
            f"Expected exclusive access to {out}; another process is writing it. Wait for it to end."
        ) from error
    try:
        sweep(out)
        yield
    finally:
        with suppress(OSError):  # Windows removes nothing that is open
            path.unlink()  # while it is held: afterwards it might be another process's
        lock.release()


def kept_array(
    path: Path,
    shape: tuple[int, ...],
    dtype: str,
    make: Callable[[], Iterable[np.ndarray]],
    is_right: Callable[[np.ndarray], bool] = lambda found: True,
    about: str | None = None,
) -> np.ndarray:
    """Open a ``.npy`` file as a memory map, made first unless it is there and whole.

    Who needs it first makes it; other processes wait, and find it.

    Args:
        path: the file.
        shape: that it must have.
        dtype: likewise.
        make: its rows, in chunks.
        is_right: looks at a file that is there; False has it made again.
        about: what the array is; with it the file is sealed, so that one whose bits changed is made again.

    Raises:
        OSError: the file cannot be written.
    """

    def found() -> np.ndarray | None:
        array = _opened(path)
        right = array is not None and array.shape == shape and array.dtype == np.dtype(dtype) and is_right(array)
        return array if right and _has_seal(path, about) else None

    if (there := found()) is not None:  # without the lock, which a read-only folder cannot hold
        return there
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        if (there := found()) is not None:
            return there
        sweep(path)
        if about is None:
            write_rows(path, shape, dtype, make())
        else:
            write_sealed_rows(path, shape, dtype, make(), about)
    return map_array(path)


def _has_seal(path: Path, about: str | None) -> bool:
    if about is None:
        return True
    try:
        check_seal(path, about)
    except (OSError, ValueError) as error:
        logger.warning("%s is made again: %s", path, error)
        return False
    return True


def _opened(path: Path) -> np.ndarray | None:
    try:
        return map_array(path)
    except (OSError, ValueError):  # none, one that was cut, or something else
        return None
