"""Pictures, and something that answers them at once."""

import numpy as np
import pytest

from zoo.inference.graphs import Graph

SIDE = 16


@pytest.fixture
def graph():
    """A graph whose probabilities are shares of red, green and blue; ``asked`` has the sizes of its batches."""
    asked = []

    def answer(images):
        asked.append(len(images))
        colours = images.mean(axis=(1, 2), dtype=np.float32) + 1
        return {
            "probabilities": colours / colours.sum(axis=1, keepdims=True),
            "uncertainty": colours[:, 0],
            "logits": 0,
        }

    made = Graph(answer, ("red", "green", "blue"), (SIDE, SIDE), SIDE**2, True, "a graph")
    object.__setattr__(made, "asked", asked)
    return made


@pytest.fixture
def answered(graph, monkeypatch):
    """The sizes of the batches that ``predict`` has answered by ``graph``, whatever model it is given."""
    monkeypatch.setattr("zoo.inference.prediction.check_model", lambda model: None)
    monkeypatch.setattr("zoo.inference.prediction.open_graph", lambda *_, **__: graph)
    return graph.asked


@pytest.fixture(scope="session")
def ensemble(trained):
    return trained


@pytest.fixture(scope="session")
def run(trained, tmp_path_factory):
    """A folder of its own: other tests fit into the store, which then opens their ensembles."""
    return trained.save(tmp_path_factory.mktemp("run"))
