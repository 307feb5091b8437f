"""``zoo evaluate``: how good is a run on other images, and on corrupted ones?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

import zoo
from zoo.commands.common import Data, Run, SkipUnreadable, read_run
from zoo.console import console


def evaluate(
    run: Run,
    data: Data,
    csv: Annotated[
        Path | None, typer.Option(help="Write the table here as CSV too; that of --shift beside it, as FILE-shift.csv.")
    ] = None,
    shift: Annotated[bool, typer.Option("--shift", help="Score corrupted copies too: 11 kinds, 5 severities.")] = False,
    shift_limit: Annotated[
        int | None, typer.Option(help="With --shift: corrupt a stratified choice of so many images.")
    ] = None,
    skip_unreadable: SkipUnreadable = False,
) -> None:
    """Score a run's members and rules on labelled images: their test split, else validation, else all."""
    if shift_limit is not None and not shift:
        raise ValueError(f"Expected --shift with --shift-limit {shift_limit}; there is none. Add --shift.")
    ensemble = read_run(run)
    images = zoo.load(
        data,
        image_size=ensemble.image_size_,
        classes=ensemble.classes_,
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
