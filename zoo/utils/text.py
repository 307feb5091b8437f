"""What people write: names in natural order or several times, image sizes, and words that were mistyped."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any


def natural(text: str) -> tuple[list[tuple[int, str]], str]:
    """Make a sort key in which numbers compare as numbers; names that differ by leading zeros only keep one order."""
    parts = re.split(r"([0-9]+)", text)
    return [(int(part), "") if number % 2 else (-1, part) for number, part in enumerate(parts)], text


def nfc(text: str) -> str:
    """Bring a text into the composed Unicode form: ``é`` may be written as one character or as two."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


Size = tuple[int, int]
AnySize = int | Sequence[int]


def as_size(value: AnySize | None, what: str = "size") -> Size | None:
    """Read a side or a ``(height, width)`` pair; None stays None.

    Raises:
        ValueError: something that is no size.
    """
    if value is None:
        return None
    pair = tuple(value) if isinstance(value, Sequence) else (value, value)
    if len(pair) != 2 or not all(_is_side(side) for side in pair):
        raise ValueError(f"Expected {what} as a side or a (height, width) pair in pixels; received {value!r}.")
    return int(pair[0]), int(pair[1])


def size_text(size: Size) -> str:
    """Write a ``(height, width)`` pair as the options take it, such as ``64x80``."""
    return f"{size[0]}x{size[1]}"


def _is_side(side: object) -> bool:
    return isinstance(side, Integral) and not isinstance(side, bool) and int(side) >= 1


def suggestion(word: str, known: Iterable[str], *, listed: bool = False) -> str:
    """Suggest the known word that a mistyped one was probably meant to be.

    Args:
        word: what was written.
        known: what could be.
        listed: the message has the known words already, so that they are not listed where none is near.
    """
    options = sorted(known)
    near = difflib.get_close_matches(str(word).lower(), options, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(map(repr, near))}?"
    return "" if listed else f"Known: {', '.join(options)}."


REPEATED = re.compile(r"(?P<name>\S+)\s+x(?P<times>\d+)")


def repeat(members: Iterable[Any]) -> list[Any]:
    """Write out names with a number of times; other entries stay what they are.

    >>> repeat(["simple_cnn", "mobilenet_v2 x2"])
    ['simple_cnn', 'mobilenet_v2', 'mobilenet_v2']

    Raises:
        ValueError: a number of times that is 0.
    """
    return [one for entry in members for one in _written_out(entry)]


def _written_out(entry: Any) -> list[Any]:
    found = REPEATED.fullmatch(entry.strip()) if isinstance(entry, str) else None
    if found is None:
        return [entry]
    times = int(found["times"])
    if times < 1:
        raise ValueError(f"Expected a backbone once or more; received {entry!r}.")
    return [found["name"]] * times
