"""Interrupts that reach the work, whatever Python is at when they come."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SOON = 0.05  # seconds until an interrupt comes again


@contextmanager
def interrupts_kept() -> Iterator[None]:
    """Let an interrupt come again, as long as the block lasts, where Python only reports it and goes on.

    That is so where it comes in a callback, such as those of references whose object is gone, and in ``__del__``;
    Keras and TensorFlow have thousands of both.
    """
    before, again = sys.unraisablehook, list[threading.Timer]()

    def report(what: sys.UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            before(what)
            return
        again.append(threading.Timer(SOON, _interrupt))
        again[-1].daemon = True
        again[-1].start()

    sys.unraisablehook = report
    try:
        yield
    finally:
        sys.unraisablehook = before
        for timer in again:
            timer.cancel()


def _interrupt() -> None:
    """Interrupt the main thread, also where it waits in the system."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:  # Windows
        _thread.interrupt_main()
