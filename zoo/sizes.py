"""Image sizes as people write them: a side, or ``(height, width)``, in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral

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


def _is_side(side: object) -> bool:
    return isinstance(side, Integral) and not isinstance(side, bool) and int(side) >= 1
