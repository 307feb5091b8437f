"""One process at a time where a file or folder is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from zoo.files import sweep


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Let one process at a time write to a path, and clear away what killed ones left beside it.

    Raises:
        RuntimeError: another one does.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    path = out.with_name(f".{out.name}.lock")
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise RuntimeError(f"Expected nobody else to write {out}; another process does. Wait for it.") from error
    try:
        sweep(out)
        yield
    finally:
        with suppress(OSError):  # Windows removes nothing that is open
            path.unlink()  # while it is held: afterwards it might be another process's
        lock.release()
