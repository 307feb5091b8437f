"""The register as a table for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zoo.registry import spec

HEADER = ("name", "family", "size", "parameters", "pixels", "ImageNet", "paper")


def row(name: str) -> tuple[str, ...]:
    """Describe one backbone, in the order of ``HEADER``."""
    record = spec(name)
    parameters = "" if record.parameters is None else f"{record.parameters:,}"
    weights = {"keras": "download or file", "file": "file", None: "no"}
    return (
        name,
        record.family,
        str(record.image_size),
        parameters,
        record.pixels,
        weights[record.imagenet],
        record.paper,
    )


def table(names: Iterable[str]) -> Any:
    """Make a ``rich`` table of some backbones."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False)
    for title in HEADER:
        made.add_column(title, justify="right" if title in ("size", "parameters") else "left", no_wrap=title == "name")
    for name in names:
        made.add_row(*row(name))
    return made
