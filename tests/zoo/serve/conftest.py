"""A model that answers by colours, at once; an export that was trained; and clients of applications around them."""

import socket
import threading
from contextlib import contextmanager
from importlib.util import find_spec
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from zoo.inference.graphs import Graph
from zoo.serve.decisions import Decisions
from zoo.serve.served_model import ServedModel, open_model
from zoo.serve.settings import Settings

NEEDED = ("fastapi", "uvicorn", "python_multipart", "prometheus_client", "httpx2")
if missing := [name for name in NEEDED if find_spec(name) is None]:
    print(f"tests of serving are left out: {', '.join(missing)} missing; pip install 'ensemble-zoo[test]'")
    collect_ignore_glob = ["test_*.py"]

SIDE = 16
CLASSES = ("red", "green", "blue")


def shares(images):
    """Probabilities that are shares of red, green and blue; the uncertainty is one minus the largest."""
    colours = images.mean(axis=(1, 2), dtype=np.float32) + 1
    probabilities = colours / colours.sum(axis=1, keepdims=True)
    uncertainty = 1 - probabilities.max(axis=1)
    return {"probabilities": probabilities, "logits": np.log(probabilities), "uncertainty": uncertainty}


def served(answer):
    """A model with thresholds, around a function that answers."""
    graph = Graph(answer, CLASSES, (SIDE, SIDE), SIDE**2, True, "a hash")
    decisions = Decisions(classes=3, error=0.01, threshold=0.5, coverage=0.95, highest=0.75)
    return ServedModel(graph, {"classes": list(CLASSES)}, decisions, "saved_model")


@pytest.fixture
def model():
    return served(shares)


@pytest.fixture
def of_answer():
    """Makes a model of a function that answers."""
    return served


@pytest.fixture
def client_of():
    """A client of an application around a model, as long as a block runs."""
    from fastapi.testclient import TestClient

    from zoo.serve.application import create_app

    @contextmanager
    def made(model, **options):
        with TestClient(create_app(Settings(model="", **{"batch": 4, **options}), model)) as client:
            yield client

    return made


@pytest.fixture
def client(client_of, model):
    with client_of(model) as made:
        yield made


@pytest.fixture(scope="session")
def encode():
    """Write pixels as the bytes of a file."""

    def made(pixels, kind="PNG", **options):
        file = BytesIO()
        Image.fromarray(pixels).save(file, kind, **options)
        return file.getvalue()

    return made


@pytest.fixture(scope="session")
def colour(encode):
    """The file of a picture of one colour."""

    def made(red, green, blue, side=SIDE, kind="PNG"):
        return encode(np.full((side, side, 3), (red, green, blue), np.uint8), kind)

    return made


@pytest.fixture(scope="session")
def export(trained, asked_here, tmp_path_factory):
    """An export that predicts its uncertainty, and lists thresholds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.export.writing.fresh_process", asked_here)
        return trained.export(tmp_path_factory.mktemp("served") / "model", uncertainty=True)


@pytest.fixture(scope="session")
def opened(export):
    """The export, open as a server has it; TensorFlow's frozen weights are for processes that predict alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zoo.serve.served_model.assume_frozen_weights", lambda: None)
        return open_model(Settings(model=str(export), error=0.05))


@pytest.fixture
def address(model):
    """The address of a server in a thread."""
    import uvicorn

    from zoo.serve.application import create_app

    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(model=""), model), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    yield f"http://127.0.0.1:{bound.getsockname()[1]}/"
    server.should_exit = True
    thread.join()
