"""zoo/inference/engines/choice.py, on engines that answer at once or slowly."""

import logging
import time
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pytest

from zoo.data.pictures.pixel_reading import PLAIN
from zoo.inference.engines import choice
from zoo.inference.engines.choice import Work, open_engine
from zoo.inference.engines.engine import Opened
from zoo.inference.engines.runnable import Runnable

WORK = Work((4,), 100)


def _answer(seconds, shift, images):
    time.sleep(seconds)
    return {"probabilities": images.mean(axis=(1, 2), dtype=np.float32) / 765 + shift}


@dataclass
class Kept:
    """What stands for an ONNX graph."""

    seconds: float = 0.0
    shift: float = 0.0
    there: bool = True
    made: list = field(default_factory=list)

    def find(self):
        opened = Opened("onnx", partial(_answer, self.seconds, self.shift), 256)
        return (lambda batch: opened) if self.there else None

    def find_or_make(self):
        if not self.there:
            self.made.append(1)
            self.there = True
        return self.find()


@pytest.fixture
def runtimes(monkeypatch):
    """Both packages are there, and no GPU."""
    monkeypatch.setattr(choice, "find_spec", lambda name: name)
    monkeypatch.setattr(choice, "_has_gpu", lambda: False)


def _model(kept, seconds=0.0):
    opened = Opened("tensorflow", partial(_answer, seconds, 0.0), 256)
    return Runnable("a run", ("a", "b", "c"), (16, 16), False, "x", PLAIN, {"tensorflow": lambda batch: opened}, kept)


@pytest.mark.usefixtures("runtimes")
@pytest.mark.parametrize(("own", "other", "taken"), [(0.02, 0.0, "onnx"), (0.0, 0.02, "tensorflow")])
def test_the_faster_one_is_taken_and_told(own, other, taken, caplog):
    with caplog.at_level(logging.INFO, "zoo"):
        opened = open_engine(_model(Kept(other), own), "auto", WORK)
    assert opened.engine == taken
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith(f"engine {taken}: ")
    assert all(word in line for word in ("tensorflow", "onnx", "batches of 4"))


@pytest.mark.usefixtures("runtimes")
def test_one_that_answers_differently_is_not_taken(caplog):
    with caplog.at_level(logging.INFO, "zoo"):
        assert open_engine(_model(Kept(shift=0.01), 0.02), "auto", WORK).engine == "tensorflow"
    assert "differ by 0.01" in caplog.text


@pytest.mark.usefixtures("runtimes")
@pytest.mark.parametrize(("images", "seconds", "makes"), [(499, 0.2, False), (600, 0.001, False), (3000, 0.2, True)])
def test_a_graph_is_made_only_where_it_saves_a_minute(images, seconds, makes, monkeypatch):
    monkeypatch.setattr(
        choice, "images_per_second", lambda answers, _, sizes: {sizes[0]: dict.fromkeys(answers, 1 / seconds)}
    )
    kept = Kept(there=False)
    open_engine(_model(kept), "auto", Work((8,), images))
    assert bool(kept.made) is makes


def test_without_the_runtime_the_line_says_how_to_install_it(monkeypatch, caplog):
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    with caplog.at_level(logging.INFO, "zoo"):
        assert open_engine(_model(Kept()), "auto", WORK).engine == "tensorflow"
    assert "pip install 'ensemble-zoo[onnx]'" in caplog.text


@pytest.mark.usefixtures("runtimes")
def test_a_named_engine_is_opened_and_another_refused(refused):
    kept = Kept(there=False)
    assert open_engine(_model(kept), "onnx", WORK).engine == "onnx"
    assert kept.made
    with refused("--engine", "a run", "tensorflow, onnx", "'litert'"):
        open_engine(_model(kept), "litert", WORK)
    with refused("--engine", "a run", "'onnx'"):
        open_engine(_model(None), "onnx", WORK)
