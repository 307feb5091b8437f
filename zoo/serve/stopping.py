"""How a server ends that is told to; a light module, as a signal may come before anything else is loaded."""

from __future__ import annotations

import signal
from typing import Any, NoReturn

STOPS = "stops; answers what is under way"


def end_on_sigterm() -> None:
    """End at once on SIGTERM, until the server listens and has something under way.

    The first process of a container needs a handler for that: the system ignores signals for which it has none.
    """
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, _: Any) -> NoReturn:
    raise SystemExit(128 + number)
