"""``zoo clean``: find what is wrong with a data set, and write it down."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cleaning.findings import CHECKS
from zoo.cleaning.preparation_options import READ, Preparation
from zoo.cli.command_options import as_typed, choose, offering
from zoo.cli.common import Data
from zoo.cli.console import console, say
from zoo.config import Config
from zoo.utils.logging import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from rich.table import Table

    from zoo.cleaning import Findings
    from zoo.data.images import Splits

PIXELS = "pixels"


@offering(Config, Preparation, only=("weights_dir", "seed", *READ))
def clean(
    data: Data,
    out: Annotated[Path, typer.Option(help="The report's folder; decisions of an earlier report there are kept.")],
    check: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(CHECKS)}; may be given again; by default all.")
    ] = None,
    features: Annotated[
        str, typer.Option(help=f"For outliers and labels: {PIXELS!r}, or a backbone with pretrained weights.")
    ] = PIXELS,
    weights: Annotated[str, typer.Option(help="The backbone's: auto, imagenet or a path.")] = "auto",
    cleanlab: Annotated[bool, typer.Option("--cleanlab", help="Let cleanlab choose the suspicious labels.")] = False,
    **options: Any,
) -> None:
    """Find copies, leaks, outliers, colour casts and wrong labels, and write a report; nothing is deleted."""
    from zoo.cleaning.checks import find
    from zoo.cleaning.report import check_folder
    from zoo.data import load

    check_folder(out)
    chosen = choose(None, **options)
    if features == PIXELS and (weights != "auto" or chosen.weights_dir):
        raise ValueError("Expected --features BACKBONE with --weights or --weights-dir; received pixels. Name one.")
    how = chosen.data
    splits = load(data, **how.reading())
    described = _describe(splits, features, weights, chosen.weights_dir)
    findings = find(splits, checks=check or CHECKS, features=described, cleanlab=cleanlab, seed=chosen.seed)
    table = findings.write(out)
    console.print(_as_table(findings))
    sheets = ", ".join(f"{name}.png" for name, (found, _) in findings.counts.items() if found)
    say(f"report: {table.parent} ({table.name}, summary.md{', ' + sheets if sheets else ''})")
    say("Nothing was deleted. Look at the sheets and edit the column 'decision' where you disagree, then:")
    say(f"  {_next(data, table, how)} ...")


def _next(data: str, table: Path, how: Preparation) -> str:
    """The command that follows, for a shell; decisions are about the same pixels, so it reads them as this one did."""
    words = ["zoo", "fit", "--data", data, "--decisions", str(table)]
    words += [] if how.image_size is None else ["--image-size", as_typed(how.image_size)]
    words += [] if how.fit == Preparation().fit else ["--fit", how.fit]
    words += [] if how.background == Preparation().background else ["--background", how.background]
    words += [] if how.depth_range is None else ["--depth-range", ",".join(map(repr, how.depth_range))]
    words += ["--skip-unreadable"] if how.skip_unreadable else []
    words += [] if how.allow_unreadable is None else ["--allow-unreadable", str(how.allow_unreadable)]
    words += [word for name in how.classes or () for word in ("--classes", name)]
    words += [] if how.images_dir is None else ["--images", str(how.images_dir)]
    words += [] if how.columns is None else ["--columns", str(how.columns)]
    words += [] if how.group_from is None else ["--group-from", how.group_from]
    return shlex.join(words)


def _describe(splits: Splits, features: str, weights: str, weights_dir: str | Path | None) -> np.ndarray | None:
    if features == PIXELS:
        return None
    quiet_tensorflow()
    from zoo.cleaning.descriptors import backbone_features

    return backbone_features(splits, features, weights=weights, weights_dir=weights_dir)


def _as_table(findings: Findings) -> Table:
    from rich.table import Table

    from zoo.cleaning.report import MEANING

    table = Table(
        "check", "finds", title=f"Findings among {sum(len(part) for _, part in findings.splits.items())} images"
    )
    table.add_column("found", justify="right")
    table.add_column("suggested to drop", justify="right")
    for check, (found, drop) in findings.counts.items():
        table.add_row(check, MEANING[check], str(found), str(drop))
    return table
