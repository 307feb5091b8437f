"""Pictures, and something that answers them at once."""

import numpy as np
import pytest
from PIL import Image

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


@pytest.fixture
def pixels():
    """40 pictures of noise, each brighter than the last."""
    noise = np.random.default_rng(0).integers(0, 60, (40, SIDE, SIDE, 3))
    return (noise + np.arange(40)[:, None, None, None]).astype(np.uint8)


@pytest.fixture
def folder(pixels, tmp_path):
    """The pictures as files, 0.png to 39.png, in two folders of which one is in another."""
    root = tmp_path / "images"
    (root / "a" / "deep").mkdir(parents=True)
    for row, picture in enumerate(pixels):
        Image.fromarray(picture).save(root / ("a" if row < 20 else "a/deep") / f"{row}.png")
    return root


@pytest.fixture(scope="session")
def ensemble(trained):
    return trained


@pytest.fixture(scope="session")
def run(trained):
    return trained.store
