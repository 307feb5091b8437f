"""How far a training is, on disk after every epoch, so that a killed one goes on from there.

One ``.npz`` holds all of it: the network's variables, random states included, the optimizer's, the best weights yet,
and as JSON where the schedule, the callbacks and the history stand. What is as it was when the training began, such as
a frozen backbone, is left out. It is written under another name and then renamed, so it is always of one epoch; Keras'
``BackupAndRestore`` and ``ModelCheckpoint`` keep weights and best score apart, and may overwrite a better file after a
restart (keras#17012).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
from filelock import AcquireReturnProxy, FileLock

from zoo.utils.array_files import stored_arrays
from zoo.utils.files import replacing, sweep
from zoo.utils.records import check_entries

logger = logging.getLogger(__name__)

RECORD = "record"
MOST_ARRAYS = 100_000  # more than any network has
ENTRIES = {  # of the record, by their annotations
    "phase": int,
    "epoch": int,
    "over": bool,
    "waited": int,
    "plateau": tuple[Any, ...],
    "seconds": float,
    "history": tuple[Mapping[str, Any], ...],
    "sizes": Mapping[str, int],
}


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
        network: the network's variables; None for one that is as it was at the start.
        optimizer: the optimizer's.
        weights: the network's best weights, likewise.
    """

    phase: int
    epoch: int
    over: bool
    best: float
    waited: int
    plateau: tuple[float, int]
    seconds: float
    history: list[dict[str, Any]] = field(default_factory=list)
    network: list[np.ndarray | None] = field(default_factory=list)
    optimizer: list[np.ndarray | None] = field(default_factory=list)
    weights: list[np.ndarray | None] = field(default_factory=list)


ARRAYS = ("network", "optimizer", "weights")


@contextmanager
def progress_file(folder: Path | None, name: str) -> Iterator[Path | None]:
    """Name a training's file, and keep other processes with the same training waiting.

    None, for no file, where no folder is given or none can be made, which a warning reports.
    """
    try:
        lock = _locked(folder / f"{name}.lock") if folder else None
    except OSError as error:
        logger.warning("progress is not kept: %s", error)
        lock = None
    if lock is None or folder is None:
        yield None
        return
    with lock:
        yield folder / f"{name}.npz"


def _locked(path: Path) -> AcquireReturnProxy[Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path).acquire()


def write_progress(path: Path, progress: Progress) -> None:
    """Write beside and rename; what killed processes left there is removed.

    Raises:
        OSError: the disk is full or read-only; the epoch before stays.
    """
    sweep(path)
    groups = {name: getattr(progress, name) for name in ARRAYS}
    arrays = {
        f"{name}_{number}": array
        for name, group in groups.items()
        for number, array in enumerate(group)
        if array is not None
    }
    plain = {name: value for name, value in vars(progress).items() if name not in ARRAYS}
    sizes = {name: len(group) for name, group in groups.items()}
    arrays[RECORD] = np.array(json.dumps({**plain, "sizes": sizes, "training": path.stem}))
    with replacing(path) as beside, beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_progress(path: Path) -> Progress | None:
    """Read what :func:`write_progress` wrote; None where nothing is, or nothing that can be read."""
    if not path.is_file():
        return None
    try:
        with stored_arrays(path) as file:
            record = json.loads(str(file[RECORD]))
            check_entries(record, ENTRIES, f"the progress in {path}")
            if record.pop("training", path.stem) != path.stem:
                raise ValueError(f"Expected the progress of {path.stem}; received another training's.")
            record["best"] = float(record["best"])  # infinite before the first epoch
            sizes = record.pop("sizes")
            record["plateau"] = tuple(record["plateau"])
            for name in ARRAYS:
                keys = [f"{name}_{number}" for number in range(min(sizes[name], MOST_ARRAYS))]
                record[name] = [file.get(key) for key in keys]
            return Progress(**record)
    except (OSError, ValueError) as error:
        logger.warning("%s cannot be read, and training starts anew: %s", path, error)
        return None


def copied(variables: Iterable[keras.Variable]) -> list[np.ndarray]:
    """Copy variables to arrays."""
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


def put_back(variables: Sequence[keras.Variable], arrays: Sequence[np.ndarray | None]) -> None:
    """Give variables their values again; None leaves one as it is."""
    for variable, array in zip(variables, arrays, strict=True):
        if array is not None:
            variable.assign(array)


def changed(arrays: Sequence[np.ndarray], start: Sequence[np.ndarray]) -> list[np.ndarray | None]:
    """Put None for arrays that are as they were at the start."""
    return [None if np.array_equal(*pair) else pair[0] for pair in zip(arrays, start, strict=True)]


def completed(arrays: Sequence[np.ndarray | None], start: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Undo :func:`changed`."""
    return [first if array is None else array for array, first in zip(arrays, start, strict=True)]


@dataclass(frozen=True)
class Workspace:
    """Folders of a training.

    Attributes:
        own: how far this training is, so that a killed one goes on; None keeps no progress.
        shared: features, stored views and balanced images, found by content and shared by all trainings.
    """

    own: Path | None
    shared: Path


@contextmanager
def workspace(place: Workspace | str | Path | None) -> Iterator[Workspace]:
    """Open a workspace: one that is given, both parts in one folder, or, for None, one that goes when it is done."""
    if isinstance(place, Workspace):
        yield place
    elif place is not None:
        root = Path(place).expanduser().resolve()
        yield Workspace(root / "progress", root)
    else:
        with TemporaryDirectory(prefix="zoo-") as folder:
            yield Workspace(None, Path(folder))
