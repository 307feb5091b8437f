"""What people write and read: names in natural order, counts, image sizes, durations, words that were mistyped."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from numbers import Integral
from typing import Any

NUMBER = re.compile("[0-9]+")


def natural(text: str) -> tuple[str, str]:
    """Make a sort key in which numbers compare as numbers; names that differ by leading zeros only keep one order."""
    return by_numbers(text), text


def by_numbers(text: str) -> str:
    """Make a text whose order is natural: before the digits of each number a mark below all letters, and their count.

    A list of texts and numbers has the same order; of a million paths it takes ten times the memory.
    """
    return NUMBER.sub(_marked, text)


def _marked(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0") or "0"
    return f"\0{chr(len(digits))}{digits}"


def nfc(text: str) -> str:
    """Bring a text into the composed Unicode form: ``é`` may be written as one character or as two."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def count_of(count: int, noun: str) -> str:
    """Write a number of things, whose plural ends with an ``s``: ``1 image``, ``1,712 images``."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def listed(names: Iterable[str], most: int = 5) -> str:
    """Write some names, and how many more there are.

    >>> listed("abc", 3), listed("abcde", 3)
    ('a, b, c', 'a, b, c and 2 more')
    """
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")


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
    folded: dict[str, list[str]] = {}
    for option in options:
        folded.setdefault(option.casefold(), []).append(option)
    close = difflib.get_close_matches(str(word).casefold(), folded, n=3, cutoff=0.5)
    near = [option for one in close for option in folded[one] if option != word][:3]
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


TIME = re.compile(
    r"(?:(?P<h>[\d.]+)\s*h)?\s*(?:(?P<m>[\d.]+)\s*m(?:in)?)?\s*(?:(?P<s>[\d.]+)\s*s)?\s*(?P<rest>[\d.]+)?"
)


def seconds_of(text: str | float) -> float:
    """Read a time: seconds, or a text such as ``30m`` or ``1h30m``; a bare number behind a unit is of the next one.

    >>> seconds_of("30m"), seconds_of("1h 30m"), seconds_of("1h30"), seconds_of("90s"), seconds_of(90)
    (1800.0, 5400.0, 5400.0, 90.0, 90.0)

    Raises:
        ValueError: no time above 0.
    """
    found = TIME.fullmatch(str(text).strip().lower())
    seconds = 0.0
    with suppress(ValueError):  # numbers of two points
        if found and not (found["s"] and found["rest"]):
            parts = [float(part or 0) for part in found.group("h", "m", "s", "rest")]
            rest = 60 if found["h"] and not found["m"] else 1
            seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1, rest), strict=True))
    if not 0 < seconds < float("inf"):
        raise ValueError(f"Expected time_limit (zoo: --time) as seconds, 30m or 1h30m, above 0; received {text!r}.")
    return seconds


def duration(seconds: float) -> str:
    """Write seconds for people.

    >>> duration(7.2), duration(95), duration(7500)
    ('7 s', '1.6 min', '2 h 5 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.1f} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"


def bytes_text(count: float) -> str:
    """Write bytes for people.

    >>> bytes_text(1_500_000_000), bytes_text(20_000)
    ('1.5 GB', '20 kB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"
