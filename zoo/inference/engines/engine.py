"""What an engine opens: a function of images, and the cores that it may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import joblib
import numpy as np

Answer: TypeAlias = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""From images ``(n, H, W, 3)`` uint8 to predictions by name; may be called from several threads at once."""


LIMIT = "LOKY_MAX_CPU_COUNT"  # by which joblib counts too
OF_TENSORFLOW = "TF_NUM_INTRAOP_THREADS"


@dataclass(frozen=True, eq=False)
class Opened:
    """A model that an engine has opened.

    Attributes:
        engine: its name.
        answer: what predicts.
        pixels: the most that an image has inside the graph, where it may be enlarged.
    """

    engine: str
    answer: Answer
    pixels: int


Opener: TypeAlias = Callable[[int], Opened]
"""Opens a model for batches of so many images, and of other sizes too."""


def cores() -> int:
    """Count the cores that this process may use.

    In a container a runtime sees the machine's cores, starts as many threads, and is then slowed down to its quota.
    joblib counts by affinity and by the quota of the control group, and hyper-threads as the one core that they are.
    """
    return min(int(joblib.cpu_count()), int(joblib.cpu_count(only_physical_cores=True)))


def share_cores(processes: int) -> None:
    """Give this process, and those that it starts, the part of the cores that each of several has.

    :func:`cores` counts so many from then on. TensorFlow, which counts for itself, obeys unless it was told before.
    Call it before any engine is opened.

    Args:
        processes: that are to work at a time.
    """
    share = str(max(cores() // processes, 1))
    os.environ[LIMIT] = share
    os.environ.setdefault(OF_TENSORFLOW, share)
