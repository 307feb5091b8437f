"""``zoo list``: the backbones. It imports nothing that takes time, as it is what one types first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

import zoo
from zoo.cli.console import console
from zoo.models.registry import spec

if TYPE_CHECKING:
    from rich.table import Table

HEADER = ("name", "family", "size", "parameters", "pixels", "ImageNet", "paper")
WEIGHTS = {"keras": "download or file", "file": "file", None: "no"}  # by Spec.imagenet


def list_backbones(
    pattern: Annotated[str, typer.Argument(help="A glob, such as 'convnext*'.")] = "*",
    exclude: Annotated[list[str] | None, typer.Option(help="A glob to leave out; may be given again.")] = None,
) -> None:
    """List the backbones that can be built."""
    found = zoo.names(pattern, exclude=exclude or ())
    if not found:
        raise ValueError(f"No backbone matches {pattern!r}. `zoo list` shows all.")
    console.print(table(found))


def row(name: str) -> tuple[str, ...]:
    """Describe one backbone, in the order of ``HEADER``."""
    record = spec(name)
    parameters = "" if record.parameters is None else f"{record.parameters:,}"
    size, weights = str(record.image_size), WEIGHTS[record.imagenet]
    return (name, record.family, size, parameters, record.pixels, weights, record.paper)


def table(names: Iterable[str]) -> Table:
    """Make a table of some backbones."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for title in HEADER:
        made.add_column(title, justify="right" if title in ("size", "parameters") else "left", no_wrap=title == "name")
    for name in names:
        made.add_row(*row(name))
    return made
