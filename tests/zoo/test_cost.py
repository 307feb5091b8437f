import re
import sys

import numpy as np

from zoo.cost import peak_memory, stopwatch


def test_the_peak_stays_after_the_memory_is_given_back():
    before = peak_memory()
    held = np.ones(before + 10**8, np.uint8)
    del held
    assert peak_memory() >= before + 10**8


def test_a_stopwatch_tells_minutes_and_memory():
    assert re.fullmatch(r"0\.0 min, peak memory \d+\.\d GB", stopwatch()())


def test_where_the_system_does_not_tell_only_minutes_are_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert stopwatch()() == "0.0 min"
