"""Interrupts that end the work, whatever Python and its libraries are at when they come.

Python only reports an error of a callback, such as of a reference whose object is gone, and of ``__del__``; Keras and
TensorFlow have thousands of both, and lose others on the way through C++. What was lost comes again.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SOON = 0.25  # seconds between two looks
LOOKS = 2  # in a row that find an interrupt lost before it comes again


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Let an interrupt come again as long as the block goes on without ending by it.

    Outside of the main thread, and where signals are handled otherwise or ignored, nothing is changed.
    """
    on_main = threading.current_thread() is threading.main_thread()
    if not on_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    over, watching, before = threading.Event(), list[threading.Thread](), sys.unraisablehook

    def handle(number: int, frame: FrameType | None) -> None:
        if not watching:
            watching.append(threading.Thread(target=_watch, args=[over], daemon=True, name="interrupts"))
            watching[0].start()
        signal.default_int_handler(number, frame)

    def report(what: sys.UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            before(what)

    signal.signal(signal.SIGINT, handle)
    sys.unraisablehook = report
    try:
        yield
    finally:
        over.set()
        sys.unraisablehook = before
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _watch(over: threading.Event) -> None:
    lost = 0
    while not over.wait(SOON):
        lost = 0 if _is_ending() else lost + 1
        if lost >= LOOKS:
            lost = 0
            _interrupt()


def _is_ending() -> bool:
    """Whether the main thread is on its way out by an interrupt, cleaning up."""
    error: Any = sys._current_exceptions().get(threading.main_thread().ident or 0)
    error = error[1] if isinstance(error, tuple) else error  # as in Python 3.11
    seen: list[BaseException] = []
    while isinstance(error, BaseException) and error not in seen:
        if isinstance(error, KeyboardInterrupt):
            return True
        seen.append(error)
        error = error.__context__
    return False


def _interrupt() -> None:
    """Interrupt the main thread, also where it waits in the system."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:  # Windows
        signal.raise_signal(signal.SIGINT)
