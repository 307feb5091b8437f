"""``predict``: from images that need not fit into memory to one table, in parts that survive a kill."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.loading import list_images
from zoo.data.tally import Tally
from zoo.data.unlabelled import Unlabelled
from zoo.inference.batch_size import Trial
from zoo.inference.graphs import Graph, open_graph
from zoo.inference.parts import Parts, join, list_unreadable
from zoo.inference.prediction_loop import Progress, write_parts
from zoo.inference.tables import writer_for
from zoo.utils.files import replacing
from zoo.utils.locks import exclusive_lock

if TYPE_CHECKING:
    from zoo.inference.graphs import Model

logger = logging.getLogger(__name__)

ROWS = 512  # of a part: the most that a kill costs
FORMAT = 1  # of the parts


@dataclass(frozen=True)
class Predicted:
    """What was written.

    Attributes:
        path: the table.
        images: its rows.
        unreadable: the list of files that could not be read; None where all could.
        left_out: how many these are.
        images_per_second: of the images that this call predicted, reading and writing included; None without any.
    """

    path: Path
    images: int
    unreadable: Path | None
    left_out: int
    images_per_second: float | None


def predict(
    model: Model,
    data: str | Path | np.ndarray,
    out: str | Path,
    *,
    method: str | None = None,
    uncertainty: bool = False,
    key: str | None = None,
    batch_size: int | None = None,
    threads: int | None = None,
    part_rows: int = ROWS,
    watch: Callable[[int, int], None] | None = None,
) -> Predicted:
    """Predict any number of images, and write a table with a row for each of them, in their order.

    Predictions are kept in parts beside the table, in ``OUT.parts/``, until all are there: after a kill the same call
    resumes after the last complete part. With another model, other images or other options it begins anew.

    Args:
        model: a run's folder, an exported SavedModel's, or either of them opened.
        data: see :func:`zoo.data.loading.list_images`; images of another size are resized to the model's.
        out: the table, ``.parquet`` (with pyarrow) or ``.csv``. Its columns are ``path`` or, for arrays, ``row``, and
            those of :func:`zoo.inference.tables.columns_of`. Files that cannot be read are left out and listed beside
            it: of ``answers.csv`` in ``answers.csv.unreadable.csv``.
        method: the rule of a run; by default the run's.
        uncertainty: predict the uncertainty too; a SavedModel must have been exported with it.
        key: the array of an ``.npz``.
        batch_size: images that are predicted at a time, 1 or more; by default what is fastest on the first images.
        threads: that read images, 1 or more; by default as many as keep the graph busy, measured likewise.
        part_rows: images of a part; a batch is no larger than one, and a larger ``batch_size`` makes it as large.
        watch: called after every batch with the number of images done and the total.

    Raises:
        ensembles.NotFittedError: an ensemble before its fit.
        FileNotFoundError: no model or no images there.
        ImportError: ``.parquet`` without pyarrow.
        RuntimeError: another process writes the same table.
        ValueError: a model, images, an array or an option that does not fit; the message says what to do.
        zoo.export.ExportError: the graph of a run predicts differently from the run.
    """
    out = Path(out).expanduser()
    _check_positive(batch_size=batch_size, threads=threads, part_rows=part_rows)
    write = writer_for(out)
    source = list_images(data, key)
    part_rows = max(part_rows, batch_size or 1)
    with exclusive_lock(out):
        parts = Parts(out.with_name(f"{out.name}.parts"))
        with replacing(out) as beside:
            graph = open_graph(model, method=method, uncertainty=uncertainty)
            done = min(parts.begin(_plan(source, graph, part_rows)) * part_rows, len(source))
            if done:
                logger.info("goes on after %s of %s images", f"{done:,}", f"{len(source):,}")
            progress = Progress(done, len(source), watch)
            trial = Trial(batch_size, threads, graph.pixels)
            tally = Tally()
            read = source.reader(parts.scratch, graph.reading, tally)
            write_parts(graph, read, parts, part_rows, trial, progress)
            tally.say(graph.reading)
            speed = progress.images_per_second if progress.done > done else None
            failures = join(parts, math.ceil(len(source) / part_rows), source, graph.classes, write, beside)
        unreadable = list_unreadable(failures, source, out)
        parts.remove()
    return Predicted(out, len(source) - len(failures), unreadable, len(failures), speed)


def _plan(source: Unlabelled, graph: Graph, rows: int) -> dict[str, Any]:
    """Everything that determines the parts, by names that a user knows."""
    images = {"count": len(source), "digest": source.identity()}
    return {"format": FORMAT, "images": images, "model": graph.identity, "options": {"part_rows": rows}}


def _check_positive(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise ValueError(f"Expected {name} of 1 or more; received {number}. Pass another.")
