"""Write an ensemble to a temporary folder, compare it in a fresh process, and rename the folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.checks import as_pixels
from zoo.data.images import Images
from zoo.export.format import FLOAT32, INT8, SAVED_MODEL, Format
from zoo.export.formats import check_path, format_of
from zoo.export.int8_check import check_int8, held_out_images
from zoo.export.latency import latency_of
from zoo.export.loading import FROZEN_WEIGHTS
from zoo.export.manifest import write_manifest
from zoo.export.selection import Selection, pruned
from zoo.export.summary import summary
from zoo.export.verify import (
    TOLERANCES,
    ExportError,
    check_close,
    fresh_process,
    live_predictions,
    sample_images,
)
from zoo.export.within_latency import Writing, within_latency
from zoo.state.export_files import MANIFEST_FILE
from zoo.state.made_from import KEY
from zoo.state.made_from import made_from as digest_of
from zoo.utils.chunks import take_all
from zoo.utils.files import replacing
from zoo.utils.locks import exclusive_lock
from zoo.utils.progress import phase
from zoo.utils.text import size_text

if TYPE_CHECKING:
    from zoo.state.state import EnsembleState

logger = logging.getLogger(__name__)


def export(
    state: EnsembleState,
    path: Path,
    method: str | None = None,
    *,
    prune_members: bool = False,
    max_latency: str | float | None = None,
    **how: Any,
) -> Path:
    """Write a folder with the graph and its manifest, or the one file, and log what it is.

    Args:
        state: of a fitted ensemble.
        path: the folder, or the file.
        method: the rule; by default the one that answers, or with ``max_latency`` the best one.
        prune_members: leave out members without which the rule is no worse.
        max_latency: seconds for one image, or a text such as ``20ms``, by which rule and members are chosen.
        how: further options of :func:`write_graph`.

    See :meth:`zoo.Ensemble.export`.
    """
    whole = state
    if prune_members or max_latency is not None:
        check(state, path, **how)
        chosen = _selected(state, method, max_latency, prune_members=prune_members, **how)
        state, method, how["selection"] = chosen.state, chosen.method, chosen.record
    method = method or state.method
    how[KEY] = digest_of(whole, method)
    with phase("export"):
        write_graph(state, path, method, **how)
    logger.info("%s", summary(state, method, path))
    return path


def _selected(
    state: EnsembleState,
    method: str | None,
    max_latency: str | float | None,
    *,
    prune_members: bool,
    uncertainty: bool = False,
    format: str = SAVED_MODEL,
    storage: str = FLOAT32,
    calibration: np.ndarray | None = None,
    **_: Any,
) -> Selection:
    """Choose members.

    Raises:
        ValueError: by both ways at once, no time, or one that nothing keeps.
    """
    if max_latency is None:
        return pruned(state, method or state.method, uncertainty=uncertainty)
    if prune_members:
        raise ValueError(
            "Expected either prune_members (zoo: --prune-members) or max_latency (--max-latency), which both choose "
            "members; received both. Leave one out."
        )
    calibration = None if calibration is None else as_pixels(calibration, state.reading)
    writing = Writing(format_of(format), storage, calibration, uncertainty)
    return within_latency(state, method, latency_of(max_latency), writing)


def write_graph(
    state: EnsembleState,
    path: Path,
    method: str,
    *,
    uncertainty: bool = False,
    format: str = SAVED_MODEL,
    storage: str = FLOAT32,
    calibration: np.ndarray | None = None,
    held_out: Images | None = None,
    selection: Mapping[str, Any] | None = None,
    made_from: str | None = None,
) -> None:
    """Write a folder with the graph and its manifest, or the one file."""
    form = check(
        state,
        path,
        format=format,
        storage=storage,
        calibration=calibration,
        held_out=held_out,
        uncertainty=uncertainty,
    )
    calibration = None if calibration is None else as_pixels(calibration, state.reading)
    from zoo.export.graph import EnsembleGraph

    with exclusive_lock(path), _folder(path, form) as beside, fresh_process(form.read) as predict:
        images = sample_images(state.image_size) if calibration is None else calibration
        measured = held_out_images(state, held_out) if storage == INT8 else None
        graph = EnsembleGraph(state, method, uncertainty=uncertainty, samples=images)
        form.write(graph, beside, storage, calibration)
        live = live_predictions(state, method, images, graph.live_logits, uncertainty=uncertainty)
        more = [] if measured is None else [take_all(measured)]
        written = predict(beside, np.concatenate([images, *more]))
        if storage == INT8:
            differences = check_int8(state, method, live["probabilities"], written["probabilities"], measured)
        else:
            differences = _differences(live, written, TOLERANCES[storage])
        if form.names_file(path):
            (beside / form.file).rename(beside / path.name)
        made = made_from or digest_of(state, method)
        how = {"storage": storage, "differences": differences, "selection": selection, KEY: made}
        write_manifest(state, method, beside, graph, form, **how)


def check(
    state: EnsembleState,
    path: Path,
    *,
    format: str = SAVED_MODEL,
    storage: str = FLOAT32,
    calibration: np.ndarray | None = None,
    held_out: Images | None = None,
    uncertainty: bool = False,
    **_: Any,
) -> Format:
    """Check options before anything is computed, and return the format.

    Raises:
        FileExistsError, ImportError, RuntimeError, ValueError: as :meth:`zoo.Ensemble.export`.
    """
    form = format_of(format)
    check_path(path, form.name)
    form.check_place(path)
    form.check(storage, None if calibration is None else as_pixels(calibration, state.reading), state.image_size)
    if storage == INT8 and uncertainty:
        raise ValueError(
            "Expected no uncertainty with int8, as its thresholds do not hold there; received both. Store float16."
        )
    if storage != INT8 and held_out is not None:
        raise ValueError(
            f"Expected no held_out images with {storage}, by which int8 is measured; received some. Leave them out."
        )
    if held_out is not None and held_out.image_size != state.image_size:
        expected, received = size_text(state.image_size), size_text(held_out.image_size)
        raise ValueError(
            f"Expected held_out images of {expected} pixels, as in training; received {received}. Load them with "
            f"image_size={state.image_size}."
        )
    check_backend()
    return form


@contextmanager
def _folder(path: Path, form: Format) -> Iterator[Path]:
    """Give a folder to write in, which replaces ``path``; or of which the file does, and the manifest beside it."""
    if not form.names_file(path):
        with replacing(path, form.file) as beside:
            yield beside
        return
    with (
        replacing(path.with_name(f"{path.name}.json")) as record,
        replacing(path) as file,
        TemporaryDirectory(dir=path.parent) as scratch,
    ):
        yield Path(scratch, "export")
        Path(scratch, "export", path.name).replace(file)
        Path(scratch, "export", MANIFEST_FILE).replace(record)


def _differences(
    live: Mapping[str, np.ndarray], written: Mapping[str, np.ndarray], tolerance: float
) -> dict[str, float]:
    """Compare every output with the live one, and return the differences."""
    if live.keys() != written.keys():
        raise ExportError(f"Expected outputs {', '.join(sorted(live))}; the exported graph has {', '.join(written)}.")
    return {name: check_close(live[name], written[name], name, tolerance) for name in sorted(live)}


def check_backend() -> None:
    """Check that Keras can write a graph here.

    Raises:
        RuntimeError: Keras runs on another backend than TensorFlow, or TensorFlow assumes frozen weights, with which
            layers that are called one by one use each other's weights.
    """
    import keras

    if os.environ.get(FROZEN_WEIGHTS, "0").lower() in ("1", "true"):
        raise RuntimeError(
            f"Expected {FROZEN_WEIGHTS} unset, as networks predict wrongly with it; it is set. Unset it."
        )
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(
            f"Expected Keras on TensorFlow for a graph; it runs on {keras.backend.backend()}. "
            "Save the ensemble, and go on in a process with KERAS_BACKEND=tensorflow."
        )
