"""Pictures, something that answers them at once, and a small ensemble, trained once."""

import numpy as np
import pytest

from zoo import Ensemble, Recipe
from zoo.data import split
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
    monkeypatch.setattr("zoo.inference.prediction.open_graph", lambda *_, **__: graph)
    return graph.asked


@pytest.fixture(scope="package")
def ensemble(blobs, tmp_path_factory):
    recipe = Recipe(head_epochs=2, epochs=0, batch_size=16, head_learning_rate=3e-3)
    store = tmp_path_factory.mktemp("run")
    fitted = Ensemble(["simple_cnn", "simple_cnn_regularized"], recipe=recipe, store=store).fit(
        split(blobs, validation=0.25)
    )
    fitted.save(store)
    return fitted


@pytest.fixture(scope="package")
def run(ensemble):
    return ensemble.store


@pytest.fixture(scope="package")
def exported(ensemble, tmp_path_factory):
    return ensemble.export(tmp_path_factory.mktemp("exported") / "model")
