"""zoo/utils/interrupts.py: an interrupt that is lost on its way comes again, and one that is on its way does not."""

import signal
import sys
import threading
import time
import weakref
from contextlib import suppress

import pytest

from zoo.utils.interrupts import interrupts_kept

pytestmark = pytest.mark.usefixtures("interruptible")


class Watched:
    pass


def _in_a_callback():
    """Have an interrupt come in the callback of a reference, which Python cannot raise."""
    watched = Watched()
    reference = weakref.ref(watched, lambda _: signal.raise_signal(signal.SIGINT))
    del watched
    return reference


def _in_code_that_catches_all():
    with suppress(BaseException):  # as some libraries do
        signal.raise_signal(signal.SIGINT)


def _work(lose):
    lose()
    time.sleep(20)


@pytest.mark.parametrize("lose", [_in_a_callback, _in_code_that_catches_all])
def test_an_interrupt_that_is_lost_ends_the_work(lose):
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interrupts_kept():
        _work(lose)
    assert time.monotonic() - start < 10
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _cleaning_up(done):
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        try:
            time.sleep(1)
            raise ValueError  # which is the one that is handled now
        except ValueError:
            time.sleep(1)
        done.append("cleaned")


def test_what_cleans_up_is_not_interrupted_again():
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_kept():
        _cleaning_up(done)
    assert done == ["cleaned"]
    time.sleep(0.8)


def test_none_comes_once_the_work_is_done():
    with interrupts_kept():
        _in_code_that_catches_all()
    time.sleep(0.8)


def test_other_errors_are_reported_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with interrupts_kept():
        watched = Watched()
        reference = weakref.ref(watched, lambda _: 1 / 0)
        del watched
    assert reference() is None
    assert [what.exc_type for what in told] == [ZeroDivisionError]
    assert sys.unraisablehook == told.append


@pytest.mark.parametrize("where", ["ignored", "thread"])
def test_where_signals_are_not_its_own_nothing_is_changed(where, monkeypatch):
    found = []

    def look():
        with interrupts_kept():
            found.append(signal.getsignal(signal.SIGINT))

    if where == "ignored":
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            look()
        finally:
            signal.signal(signal.SIGINT, before)
        assert found == [signal.SIG_IGN]
    else:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert found == [signal.default_int_handler]
