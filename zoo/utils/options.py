"""Options as dataclass fields that carry their own help, so that each is declared in one place."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import MISSING, Field, field, fields
from typing import Any, TypeVar

Kind = TypeVar("Kind", bound=type)

HELP, SHORT = "help", "short"
WIDTH = 116


def option(
    default: Any = MISSING,
    *,
    help: str,
    short: str = "",
    factory: Callable[[], Any] | None = None,
    keyword: bool | Any = MISSING,
) -> Any:
    """Declare an option as a field of a dataclass.

    Args:
        default: its default value, where there is one.
        help: what it is, for the class' documentation.
        short: the same in a line, for the command line; without it the command line does not offer the option.
        factory: makes the default, where it cannot be shared.
        keyword: it is given by its name alone; by default as the class says.
    """
    metadata = {HELP: help, SHORT: short}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata, kw_only=keyword)
    return field(default=default, metadata=metadata, kw_only=keyword)


def offered(kind: type) -> list[Field[Any]]:
    """The fields of a dataclass that the command line offers."""
    return [own for own in fields(kind) if own.metadata.get(SHORT)]


def documented(kind: Kind) -> Kind:
    """Write the help of a dataclass' options into its docstring, in place of a line ``{options}``."""
    lines = [_paragraph(own) for own in fields(kind) if HELP in own.metadata]
    kind.__doc__ = (kind.__doc__ or "").replace("    {options}", "\n".join(lines).rstrip())
    return kind


def _paragraph(own: Field[Any]) -> str:
    text = f"{own.name}: {own.metadata[HELP]}"
    return textwrap.fill(text, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12, break_on_hyphens=False)
