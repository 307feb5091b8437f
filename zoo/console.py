"""What the command line shows: bars on a terminal, lines in a file, one line for a mistake."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.logging import RichHandler

EPOCH_LOGGER = "zoo.training.callbacks"

FILE_WIDTH = 120

console = Console(width=None if sys.stdout.isatty() else FILE_WIDTH)
errors = Console(stderr=True, soft_wrap=True)


def start_logging(*, debug: bool) -> None:
    """Show the library's messages: plainly in a file, beside the bars on a terminal, where bars replace epochs."""
    library = logging.getLogger("zoo")
    library.setLevel(logging.DEBUG if debug else logging.INFO)
    library.handlers = [_handler()]
    logging.getLogger(EPOCH_LOGGER).setLevel(logging.WARNING if console.is_terminal else logging.INFO)


def quiet_tensorflow() -> None:
    """Import TensorFlow without its start-up messages, which come from C++ and know no logging level."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_closed():
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")


def training_callbacks() -> list[Any]:
    """Callbacks that draw bars, where there is a terminal to draw them on."""
    if not console.is_terminal:
        return []
    from zoo.bars import Bars

    return [Bars(console)]


def _handler() -> logging.Handler:
    if console.is_terminal:
        return RichHandler(console=console, show_time=False, show_level=False, show_path=False, markup=False)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


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
