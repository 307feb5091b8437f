"""The model behind a server: the graph that predicts, its record, and the thresholds that are applied."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoo.export.format import INT8, SAVED_MODEL
from zoo.export.loading import assume_frozen_weights
from zoo.export.manifest import describe, read_manifest
from zoo.inference.graphs import PROBABILITIES, UNCERTAINTY, Graph, check_graph, export_at, open_graph
from zoo.serve.decisions import Decisions, decisions_of
from zoo.serve.settings import Settings
from zoo.state.ensemble_record import ENSEMBLE_FILE
from zoo.state.export_files import manifest_file

logger = logging.getLogger(__name__)

LOGITS, ACCEPTED, SET = "logits", "accepted", "set"
RUN = "run"
WARM_UP = (1, 8)  # sizes of batches that are predicted before the first request


@dataclass(frozen=True, eq=False)
class ServedModel:
    """A model that is open.

    Attributes:
        graph: predicts; its ``identity`` is the model's hash.
        record: of its export, or the same of a run.
        decisions: thresholds.
        kind: ``run``, or the format of the export.
    """

    graph: Graph
    record: dict[str, Any]
    decisions: Decisions
    kind: str

    def answer(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Predict a batch: the graph's outputs, and what is decided by them, each with a row for each image.

        Args:
            images: ``(n, H, W, 3)`` uint8 of the graph's size.

        Returns:
            Beside the graph's outputs ``accepted`` ``(n,)`` bool and ``set`` ``(n, classes)`` bool, where the model has
            thresholds.

        Raises:
            ValueError: the graph predicts NaN or infinity.
        """
        outputs = dict(self.graph.answer(images))
        if not np.isfinite(outputs[PROBABILITIES]).all():
            raise ValueError("Expected finite probabilities; the model predicts NaN or infinity. Export it again.")
        accepted = self.decisions.accepted(outputs[UNCERTAINTY]) if UNCERTAINTY in outputs else None
        inside = self.decisions.sets(outputs[LOGITS])
        outputs |= {} if accepted is None else {ACCEPTED: accepted}
        return outputs | ({} if inside is None else {SET: inside})

    def warm_up(self, size: int) -> None:
        """Let the engine make its plans for some sizes of batches, up to the largest, before the first request."""
        for count in sorted({*(small for small in WARM_UP if small < size), size}):
            self.graph.answer(np.zeros((count, *self.graph.image_size, 3), np.uint8))


def open_model(settings: Settings) -> ServedModel:
    """Open the model that a server is to answer with, and let it answer once.

    Raises:
        FileNotFoundError: neither a run nor an export.
        ImportError: a runtime that is not installed.
        ValueError: thresholds that it does not have, a method for an export, an engine that does not run it, or changed
            files.
        RuntimeError: a run, and Keras on another backend than TensorFlow.
    """
    source, record, decisions, kind = _described(settings)
    _say(record, decisions)
    if kind == SAVED_MODEL:
        assume_frozen_weights()
    graph = open_graph(source, method=settings.method, uncertainty=kind == RUN, engine=settings.engine)
    model = ServedModel(graph, record, decisions, kind)
    model.warm_up(settings.batch)
    return model


def check_model(settings: Settings) -> None:
    """Check what can be checked before processes are started: the model's files and thresholds, the method, the engine
    and its runtime; raises as :func:`open_model`.
    """
    source, _, _, kind = _described(settings)
    if kind == RUN:
        from zoo.export.writing import check_backend

        check_backend()
    check_graph(source, method=settings.method, engine=settings.engine)


def _described(settings: Settings) -> tuple[Any, dict[str, Any], Decisions, str]:
    """What is to be opened, its record, the thresholds, and the kind."""
    path = export_at(settings.model)
    if manifest_file(path).is_file():
        record = read_manifest(path)
        return path, record, _decisions(record, settings), str(record["format"])
    if not (path / ENSEMBLE_FILE).is_file():
        raise FileNotFoundError(f"Expected a run's folder or an export; {path} is neither. Make one: zoo fit --out.")
    from zoo.state import persistence  # loads Keras, which files of other runtimes do not need

    state = persistence.load(path.resolve())[0]
    record = describe(state, settings.method or state.method, uncertainty=True)
    return state, record, _decisions(record, settings), RUN


def _decisions(record: dict[str, Any], settings: Settings) -> Decisions:
    return decisions_of(record, error=settings.error, coverage=settings.coverage)


def _say(record: Mapping[str, Any], decisions: Decisions) -> None:
    if record.get("storage") == INT8:
        text = "int8 has no thresholds, so no answer is refused, and there are no sets: zoo export --storage float16"
        logger.warning(text)
        return
    if decisions.error is None:
        logger.warning("the model predicts no uncertainty, so no answer is refused: zoo export --uncertainty")
    if decisions.coverage is None:
        logger.warning("the model has no conformal sets: export it again")
    if decisions.caution:
        logger.warning("%s", decisions.caution)
