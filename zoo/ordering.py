"""Natural order of names: 2 before 10."""

from __future__ import annotations

import re


def natural(text: str) -> tuple[list[tuple[int, str]], str]:
    """Make a sort key in which numbers compare as numbers; names that differ by leading zeros only keep one order."""
    parts = re.split(r"([0-9]+)", text)
    return [(int(part), "") if number % 2 else (-1, part) for number, part in enumerate(parts)], text
