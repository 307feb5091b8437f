"""Not in a forked process of the tests' own: that would take their threads and files along."""

import os
import subprocess
import sys

import pytest

from zoo.utils import forks

SCRIPT = """
import multiprocessing, sys
import keras, numpy as np
from zoo import Member
images = keras.Input((8, 8, 3))
member = Member.from_keras(keras.Model(images, keras.layers.Dense(3)(keras.layers.Flatten()(images))), "net")
pictures = np.zeros((2, 8, 8, 3), np.uint8)
member.logits(pictures)
def ask(way):
    try:
        member.logits(pictures)
    except RuntimeError as error:
        return str(error)
with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.map_async(ask, [0]).get(60)[0])
"""


@pytest.mark.slow
def test_a_forked_process_is_told_at_once_that_it_cannot_predict():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=120)
    assert "spawn" in done.stdout, done.stderr[-500:]


def test_a_process_of_its_own_can_predict(monkeypatch):
    monkeypatch.setattr(forks, "_late_forks", {os.getpid() + 1})
    forks.check_not_forked()
    monkeypatch.setattr(forks, "_late_forks", {os.getpid()})
    with pytest.raises(RuntimeError, match="threads"):
        forks.check_not_forked()
