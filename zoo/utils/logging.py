"""Messages: TensorFlow's kept away, the library's own shown as plain lines."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLAIN = logging.Formatter("%(message)s")


def quiet_tensorflow() -> None:
    """Import TensorFlow without its start-up messages, which come from C++ and obey no logging level."""
    with quietly():
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")


@contextmanager
def quietly() -> Iterator[None]:
    """Keep TensorFlow's start-up messages away, should the block import it; errors are raised as ever."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" in sys.modules:
        yield
        return
    with _stderr_closed():
        yield


@contextmanager
def without_tensorflow_warnings() -> Iterator[None]:
    """Keep TensorFlow's warnings away while several networks train or predict: each is traced, which is no fault."""
    theirs = logging.getLogger("tensorflow")

    def only_errors(record: logging.LogRecord) -> bool:  # one for each block: threads put back no level of another
        return record.levelno >= logging.ERROR

    theirs.addFilter(only_errors)
    try:
        yield
    finally:
        theirs.removeFilter(only_errors)


def listen(level: int, *, shown: bool = True, file: Path | None = None) -> None:
    """Show the library's messages on standard output, one line each.

    Args:
        level: the lowest that is shown.
        shown: False shows warnings only, as bars stand there.
        file: gets all lines too, behind those that it has.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PLAIN)
    handler.setLevel(level if shown else logging.WARNING)
    library = logging.getLogger("zoo")
    library.setLevel(level)
    library.handlers = [handler, *([_file_handler(file)] if file else [])]
    _listen_to_others()


@contextmanager
def keeping(file: Path, header: str) -> Iterator[None]:
    """Append the library's messages to a file as long as a block runs, below a header line.

    Where it cannot be written, a warning says so, and the block runs without.
    """
    library = logging.getLogger("zoo")
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"{header}\n")
        handler = _file_handler(file)
    except OSError as error:
        library.warning("no lines are kept: %s", error)
        yield
        return
    library.addHandler(handler)
    try:
        yield
    finally:
        library.removeHandler(handler)
        handler.close()


@contextmanager
def collected(*names: str) -> Iterator[list[str]]:
    """Gather the messages of some loggers, and of those below them, as long as a block runs."""
    lines: list[str] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    listened = [logging.getLogger(name) for name in names]
    for own in listened:
        own.addHandler(handler)
    try:
        yield lines
    finally:
        for own in listened:
            own.removeHandler(handler)


def kept_in() -> Path | None:
    """The file that the library's messages are appended to; None without one."""
    kept = (one for one in logging.getLogger("zoo").handlers if isinstance(one, logging.FileHandler))
    return next((Path(one.baseFilename) for one in kept), None)


def shows() -> bool:
    """Whether the library's messages go to standard output as plain lines, beside which nothing is drawn."""
    return any(type(one) is logging.StreamHandler for one in logging.getLogger("zoo").handlers)


def _file_handler(file: Path) -> logging.FileHandler:
    handler = logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(PLAIN)
    return handler


def _listen_to_others() -> None:
    """Show other libraries' warnings on standard error, as Python does while the root logger has no handler.

    Without a handler there, absl, which TensorFlow's reader of SavedModels logs through, would add its own to the root
    logger and show the library's messages twice.
    """
    if logging.root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.addFilter(lambda record: not record.name.startswith("zoo"))
    logging.root.addHandler(handler)


@contextmanager
def _stderr_closed() -> Iterator[None]:
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
