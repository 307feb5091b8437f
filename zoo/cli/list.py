"""``zoo list``: the backbones. It imports nothing that takes time, as it is what one types first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

import zoo
from zoo.models.registry import spec

HEADER = ("name", "family", "size", "parameters", "pixels", "weights", "licence", "paper")
RIGHT = ("size", "parameters")
WEIGHTS = {"keras": "download or file", "hub": "KerasHub or file", "file": "file", None: "no"}  # by Spec.imagenet


def list_backbones(
    pattern: Annotated[str, typer.Argument(help="A glob, such as 'convnext*'.")] = "*",
    exclude: Annotated[list[str] | None, typer.Option(help="A glob to leave out; may be given again.")] = None,
) -> None:
    """List the backbones that can be built."""
    found = zoo.names(pattern, exclude=exclude or ())
    if not found:
        raise ValueError(
            f"Expected a pattern of backbones; received {pattern!r}, which matches none. `zoo list` shows all."
        )
    typer.echo(table(found))


def row(name: str) -> tuple[str, ...]:
    """Describe one backbone, in the order of ``HEADER``."""
    record = spec(name)
    parameters = "" if record.parameters is None else f"{record.parameters:,}"
    size, weights = str(record.image_size), WEIGHTS[record.imagenet]
    return (name, record.family, size, parameters, record.pixels, weights, record.licence, record.paper)


def table(names: Iterable[str]) -> str:
    """Write some backbones in columns, figures to the right; rich would take longer to import than all the rest."""
    rows = [HEADER, *map(row, names)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(cells, widths) for cells in rows)


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    placed = [
        cell.rjust(width) if title in RIGHT else cell.ljust(width)
        for title, cell, width in zip(HEADER, cells, widths, strict=True)
    ]
    return "  ".join(placed).rstrip()
