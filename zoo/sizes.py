"""Image sizes as people write them: a side, or ``(height, width)``, in pixels."""

from __future__ import annotations

from collections.abc import Sequence

Size = tuple[int, int]
AnySize = int | Sequence[int]


def as_size(value: AnySize | None, what: str = "size") -> Size | None:
    """Read a side or a ``(height, width)`` pair; None stays None.

    Raises:
        ValueError: something that is no size.
    """
    if value is None:
        return None
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or any(isinstance(side, bool) or not isinstance(side, int) or side < 1 for side in pair):
        raise ValueError(f"Expected {what} as a side or a (height, width) pair in pixels; received {value!r}.")
    return pair[0], pair[1]
