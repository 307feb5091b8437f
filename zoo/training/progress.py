"""How far a training is, on disk after every epoch, so that a killed one goes on from there.

One ``.npz`` holds all of it: the network's variables, random states included, the optimizer's, the best weights yet,
and as JSON where the schedule, the callbacks and the history stand. It is written beside its place and renamed, so
it is always of one epoch; Keras' ``BackupAndRestore`` and ``ModelCheckpoint`` keep weights and best score apart, and
may overwrite a better file after a restart (keras#17012).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from zoo.files import replacing, sweep

logger = logging.getLogger(__name__)

RECORD = "record"


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        phase: the phase's position among the recipe's.
        epoch: how many of its epochs are done.
        over: it ended, by its number of epochs or by early stopping.
        best: the lowest validation loss yet.
        waited: epochs of the phase since.
        plateau: lowest loss of the phase and epochs since, for the rate's next drop.
        seconds: of training so far.
        history: one record an epoch.
        network: the network's variables.
        optimizer: the optimizer's.
        weights: the network's best weights.
    """

    phase: int
    epoch: int
    over: bool
    best: float
    waited: int
    plateau: tuple[float, int]
    seconds: float
    history: list[dict[str, Any]] = field(default_factory=list)
    network: list[np.ndarray] = field(default_factory=list)
    optimizer: list[np.ndarray] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)


ARRAYS = ("network", "optimizer", "weights")


def write_progress(path: Path, progress: Progress) -> None:
    """Write beside and rename; what killed processes left there is removed.

    Raises:
        OSError: the disk is full or read-only; the epoch before stays.
    """
    sweep(path)
    groups = {name: getattr(progress, name) for name in ARRAYS}
    arrays = {f"{name}_{number}": array for name, group in groups.items() for number, array in enumerate(group)}
    plain = {name: value for name, value in vars(progress).items() if name not in ARRAYS}
    sizes = {name: len(group) for name, group in groups.items()}
    arrays[RECORD] = np.array(json.dumps({**plain, "sizes": sizes}))
    with replacing(path) as beside, beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_progress(path: Path) -> Progress | None:
    """Read what :func:`write_progress` wrote; None where nothing is, or nothing that can be read."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            record = json.loads(str(file[RECORD]))
            sizes = record.pop("sizes")
            record["plateau"] = tuple(record["plateau"])
            for name in ARRAYS:
                record[name] = [file[f"{name}_{number}"] for number in range(sizes[name])]
        return Progress(**record)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, BadZipFile) as error:
        logger.warning("%s cannot be read, and training starts anew: %s", path, error)
        return None


def copied(variables: Iterable[keras.Variable]) -> list[np.ndarray]:
    """Copy variables to arrays."""
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def put_back(variables: Sequence[keras.Variable], arrays: Sequence[np.ndarray]) -> None:
    """Give variables their values again."""
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
