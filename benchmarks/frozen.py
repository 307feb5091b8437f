"""An exported graph as ``zoo predict`` asks it: in a process in which no weight changes, so that they are packed once.

Images and answers are piped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from joblib.externals.loky import ProcessPoolExecutor

import zoo
from zoo.export.loading import SavedEnsemble, assume_frozen_weights
from zoo.quiet import quiet_tensorflow


def ask_frozen(path: Path) -> Callable[[np.ndarray], np.ndarray]:
    """Return a way to ask for probabilities."""
    pool = ProcessPoolExecutor(max_workers=1)

    def ask(images: np.ndarray) -> np.ndarray:
        answers: np.ndarray = pool.submit(_answer, path, images).result()
        return answers

    return ask


def _answer(path: Path, images: np.ndarray) -> np.ndarray:
    return _opened(path).answer_batch(images)["probabilities"]


@cache
def _opened(path: Path) -> SavedEnsemble:
    quiet_tensorflow()
    assume_frozen_weights()
    return zoo.load_saved_model(path)
