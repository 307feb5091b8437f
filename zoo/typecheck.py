"""Plain values, as TOML gives them, held against the annotation of the field that they are for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

NOTHING = "none"  # TOML has no null
WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text", NoneType: f"{NOTHING!r}"}


def read(value: Any, kind: Any, what: str) -> Any:
    """Take a value for a field: a list is a tuple, and ``"none"`` is None where the field may be None.

    Raises:
        ValueError: the value does not fit the annotation ``kind``.
    """
    if isinstance(value, str) and value == NOTHING and fits(None, kind):
        return None
    value = tuple(value) if isinstance(value, list) else value
    if fits(value, kind):
        return value
    listed = isinstance(value, str) and fits((value,), kind)
    advice = f' Write a list: ["{value}"].' if listed else ""
    raise ValueError(f"Expected {what} as {words(kind)}; received {value!r}.{advice}")


def fits(value: Any, kind: Any) -> bool:
    """Say whether a value is of an annotated kind; a bool is no number, and a whole number is a number."""
    origin, options = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(fits(value, option) for option in options)
    if origin is Literal:
        return any(value == option and type(value) is type(option) for option in options)
    if origin in (tuple, Sequence):
        return isinstance(value, tuple | list) and all(fits(entry, options[0]) for entry in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(fits(entry, options[1]) for entry in value.values())
    return kind is Any or _is(value, kind)


def words(kind: Any) -> str:
    """Name an annotated kind for people."""
    origin, options = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(words(option) for option in options)
    if origin is Literal:
        return " or ".join(map(repr, options))
    if origin in (tuple, Sequence):
        return f"a list of ({words(options[0])})"
    if origin is Mapping:
        return "a table"
    return WORDS.get(kind) or f"a {kind.__name__}"


def _is(value: Any, kind: Any) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)
