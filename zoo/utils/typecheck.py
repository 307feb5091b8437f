"""Plain values, as TOML and a command line give them, held against the annotation of the field that they are for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from zoo.utils.text import suggestion

Table = TypeVar("Table")

NOTHING = "none"  # TOML has no null
WORDS = {bool: "true or false", int: "a whole number", float: "a finite number", str: "text", NoneType: NOTHING}


def read_table(kind: type[Table], table: Any, path: str = "") -> Table:
    """Make a dataclass of a TOML table, and of the tables in it the dataclasses that its fields are.

    Args:
        kind: the dataclass.
        table: values by name.
        path: the table's name, with those of the tables around it; empty for the whole file.

    Raises:
        ValueError: no table, an unknown key, a value of a wrong type, or one that the dataclass refuses.
    """
    where = f"[{path}]" if path else "the configuration"
    if not isinstance(table, Mapping):
        raise ValueError(f"Expected {where} as a table; received {table!r}. Write its keys below a line [{path}].")
    known = hints(cast(type, kind))
    for key in table:
        if key not in known:
            raise ValueError(f"Expected a key of {where}; received {key!r}. {suggestion(key, known)}")
    inner = f"{path}.".lstrip(".")
    return kind(**{key: _entry(value, known[key], inner + key, f"{key} in {where}") for key, value in table.items()})


def read(value: Any, kind: Any, what: str) -> Any:
    """Take a value for a field: a list is a tuple, and ``"none"`` is None where the field may be None.

    Raises:
        ValueError: the value does not fit the annotation ``kind``.
    """
    value = tuple(value) if isinstance(value, list) else value
    if isinstance(value, str) and value == NOTHING and fits(None, kind):
        return None
    check(value, kind, what)
    return value


def check(
    value: Any, kind: Any, what: str, *, within: Callable[[Any], bool] = lambda _: True, limits: str = ""
) -> None:
    """Check a value against an annotation, and against limits that are no matter of types.

    Args:
        value: the value.
        kind: the annotation.
        what: what it is, for the message.
        within: checks whether the value, None excepted, keeps to the limits.
        limits: these in words.

    Raises:
        ValueError: it does not fit, or is not within them.
    """
    if fits(value, kind) and (value is None or within(value)):
        return
    raise ValueError(f"Expected {what} as {words(kind, limits)}; received {value!r}.{_advice(value, kind)}")


def fits(value: Any, kind: Any) -> bool:
    """Check whether a value is of an annotated kind; a bool is no number, and a whole number is a number."""
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


def words(kind: Any, limits: str = "") -> str:
    """Name an annotated kind for people, with the limits of its numbers."""
    origin, options = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(words(option, limits) for option in options)
    if origin is Literal:
        return f"one of {', '.join(map(str, options))}" if len(options) > 1 else repr(*options)
    if origin in (tuple, Sequence):
        return f"a list of ({words(options[0])})"
    if origin is Mapping:
        return "a table"
    if is_dataclass(kind):
        return f"a table, in Python a {getattr(kind, '__name__', kind)}"
    named = WORDS.get(kind) or f"a {kind.__name__}"
    return f"{named} {limits}" if limits and kind in (int, float) else named


@cache
def hints(kind: type) -> dict[str, Any]:
    """The annotations of a class, as types."""
    return get_type_hints(kind)


def choices(kind: Any) -> tuple[str, ...]:
    """The words that an annotation lists."""
    return tuple(_listed(kind))


def _listed(kind: Any) -> Iterator[str]:
    if get_origin(kind) is Literal:
        yield from (option for option in get_args(kind) if isinstance(option, str))
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _listed(option)


def _entry(value: Any, kind: Any, path: str, what: str) -> Any:
    """Read a key's value; where a dataclass is wanted, be it or None, a table is made one."""
    table = next((one for one in (kind, *get_args(kind)) if is_dataclass(one) and isinstance(one, type)), None)
    return read_table(table, value, path) if table and isinstance(value, Mapping) else read(value, kind, what)


def _advice(value: Any, kind: Any) -> str:
    """What to write instead, where a suggestion can be made."""
    if not isinstance(value, str):
        return ""
    if fits((value,), kind):
        return f' Write a list: ["{value}"].'
    near = suggestion(value, choices(kind)) if choices(kind) else ""
    return f" {near}" if near.endswith("?") else ""  # the message has all of them already


def _is(value: Any, kind: Any) -> bool:
    if isinstance(value, bool) or kind is bool:
        return kind is type(value)
    if kind is int:
        return isinstance(value, Integral)  # NumPy's too, of a search over np.arange, say
    if kind is float:
        return isinstance(value, Integral) or (isinstance(value, Real) and math.isfinite(value))
    return isinstance(value, kind)
