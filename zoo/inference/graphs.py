"""What predicts: a run, joined to the graph that its export would have, or an exported file; and the engine of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.export.loading import SavedEnsemble
from zoo.export.manifest import read_manifest
from zoo.inference.engines import AUTO, check_engine
from zoo.inference.engines.choice import Work, check_runs, open_engine
from zoo.inference.engines.engine import Answer
from zoo.inference.engines.of_export import runnable_export, runnable_saved_model
from zoo.inference.engines.runnable import Runnable
from zoo.state.ensemble_record import ENSEMBLE_FILE
from zoo.state.export_files import MANIFEST_FILE, manifest_file
from zoo.state.not_a_run import not_a_run
from zoo.utils.named_paths import with_name
from zoo.utils.text import Size


class Fitted(Protocol):
    """The part of :class:`zoo.Ensemble` that is used here."""

    @property
    def state_(self) -> EnsembleState:
        """What the fit learned; raises before the fit."""


if TYPE_CHECKING:
    from zoo.state.state import EnsembleState

    Model: TypeAlias = str | Path | SavedEnsemble | Fitted

PROBABILITIES, UNCERTAINTY = "probabilities", "uncertainty"
GRAPHS = (".onnx", ".tflite")
WRITTEN = ("model.onnx", "model.tflite")  # in the folders of exports
SIZES = (8, 32)  # of batches, where nobody says which are to come


@dataclass(frozen=True)
class Graph:
    """A function that predicts images, with its classes and image size.

    Attributes:
        answer: from images ``(n, H, W, 3)`` uint8 of ``image_size`` to predictions by name: ``probabilities``
            ``(n, classes)`` float32, perhaps ``uncertainty`` ``(n,)`` float32, and others. Threads may share it.
        classes: the classes' names, in the order of the class ids.
        image_size: ``(height, width)`` in pixels.
        pixels: the most that an image has inside, where it may be enlarged.
        uncertain: whether there is an uncertainty.
        identity: a digest of everything that determines the predictions, but for rounding: not of the engine.
        reading: how pixels of other kinds are read.
        codes: by a further column of the fit's table, what it has for each class ``(classes,)``.
        engine: what answers: ``tensorflow``, ``onnx`` or ``litert``.
    """

    answer: Answer
    classes: tuple[str, ...]
    image_size: Size
    pixels: int
    uncertain: bool
    identity: str
    reading: PixelReading = PLAIN
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    engine: str = "tensorflow"

    @property
    def no_answers(self) -> dict[str, np.ndarray]:
        """The predictions of a table for no images: names, shapes and dtypes."""
        uncertainty = {UNCERTAINTY: np.empty(0, np.float32)} if self.uncertain else {}
        return {PROBABILITIES: np.empty((0, len(self.classes)), np.float32), **uncertainty}


def open_graph(
    model: Model,
    *,
    method: str | None = None,
    uncertainty: bool = False,
    engine: str = AUTO,
    batch_size: int | None = None,
    images: int = 0,
) -> Graph:
    """Open the graph that is to predict.

    Args:
        model: a run's folder, what :meth:`zoo.Ensemble.export` wrote in any format, or an ensemble or SavedModel that
            is open.
        method: the rule of a run; by default the run's.
        uncertainty: predict the uncertainty too; an export must have been made with it.
        engine: ``tensorflow``, ``onnx`` or ``litert``; ``auto`` takes the fastest of those that are there and answer
            alike. With ``onnx`` the ONNX graph of a run or a SavedModel is made and kept, with ``auto`` where it pays.
        batch_size: for which the engines are timed; by default those of 8 and of 32.
        images: how many are to be predicted, as far as known: with ``auto`` an ONNX graph is made for many only.

    Raises:
        ensembles.NotFittedError: an ensemble before its fit.
        FileNotFoundError: neither a run nor an export.
        ImportError: a runtime that is not installed.
        TypeError: something else.
        zoo.export.ExportError: the graph of a run predicts differently from the run.
        RuntimeError: a run, and Keras on another backend than TensorFlow.
        ValueError: an engine that there is not, or that does not run the model; a method for an export, an uncertainty
            that it does not have, or changed files.
    """
    check_engine(engine)
    found = _runnable(model, method, uncertainty)
    opened = open_engine(found, engine, Work(_sizes(batch_size, images), images))
    return Graph(
        opened.answer,
        found.classes,
        found.image_size,
        opened.pixels,
        found.uncertain,
        found.identity,
        found.reading,
        found.codes,
        opened.engine,
    )


def check_graph(model: Model, *, method: str | None = None, engine: str = AUTO) -> None:
    """Check that a graph can be opened, as far as that is known without opening it; raises as :func:`open_graph`."""
    check_engine(engine)
    check_runs(_runnable(model, method, uncertainty=False), engine)


def _sizes(batch_size: int | None, images: int) -> tuple[int, ...]:
    sizes = (batch_size,) if batch_size else SIZES
    return tuple(sorted({min(size, images or size) for size in sizes}))


def _runnable(model: Model, method: str | None, uncertainty: bool) -> Runnable:
    if isinstance(model, str | Path) and manifest_file(path := export_at(model)).is_file():
        manifest = read_manifest(path)
        _check_export(manifest, method, uncertainty)
        return runnable_export(path, manifest)
    if isinstance(model, SavedEnsemble):
        _check_export(model.manifest, method, uncertainty)
        return runnable_saved_model(model.path, model.manifest, lambda: model)
    from zoo.inference.engines.of_run import runnable_run  # loads Keras, which files of other runtimes do not need
    from zoo.state.state import EnsembleState

    opened = _read_run(Path(model).expanduser()) if isinstance(model, str | Path) else model
    state = opened if isinstance(opened, EnsembleState) else getattr(opened, "state_", None)
    if state is None:
        raise TypeError(
            f"Expected a run, an exported SavedModel, ONNX or LiteRT file, or either of the first two opened; received "
            f"{type(opened).__name__}."
        )
    return runnable_run(state, method or state.method, uncertainty)


def is_model(given: str | Path) -> bool:
    """Whether there is a run or an export at a path."""
    path = export_at(given)
    return manifest_file(path).is_file() or (path / ENSEMBLE_FILE).is_file()


def export_at(given: str | Path) -> Path:
    """The path of an export: of the file in an export's folder that folder, whose manifest is its own."""
    path = with_name(Path(given).expanduser())
    inside = path.name in WRITTEN and not manifest_file(path).is_file() and (path.parent / MANIFEST_FILE).is_file()
    return path.parent if path.is_file() and inside else path


def _read_run(path: Path) -> EnsembleState:
    check_model(path)
    from zoo.state import persistence

    return persistence.load(path.resolve())[0]


def check_model(given: Model) -> None:
    """Check that there is a run or an export at a path, before anything else is read; of it nothing is.

    Raises:
        FileNotFoundError: there is neither.
    """
    if not isinstance(given, str | Path) or is_model(given):
        return
    path = Path(given).expanduser()
    if path.is_file() and path.suffix in GRAPHS:
        raise FileNotFoundError(
            f"Expected an exported file with its manifest beside it; there is no {manifest_file(path)}. Copy it too, "
            "or write both: zoo export RUN --format onnx --out x.onnx."
        )
    raise not_a_run(path, f"a run, which has {ENSEMBLE_FILE}, or an export, which has {MANIFEST_FILE}")


def _check_export(manifest: Mapping[str, object], method: str | None, uncertainty: bool) -> None:
    if method is not None:
        raise ValueError(
            f"Expected no method for an export, which has one, {manifest['method']!r}; "
            f"received {method!r}. Leave it out, or name the run."
        )
    outputs = manifest["outputs"]
    if uncertainty and isinstance(outputs, list) and UNCERTAINTY not in outputs:
        raise ValueError(
            f"Expected an export with an uncertainty; this one predicts {', '.join(outputs)}. "
            "Export it with uncertainty=True (zoo: --uncertainty), or name the run."
        )
