"""Asking what was written in a fresh process that knows nothing of this library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from zoo.export.checking import ExportError

Ask: TypeAlias = Callable[[Path, np.ndarray], dict[str, np.ndarray]]

# A process that begins so has no library of ours, wherever it is installed.
WITHOUT_US = """
import sys
sys.modules.update(zoo=None, ensembles=None)
"""
# The parent may hold the card: a child takes only what it needs.
CHILD_SETTINGS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


@contextmanager
def fresh_process(script: str) -> Iterator[Ask]:
    """Start a process that gets ready while this one goes on, and give a way to ask it once.

    That takes the path of what was written and images ``(N, H, W, 3)`` uint8, and returns its answers by name. It
    raises an :class:`ExportError` if the script fails.

    Args:
        script: Python that imports what it needs and then reads, as a line of JSON, three paths: of the model, of the
            images, an ``.npy``, and of its answers, an ``.npz`` that it writes.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", WITHOUT_US + script]
        with subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield partial(_asked, process, Path(folder))
            finally:
                process.kill()


def clean_environment() -> dict[str, str]:
    """This process' environment without what would let a child import this library by accident."""
    hidden = ("PYTHONPATH", "KERAS_BACKEND")
    return {key: value for key, value in os.environ.items() if key not in hidden} | CHILD_SETTINGS


def _asked(process: subprocess.Popen[str], folder: Path, path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    given, answered = folder / "images.npy", folder / "answers.npz"
    np.save(given, images)
    _, errors = process.communicate(json.dumps([str(path.resolve()), str(given), str(answered)]))
    if process.returncode:
        raise ExportError(
            "What was written cannot be opened in a fresh process, and was not kept. If the installation is whole, "
            f"please report it with this:\n{errors[-2000:]}"
        )
    with np.load(answered) as answers:
        return dict(answers)
