"""Who is at work in a run: fits side by side, and prune, which waits for none and lets none begin while it removes.

A fit holds a lock file of its own as long as it runs. One more file, the gate, is held for the moment in which a fit
takes its lock, and by prune from its look at the locks until everything is removed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)

LOCKS = "locks"
GATE, FIT = "gate", "fit-"


@contextmanager
def occupied(run: str | Path | None) -> Iterator[None]:
    """Keep prune from a run as long as the block works in it; where no lock can be written, nobody is kept from it.

    Args:
        run: its folder; None for none.
    """
    try:
        own = None if run is None else _enter(Path(run).expanduser().resolve())
    except OSError as error:
        logger.debug("%s cannot be locked: %s", run, error)
        own = None
    if own is None:
        yield
        return
    try:
        yield
    finally:
        own.release()
        Path(own.lock_file).unlink(missing_ok=True)


@contextmanager
def alone(run: Path) -> Iterator[None]:
    """Let no fit begin in a run as long as the block removes parts of it.

    Raises:
        RuntimeError: a fit, or another prune, is at work.
    """
    _locks(run)
    try:
        with FileLock(run / LOCKS / f"{GATE}.lock", timeout=0):
            check_idle(run)
            yield
    except Timeout as error:
        raise _busy(run, "another process removes parts of it, or begins a fit") from error


def check_idle(run: Path) -> None:
    """Check that no process fits an ensemble or trains a member in a run.

    Raises:
        RuntimeError: one does.
    """
    for path in sorted((run / LOCKS).glob("*.lock")):
        if path.stem != GATE and not _sweep(path, remove=False):
            what = "an ensemble is being fitted" if path.name.startswith(FIT) else f"{path.stem} is being trained"
            raise _busy(run, what)


def _enter(run: Path) -> FileLock:
    with FileLock(_locks(run) / f"{GATE}.lock"):
        for left in _locks(run).glob(f"{FIT}*.lock"):
            _sweep(left, remove=True)  # of a fit that was killed
        own = FileLock(run / LOCKS / f"{FIT}{uuid4().hex[:8]}.lock")
        own.acquire()
    return own


def _locks(run: Path) -> Path:
    folder = run / LOCKS
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sweep(path: Path, *, remove: bool) -> bool:
    """Say whether nobody holds a lock, and remove its file then, if that is wanted."""
    try:
        with FileLock(path, timeout=0):
            if remove:
                path.unlink(missing_ok=True)
    except Timeout:
        return False
    return True


def _busy(run: Path, what: str) -> RuntimeError:
    return RuntimeError(f"Expected nobody at work in {run}; {what}. Wait for it.")
