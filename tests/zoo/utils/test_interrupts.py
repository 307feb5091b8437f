"""zoo/utils/interrupts.py: an interrupt that Python only reports comes again."""

import sys
import time
import weakref

import pytest

from zoo.utils.interrupts import interrupts_kept


class Watched:
    pass


def _raising(error):
    """Have an error come in the callback of a reference, which Python cannot raise."""

    def callback(_):
        raise error

    watched = Watched()
    reference = weakref.ref(watched, callback)
    del watched
    return reference


def _work_with_an_interrupt():
    _raising(KeyboardInterrupt)
    time.sleep(20)


def test_an_interrupt_in_a_callback_reaches_the_work():
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interrupts_kept():
        _work_with_an_interrupt()
    assert time.monotonic() - start < 10


def test_other_errors_are_reported_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with interrupts_kept():
        _raising(ValueError("other"))
    assert [what.exc_type for what in told] == [ValueError]
    assert sys.unraisablehook == told.append


def test_none_comes_once_the_work_is_done():
    with interrupts_kept():
        _raising(KeyboardInterrupt)
    time.sleep(0.2)
