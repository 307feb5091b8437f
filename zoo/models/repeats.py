"""One backbone several times: ``"mobilenet_v2 x3"``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

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
