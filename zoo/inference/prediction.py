"""``predict``: from images that need not fit into memory to one table, in parts that survive a kill."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.inventory import Inventory, Reason
from zoo.data.loading import list_images
from zoo.data.source import ChosenColumns, check_allowed
from zoo.data.unlabelled import Files, Unlabelled
from zoo.inference.batch_size import Trial
from zoo.inference.engines import AUTO, check_engine
from zoo.inference.filled_sample import fill, filling_of
from zoo.inference.graphs import Graph, check_model, is_model, open_graph
from zoo.inference.prediction_loop import Progress, write_parts
from zoo.inference.resumable_parts import Parts, check_any, check_failures, join, list_unreadable
from zoo.inference.sample import TEXT, Sample, in_order, read_sample
from zoo.inference.tables import check_column, writer_for
from zoo.utils.files import replacing
from zoo.utils.locks import exclusive_lock
from zoo.utils.named_paths import destination
from zoo.utils.own_files import check_own

if TYPE_CHECKING:
    from zoo.inference.graphs import Model

logger = logging.getLogger(__name__)

ROWS = 512  # of a part: the most that a kill costs
FORMAT = 2  # of the parts


@dataclass(frozen=True)
class Predicted:
    """What was written.

    Attributes:
        path: the table.
        images: its rows that have predictions.
        unreadable: the list of files that could not be read; None where all could.
        left_out: how many these are.
        inventory: what became of every file of a folder; None for other images.
        images_per_second: of the images that this call predicted, reading and writing included; None without any.
    """

    path: Path
    images: int
    unreadable: Path | None
    left_out: int
    images_per_second: float | None
    inventory: Inventory | None = None


def predict(
    model: Model,
    data: str | Path | np.ndarray,
    out: str | Path,
    *,
    method: str | None = None,
    uncertainty: bool = False,
    key: str | None = None,
    images_dir: str | Path | None = None,
    columns: ChosenColumns | None = None,
    like: str | Path | None = None,
    positive: str | None = None,
    skip_unreadable: bool = False,
    allow_unreadable: float | None = None,
    batch_size: int | None = None,
    threads: int | None = None,
    engine: str = AUTO,
    part_rows: int = ROWS,
    watch: Callable[[int, int], None] | None = None,
) -> Predicted:
    """Predict any number of images, and write a table with a row for each of them, in their order.

    Predictions are kept in parts beside the table, in ``OUT.parts/``, until all are there: after a kill the same call
    resumes after the last complete part. With another model, other images or other options it begins anew.

    Args:
        model: a run's folder; an exported SavedModel, ONNX or LiteRT file, or its folder; or an ensemble or SavedModel
            that is open.
        data: see :func:`zoo.data.loading.list_images`; images of another size are resized to the model's.
        out: the table, ``.parquet`` (with pyarrow) or ``.csv``. Its columns are ``path`` or, for arrays, ``row``, and
            those of :func:`zoo.inference.tables.columns_of`. Files that cannot be read are left out and listed beside
            it: of ``answers.csv`` in ``answers.csv.unreadable.csv``.
        method: the rule of a run; by default the run's.
        uncertainty: predict the uncertainty too; an export must have been made with it.
        key: the array of an ``.npz``.
        images_dir: folder of the files that a table or a list names; by default the table's own, or the working folder.
        columns: of a table, ``{"image": NAME}``; by default found by its name.
        like: a sample submission, ``.csv`` or ``.tsv``. Its columns are written in their order and its rows in theirs:
            ids as they are, and names of classes, their ids, or probabilities where each class has a column. Every
            row has to have an image; images without a row are logged.
        positive: with ``like``, the class whose probability the one column to fill takes; by default the positive one
            of two classes, where the sample shows fractions and the names tell it.
        skip_unreadable: with ``like``, let rows whose image is not there or cannot be read keep the sample's own cells,
            instead of raising; the predictions of the others are kept for the next call.
        allow_unreadable: the largest share of images that may be unreadable, 0 to 1, those that are not there included;
            by default all, where they are left out. With ``like`` it implies ``skip_unreadable``.
        batch_size: images that are predicted at a time, 1 or more; by default what is fastest on the first images.
        threads: that read images, 1 or more; by default as many as keep the graph busy, measured likewise.
        engine: ``tensorflow``, ``onnx`` or ``litert``; by default the fastest of those that are there and answer alike.
            It may change between the calls that one table takes: engines agree but for rounding.
        part_rows: images of a part; a batch is no larger than one, and a larger ``batch_size`` makes it as large.
        watch: called after every batch with the number of images done and the total.

    Raises:
        ensembles.NotFittedError: an ensemble before its fit.
        FileExistsError: another file than an earlier such table is at ``out``; it is not replaced.
        FileNotFoundError: no model, no images or no sample there.
        ImportError: ``.parquet`` without pyarrow, or an engine without its runtime.
        RuntimeError: another process writes the same table.
        UnreadableImagesError: images of a sample's rows that cannot be read, or more images than are allowed; the
            predictions of the others are kept for the next call.
        ValueError: a model, images, an array or an option that does not fit, or images of which none can be read; the
            message says what to do.
        zoo.export.ExportError: the graph of a run predicts differently from the run.
    """
    out = destination(out)
    check_engine(engine)
    _check_positive(batch_size=batch_size, threads=threads, part_rows=part_rows)
    check_allowed(allow_unreadable)
    _check_place(out, data, like)
    sample = _sample(like, out, skip_unreadable=skip_unreadable, positive=positive)
    write = writer_for(out) if sample is None else None
    _check_model(model, data)
    source = list_images(data, key, images_dir=images_dir, columns=columns)
    skips = skip_unreadable or allow_unreadable is not None
    allowed = None if sample and not skips else 1.0 if allow_unreadable is None else allow_unreadable
    source = source if sample is None else in_order(sample, source, skip_absent=skips)
    part_rows = max(part_rows, batch_size or 1)
    with exclusive_lock(out):
        parts = Parts(out.with_name(f"{out.name}.parts"))
        with replacing(out) as beside:
            how: dict[str, Any] = {"method": method, "uncertainty": uncertainty, "engine": engine}
            graph = open_graph(model, **how, batch_size=batch_size, images=len(source))
            if sample is None:
                check_column(source.column, graph.classes)
            filling = None if sample is None else filling_of(sample, graph.classes, graph.codes, positive)
            done = min(parts.begin(_plan(source, graph, part_rows)) * part_rows, len(source))
            if done:
                parts.tally.limit(done)
                logger.info("goes on after %s of %s images", f"{done:,}", f"{len(source):,}")
            progress = Progress(done, len(source), watch)
            trial = Trial(batch_size, threads, graph.pixels)
            read = source.reader(parts.scratch, graph.reading, parts.tally)
            write_parts(graph, read, parts, part_rows, trial, progress)
            _say(graph, parts)
            speed = progress.images_per_second if progress.done > done else None
            count = math.ceil(len(source) / part_rows)
            if filling is not None:
                failures = fill(filling, parts, count, source, beside, allowed=allowed)
            elif write is not None:
                failures = join(parts, count, source, graph.classes, write, beside)
                check_failures(failures, source, allowed)
            check_any(failures, source, out)
        unreadable = list_unreadable(failures, source, out)
        parts.remove()
    inventory = _inventory(source, failures)
    return Predicted(out, len(source) - len(failures), unreadable, len(failures), speed, inventory)


def _check_place(out: Path, data: Any, like: str | Path | None) -> None:
    """Check that the table is no file that is read.

    Raises:
        ValueError: it is.
    """
    for what, read in (("the images", data), ("the sample", like)):
        if isinstance(read, str | Path) and Path(read).expanduser().resolve() == out.resolve():
            raise ValueError(f"Expected another path to write than that of {what}; received {out} for both.")


def _check_model(model: Model, data: Any) -> None:
    """Check that there is a model before images are listed, which may take minutes.

    Raises:
        FileNotFoundError: there is none; the message says if the two seem to be exchanged.
    """
    try:
        check_model(model)
    except FileNotFoundError as error:
        if not isinstance(data, str | Path) or not is_model(data):
            raise
        raise FileNotFoundError(
            f"Expected a run or an export first and the images after it; received {model}, which is none, and then "
            f"{data}, which is one. Exchange the two."
        ) from error


def _say(graph: Graph, parts: Parts) -> None:
    """Say what was unusual; predictions of images of which nothing is left are no start for the next call."""
    try:
        parts.tally.say(graph.reading)
        parts.tally.check_brightness()
    except ValueError:
        parts.remove()
        raise


def _inventory(source: Unlabelled, failures: Mapping[int, str]) -> Inventory | None:
    if not isinstance(source, Files) or source.inventory is None:
        return None
    return source.inventory.without({source.paths[index]: Reason.UNREADABLE for index in failures})


def _sample(like: str | Path | None, out: Path, *, skip_unreadable: bool, positive: str | None) -> Sample | None:
    """Read the sample, and check before any work that what is written is of its kind.

    Raises:
        FileExistsError: another file is there than an earlier table of the same rows.
        ValueError: a path of another kind, or options of samples without one.
    """
    if like is None:
        if positive is not None:
            raise ValueError(
                "Expected positive (zoo: --positive) with like (zoo: --like) only; a table without has those of "
                "each class. Remove it."
            )
        if skip_unreadable:
            raise ValueError(
                "Expected skip_unreadable (zoo: --skip-unreadable) with like (zoo: --like) only; without, files that "
                "cannot be read are left out anyway. Remove it."
            )
        return None
    if out.suffix.lower() not in TEXT:
        raise ValueError(f"Expected a path that ends in .csv or .tsv, as the sample's does; received {out}.")
    sample = read_sample(like)
    check_own(out, sample.asks_as, f"an earlier table of the columns and ids of {like}")
    return sample


def _plan(source: Unlabelled, graph: Graph, rows: int) -> dict[str, Any]:
    """Everything that determines the parts, by names that a user knows."""
    images = {"count": len(source), "digest": source.identity()}
    return {"format": FORMAT, "images": images, "model": graph.identity, "options": {"part_rows": rows}}


def _check_positive(**numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise ValueError(f"Expected {name} of 1 or more; received {number}. Pass another.")
