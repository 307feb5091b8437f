"""Messages: TensorFlow's kept away, the library's own shown as plain lines."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def quiet_tensorflow() -> None:
    """Import TensorFlow without its start-up messages, which come from C++ and obey no logging level."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_closed():
        import tensorflow as tf
    tf.get_logger().setLevel("ERROR")


def listen(level: int) -> None:
    """Show the library's messages on standard output, one line each."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    library = logging.getLogger("zoo")
    library.setLevel(level)
    library.handlers = [handler]
    _listen_to_others()


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
