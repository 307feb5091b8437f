"""What predicts: an exported graph, or a run joined to the graph that its export would have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

import ensembles
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.export.format import FLOAT32
from zoo.export.loading import SavedEnsemble, load_saved_model
from zoo.export.manifest import MANIFEST_FILE, manifest_file
from zoo.export.verify import check_close, live_predictions, sample_images
from zoo.export.writing import TOLERANCES, check_backend
from zoo.state import persistence
from zoo.state.ensemble_record import ENSEMBLE_FILE
from zoo.state.state import EnsembleState
from zoo.utils.forks import check_not_forked
from zoo.utils.hashing import short_hash
from zoo.utils.text import Size


class Fitted(Protocol):
    """The part of :class:`zoo.Ensemble` that is used here."""

    @property
    def state_(self) -> EnsembleState:
        """What the fit learned; raises before the fit."""


if TYPE_CHECKING:
    from zoo.export.graph import EnsembleGraph

    Model: TypeAlias = str | Path | SavedEnsemble | Fitted

Answer: TypeAlias = Callable[[np.ndarray], Mapping[str, np.ndarray]]
PROBABILITIES, UNCERTAINTY = "probabilities", "uncertainty"


@dataclass(frozen=True)
class Graph:
    """A function that predicts images, with its classes and image size.

    Attributes:
        answer: from images ``(n, H, W, 3)`` uint8 of ``image_size`` to predictions by name: ``probabilities``
            ``(n, classes)`` float32, perhaps ``uncertainty`` ``(n,)`` float32, and others.
        classes: the classes' names, in the order of the class ids.
        image_size: ``(height, width)`` in pixels.
        pixels: the most that an image has inside, where it may be enlarged.
        uncertain: whether there is an uncertainty.
        identity: a digest of everything that determines the predictions.
        reading: how pixels of other kinds are read.
        codes: by a further column of the fit's table, what it has for each class ``(classes,)``.
    """

    answer: Answer
    classes: tuple[str, ...]
    image_size: Size
    pixels: int
    uncertain: bool
    identity: str
    reading: PixelReading = PLAIN
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def no_answers(self) -> dict[str, np.ndarray]:
        """The predictions of a table for no images: names, shapes and dtypes."""
        uncertainty = {UNCERTAINTY: np.empty(0, np.float32)} if self.uncertain else {}
        return {PROBABILITIES: np.empty((0, len(self.classes)), np.float32), **uncertainty}


def open_graph(model: Model, *, method: str | None = None, uncertainty: bool = False) -> Graph:
    """Open the graph that is to predict.

    Args:
        model: a run's folder, the folder of an exported SavedModel, or either of them opened.
        method: the rule of a run; by default the run's.
        uncertainty: predict the uncertainty too; a SavedModel must have been exported with it.

    Raises:
        ensembles.NotFittedError: an ensemble before its fit.
        FileNotFoundError: neither a run nor a SavedModel.
        TypeError: something else.
        zoo.export.ExportError: the graph of a run predicts differently from the run.
        RuntimeError: a run, and Keras on another backend than TensorFlow.
        ValueError: a method for a SavedModel, an uncertainty that it does not have, or changed files.
    """
    opened = _opened(Path(model).expanduser()) if isinstance(model, str | Path) else model
    if isinstance(opened, SavedEnsemble):
        return _of_saved(opened, method, uncertainty)
    state = opened if isinstance(opened, EnsembleState) else getattr(opened, "state_", None)
    if state is None:
        raise TypeError(
            f"Expected a run, an exported SavedModel, or either of them opened; received {type(opened).__name__}."
        )
    return _of_ensemble(state, method or state.method, uncertainty)


def _opened(path: Path) -> SavedEnsemble | EnsembleState:
    if manifest_file(path).is_file():
        return load_saved_model(path)
    if (path / ENSEMBLE_FILE).is_file():
        return persistence.load(path.resolve())[0]
    raise FileNotFoundError(
        f"Expected a run's folder or an exported SavedModel; {path} has neither {ENSEMBLE_FILE} nor {MANIFEST_FILE}."
    )


def _of_saved(saved: SavedEnsemble, method: str | None, uncertainty: bool) -> Graph:
    manifest = saved.manifest
    if method is not None:
        raise ValueError(
            f"Expected no method for a SavedModel, which has one, {manifest['method']!r}; "
            f"received {method!r}. Leave it out, or name the run."
        )
    uncertain = UNCERTAINTY in manifest["outputs"]
    if uncertainty and not uncertain:
        raise ValueError(
            f"Expected a SavedModel with an uncertainty; this one predicts {', '.join(manifest['outputs'])}. "
            "Export it with uncertainty=True (zoo: --uncertainty), or name the run."
        )
    identity, reading = short_hash(manifest), saved.reading
    return Graph(
        saved.answer_batch,
        saved.class_names_,
        saved.image_size_,
        manifest["pixels"],
        uncertain,
        identity,
        reading,
        saved.codes,
    )


def _of_ensemble(state: EnsembleState, method: str, uncertainty: bool) -> Graph:
    check_backend()
    from zoo.export.graph import EnsembleGraph

    images = sample_images(state.image_size)
    graph = EnsembleGraph(state, method, uncertainty=uncertainty, samples=images)
    live = live_predictions(state, method, images, graph.live_logits, uncertainty=uncertainty)
    key_parts = [*state.keys, ensembles.to_dict(state.rule(method)), uncertainty and state.uncertainty]
    key_parts += [] if state.reading.is_plain else [state.reading.as_dict()]
    predict = _traced(graph)
    for name, found in predict(images).items():  # the same check as of an export
        check_close(live[name], found, name, TOLERANCES[FLOAT32])
    identity = short_hash(key_parts)
    return Graph(
        predict,
        state.class_names,
        state.image_size,
        graph.pixels,
        uncertainty,
        identity,
        reading=state.reading,
        codes=state.targets.codes,
    )


def _traced(graph: EnsembleGraph) -> Answer:
    """One graph for batches of any size; Keras' own ``predict`` would be traced again for each."""
    import tensorflow as tf

    images = tf.TensorSpec((None, *graph.image_size, 3), tf.uint8)
    serve = tf.function(graph.__call__, input_signature=[images], autograph=False, jit_compile=False)

    def answer(batch: np.ndarray) -> dict[str, np.ndarray]:
        check_not_forked()
        return {name: output.numpy() for name, output in serve(tf.constant(batch)).items()}

    return answer
