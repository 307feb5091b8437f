"""What ``zoo export`` wrote, as its runtime runs it; and the ONNX graph of a SavedModel."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.pictures.pixel_reading import reading_from
from zoo.data.targets import targets_from
from zoo.export.format import SAVED_MODEL
from zoo.export.loading import SavedEnsemble, open_saved_model
from zoo.export.verify import sample_images
from zoo.inference.engines import LITERT, ONNX, TENSORFLOW
from zoo.inference.engines.engine import Answer, Opened, Opener
from zoo.inference.engines.kept_graph import FOLDER, KeptGraph, cache_folder
from zoo.inference.engines.litert import open_litert
from zoo.inference.engines.onnx_runtime import open_onnx
from zoo.inference.engines.runnable import Runnable
from zoo.utils.hashing import short_hash
from zoo.utils.version import __version__

FILES: dict[str, tuple[str, Callable[[Path, int], Answer]]] = {
    ONNX: ("model.onnx", open_onnx),
    LITERT: ("model.tflite", lambda path, _: open_litert(path)),
}
DESCRIPTIONS = {ONNX: "an ONNX file", LITERT: "a LiteRT file"}


def runnable_export(path: Path, manifest: dict[str, Any]) -> Runnable:
    """Describe an export by its manifest.

    Args:
        path: its folder, or the one file.
        manifest: as :func:`zoo.export.manifest.read_manifest` read it.
    """
    if manifest["format"] == SAVED_MODEL:
        return runnable_saved_model(path, manifest, cache(lambda: open_saved_model(path, manifest)))
    if manifest["format"] not in FILES:
        raise ValueError(
            f"Expected an export that an engine runs, {', '.join((SAVED_MODEL, *FILES))}; {path} is of format "
            f"{manifest['format']}. Run it in its own runtime, or export another: zoo export --format."
        )
    name, opened = FILES[manifest["format"]]
    file = path if path.is_file() else path / name
    engine = manifest["format"]
    return _described(
        DESCRIPTIONS[engine],
        manifest,
        engine,
        lambda batch: Opened(engine, opened(file, batch), manifest["pixels"]),
        None,
    )


def runnable_saved_model(path: Path, manifest: dict[str, Any], load: Callable[[], SavedEnsemble]) -> Runnable:
    """Describe a SavedModel.

    Args:
        path: its folder.
        manifest: the record beside it.
        load: opens it, the first time that it is called.
    """
    _, height, width, _ = manifest["images"]["shape"]

    def write(to: Path) -> None:
        from zoo.export.formats.onnx import write_function

        serve = load().serve
        write_function(lambda images: serve(images=images), (height, width), to)

    def expected() -> dict[str, np.ndarray]:
        return load().answer_batch(sample_images((height, width)))

    beside = path.with_name(f"{path.name}.{FOLDER}")  # a file inside the export would fail the check of its files
    kept = KeptGraph(
        (beside, cache_folder()),
        short_hash([short_hash(manifest), __version__]),
        (height, width),
        lambda: manifest["pixels"],
        write,
        expected,
    )
    opener = lambda _: Opened(TENSORFLOW, load().answer_batch, manifest["pixels"])  # noqa: E731
    return _described("a SavedModel", manifest, TENSORFLOW, opener, kept)


def _described(what: str, manifest: dict[str, Any], engine: str, opener: Opener, kept: KeptGraph | None) -> Runnable:
    targets = targets_from(manifest)
    _, height, width, _ = manifest["images"]["shape"]
    return Runnable(
        what,
        targets.names,
        (height, width),
        "uncertainty" in manifest["outputs"],
        short_hash(manifest),
        reading_from(manifest.get("reading")),
        {engine: opener},
        kept,
        targets.codes,
    )
