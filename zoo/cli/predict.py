"""``zoo predict``: predict a folder, however large."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.cli.common import Columns, ImagesDir, Method
from zoo.cli.console import console, say
from zoo.cli.scored_images import run_columns
from zoo.export.format import SAVED_MODEL
from zoo.inference import engines
from zoo.utils.logging import quiet_tensorflow
from zoo.utils.text import count_of
from zoo.utils.timing import stopwatch


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="RUN_OR_EXPORT", help="What `zoo fit --out` or `zoo export --out` wrote, in any format."
        ),
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="A folder of images at any depth, an image, a .txt list of paths, a table that names files (.csv, "
            ".tsv, .parquet), an .npy, an .npz, or 'demo'.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The table, .parquet or .csv.")],
    method: Method = None,
    uncertainty: Annotated[
        bool, typer.Option("--uncertainty", help="Of a run: a column of how unsure each prediction is.")
    ] = False,
    key: Annotated[str | None, typer.Option(help="The array of an .npz, such as test_images.")] = None,
    images_dir: ImagesDir = None,
    columns: Columns = None,
    like: Annotated[
        Path | None,
        typer.Option(help="A sample submission (.csv, .tsv): write its columns and rows, each filled with the answer."),
    ] = None,
    positive: Annotated[
        str | None, typer.Option(help="With --like: the class whose probability the one column to fill takes.")
    ] = None,
    skip_unreadable: Annotated[
        bool,
        typer.Option(
            "--skip-unreadable", help="With --like: images that are not there or unreadable keep the sample's cells."
        ),
    ] = False,
    allow_unreadable: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="End with an error where more than this share of the images cannot be read."),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images at a time; by default measured.")] = None,
    threads: Annotated[int | None, typer.Option(help="Threads that read images; by default measured.")] = None,
    engine: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(engines.NAMES)}; the first times those that are there. onnx makes the ONNX graph of a "
            "run or a SavedModel, and keeps it."
        ),
    ] = engines.AUTO,
) -> None:
    """Predict images and write a table, a row an image; after a kill the same command goes on."""
    cost = stopwatch()
    engines.check_engine(engine)
    from zoo.export.manifest import format_at

    written = format_at(model.expanduser())
    if written in (None, SAVED_MODEL):  # files of other runtimes need no TensorFlow
        quiet_tensorflow()
    from zoo.cli.bars import counting
    from zoo.export.loading import assume_frozen_weights

    if written == SAVED_MODEL:
        assume_frozen_weights()
    with counting(console) as watch:
        done = zoo.predict(
            model,
            data,
            out,
            method=method,
            uncertainty=uncertainty,
            key=key,
            images_dir=images_dir,
            columns=columns or run_columns(model, data, ("image",)),
            like=like,
            positive=positive,
            skip_unreadable=skip_unreadable,
            allow_unreadable=allow_unreadable,
            batch_size=batch_size,
            threads=threads,
            engine=engine,
            watch=watch,
        )
    speed = f"{done.images_per_second:,.1f} images/s, " if done.images_per_second else ""
    left_out = f"{done.left_out:,} left out, " if done.left_out else ""
    say(f"predictions: {done.path} ({count_of(done.images, 'image')}, {left_out}{speed}{cost()})")
