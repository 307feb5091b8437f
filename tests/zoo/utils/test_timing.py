import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from zoo.utils import timing as cost
from zoo.utils.timing import stopwatch


@pytest.mark.fits
def test_the_peak_stays_after_the_memory_is_given_back():
    """In a process of its own, where little memory is a peak."""
    code = (
        "import numpy as np; from zoo.utils.timing import peak_memory; before = peak_memory();"
        "held = np.ones(before + 10**7, np.uint8); del held; print(peak_memory() - before)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(told) >= 10**7


def test_a_stopwatch_tells_minutes_and_memory():
    assert re.fullmatch(r"0\.0 min, peak memory \d+\.\d GB", stopwatch()())


@pytest.mark.fits
@pytest.mark.skipif(not cost.STATUS.is_file(), reason="of Linux alone")
def test_a_process_does_not_answer_for_its_parents_memory():
    held = np.ones(4 * 10**8, np.uint8)
    code = "from zoo.utils.timing import peak_memory; print(peak_memory())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(told) < held.nbytes


def test_where_the_system_does_not_tell_only_minutes_are_told(monkeypatch):
    monkeypatch.setattr(cost, "STATUS", Path("none"))
    monkeypatch.setitem(sys.modules, "resource", None)
    assert stopwatch()() == "0.0 min"
