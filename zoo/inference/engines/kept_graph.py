"""An ONNX graph of a run or a SavedModel: made once, compared with the model, and kept for every later process."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
from filelock import FileLock

from ensembles.seals import sealed, unsealed
from zoo.export.format import FLOAT32
from zoo.export.verify import TOLERANCES, ExportError, check_close, sample_images
from zoo.inference.engines import ONNX
from zoo.inference.engines.engine import Opened, Opener
from zoo.inference.engines.onnx_runtime import RUNTIME, open_onnx
from zoo.state.export_files import manifest_file
from zoo.utils.files import folder_or_scratch, make_folder, read_json, replacing, sweep, write_json
from zoo.utils.hashing import hash_file
from zoo.utils.modules import check_installed
from zoo.utils.text import Size

logger = logging.getLogger(__name__)

FOLDER = "engines"  # its name in a run; beside a SavedModel x it is x.engines
WRITERS = (*RUNTIME, "tf2onnx")
FORMAT = 1  # of the record beside a graph


@dataclass(frozen=True, eq=False)
class KeptGraph:
    """Where an ONNX graph is kept, and how it is made.

    Attributes:
        folders: where it may lie; it is kept in the first one that can be written to, else in a temporary one.
        key: a digest of everything that decides the graph.
        image_size: ``(height, width)`` in pixels.
        pixels: the most that an image has inside.
        write: writes the graph to a path.
        expected: what the model itself predicts for the sample images of its size.
    """

    folders: tuple[Path, ...]
    key: str
    image_size: Size
    pixels: Callable[[], int]
    write: Callable[[Path], None]
    expected: Callable[[], Mapping[str, np.ndarray]]

    def find(self) -> Opener | None:
        """Find the graph, as what opens it; one that was cut or changed counts as absent."""
        for folder in self.folders:
            path = folder / f"{self.key}.onnx"
            try:
                return partial(_open, path, _pixels_of(path))
            except (OSError, ValueError, KeyError) as error:
                if path.exists():
                    logger.info("%s is made again: %s", path, error)
        return None

    def find_or_make(self) -> Opener:
        """Find it, or make and keep it, and say how to open it; other processes that need it wait for this one.

        Raises:
            ImportError: onnxruntime or tf2onnx is not installed.
            zoo.export.ExportError: it predicts differently from the model.
        """
        found = self.find()
        if found:
            return found
        check_installed(WRITERS, "onnx", "make a graph for engine='onnx' (zoo: --engine onnx)")
        for folder in self._writable():
            try:
                lock = FileLock(make_folder(folder) / f"{self.key}.lock")
                with lock:
                    return self.find() or self._make(folder / f"{self.key}.onnx")
            except OSError as error:  # a full disk, a network folder without locks
                logger.info("no graph is kept in %s: %s", folder, error)
        return self._make(folder_or_scratch(None) / f"{self.key}.onnx")

    def _make(self, path: Path) -> Opener:
        start = perf_counter()
        sweep(path)
        with replacing(path) as beside:
            self.write(beside)
            check_alike(self.expected(), open_onnx(beside)(sample_images(self.image_size)))
        pixels = self.pixels()
        write_json(manifest_file(path), sealed({"sha256": hash_file(path), "pixels": pixels}, FORMAT))
        logger.info("engine onnx: made %s in %.0f s, for later calls too", path, perf_counter() - start)
        return partial(_open, path, pixels)

    def _writable(self) -> Iterator[Path]:
        for folder in self.folders:
            there = next(path for path in (folder, *folder.parents) if path.exists())
            if os.access(there, os.W_OK):
                yield folder


def check_alike(expected: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> None:
    """Check that two engines predict alike for the same images.

    Args:
        expected: what the model itself predicts, by name.
        found: the same of the other engine, which may predict more.

    Raises:
        zoo.export.ExportError: it lacks some, or others are too far away.
    """
    if lacking := expected.keys() - found.keys():
        raise ExportError(f"Expected {', '.join(sorted(lacking))} among the outputs of the graph; there is none.")
    for name, values in expected.items():
        check_close(np.asarray(values), found[name], name, TOLERANCES[FLOAT32])


def _pixels_of(path: Path) -> int:
    """Read the record beside a graph, and check the graph against it."""
    record = unsealed(read_json(manifest_file(path)), FORMAT, f"the record of {path}", first=FORMAT)
    if record["sha256"] != hash_file(path):
        raise ValueError(f"Expected {path} as it was written; received a file that was changed or cut.")
    return int(record["pixels"])


def _open(path: Path, pixels: int, batch: int) -> Opened:
    return Opened(ONNX, open_onnx(path, batch), pixels)


def cache_folder() -> Path:
    """The user's folder for what can be made again, where a model's own folder is read-only."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "ensemble-zoo", FOLDER)
