"""``zoo evaluate``: how good is a run on other images, and on corrupted ones?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

import zoo
from zoo.commands.common import Data, Run, Shift, ShiftLimit, SkipUnreadable, check_shift, read_run
from zoo.console import console


def evaluate(
    run: Run,
    data: Data,
    csv: Annotated[
        Path | None, typer.Option(help="Write the table here as CSV too; that of --shift beside it, as FILE-shift.csv.")
    ] = None,
    shift: Shift = False,
    shift_limit: ShiftLimit = None,
    skip_unreadable: SkipUnreadable = False,
) -> None:
    """Score a run's members and rules on labelled images: their test split, else validation, else all."""
    check_shift(shift, shift_limit)
    ensemble = read_run(run)
    images = zoo.load(
        data,
        image_size=ensemble.image_size_,
        classes=ensemble.class_names_,
        decoded=run / "decoded" if os.access(run, os.W_OK) else None,
        skip_unreadable=skip_unreadable,
        whole=False,
    )
    board = ensemble.leaderboard(images)
    tables: list[tuple[Any, Path | None]] = [(board, csv)]
    if shift:
        shifted = ensemble.shift(images, limit=shift_limit)
        beside = csv.with_name(f"{csv.stem}-shift.csv") if csv else None
        tables = [(board.with_shift(shifted), csv), (shifted, beside)]
    for table, path in tables:
        console.print(table)
        if path:
            console.print(f"table: {table.to_csv(path)}")
