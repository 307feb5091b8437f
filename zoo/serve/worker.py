"""One of several processes that serve; a light module, so that TensorFlow's start-up messages are kept away first."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.export.format import SAVED_MODEL
from zoo.serve.settings import Settings
from zoo.utils.logging import listen, quiet_tensorflow

if TYPE_CHECKING:
    from fastapi import FastAPI

SETTINGS = "ZOO_SERVE_SETTINGS"  # the variable by which a worker learns them


def worker() -> FastAPI:
    """Make the application of one process."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    listen(logging.INFO)
    settings = Settings.from_json(os.environ[SETTINGS])
    quiet_if_needed(settings)
    from zoo.serve.application import create_app

    return create_app(settings)


def quiet_if_needed(settings: Settings) -> None:
    """Load TensorFlow without its messages, unless the model is a file of another runtime, which needs none."""
    from zoo.export.manifest import format_at

    if format_at(Path(settings.model).expanduser()) in (None, SAVED_MODEL):
        quiet_tensorflow()


def _end_with_parent(parent: int) -> None:
    """Stop where the process that started this one is gone, as after a kill; else the port would stay taken."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
