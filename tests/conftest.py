"""What all tests share: quiet TensorFlow, the marks, small data."""

import gc
import logging
import os
import re
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

from pathlib import Path

import numpy as np
import pytest

from zoo.data import Images, as_images

HANDLERS = list(logging.getLogger("zoo").handlers)
SHARED = Path(__file__).resolve().parents[2] / "shared"


# Of fixtures that train, or start a process: what asks for them, by whatever way, is marked as if by hand.
FITTING = {"case", "fitted", "remembering", "result", "run", "train_tiny", "trained"}


def pytest_collection_modifyitems(items):
    """Mark what fits; skip what needs the real images and weights where they are missing, with the reason."""
    for item in items:
        if FITTING.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.fits)
    if SHARED.is_dir():
        return
    for item in items:
        if "needs_shared" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=f"no real images and weights: {SHARED} is missing"))


def pytest_collection_finish():
    """Leave what was imported out of garbage collection, which took a tenth of the suite's time: it stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(autouse=True)
def _quiet_log():
    """Undo what a command sets up that runs in this process: the library's level and handlers."""
    yield
    log = logging.getLogger("zoo")
    log.setLevel(logging.NOTSET)
    log.handlers[:] = HANDLERS


@pytest.fixture
def interruptible():
    """Interrupts as they are in a terminal: a process that a script starts in the background ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def refused():
    """Expect an error that has all of some words, in any order: an option, what was received, what to do instead."""

    def expect(*words, error=ValueError):
        return pytest.raises(error, match="(?s)" + "".join(f"(?=.*{re.escape(word)})" for word in words))

    return expect


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real images and weights."""
    return SHARED


@pytest.fixture(scope="session")
def blobs() -> Images:
    """96 images of 16x16 in three classes that a tiny network learns in seconds: one colour a class, and noise."""
    random = np.random.default_rng(0)
    labels = np.arange(96) % 3
    colours = np.array([[200, 60, 60], [60, 200, 60], [60, 60, 200]])
    noise = random.normal(0, 40, (96, 16, 16, 3))
    pixels = np.clip(colours[labels][:, None, None] + noise, 0, 255).astype(np.uint8)
    return as_images(pixels, labels, ("red", "green", "blue"))
