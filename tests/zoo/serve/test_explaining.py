"""zoo/serve/explaining.py: heat maps over HTTP, one at a time."""

import threading
import time
from io import BytesIO

from PIL import Image

from zoo.serve import explaining


def test_a_map_has_the_size_of_the_model_and_names_its_class(client, colour):
    sent = client.post("/explain", content=colour(9, 9, 200, side=40))
    assert (sent.status_code, sent.headers["X-Class"]) == (200, "blue")
    assert Image.open(BytesIO(sent.content)).size == (16, 16)
    other = client.post("/explain?class=red", content=colour(9, 9, 200))
    assert other.headers["X-Class"] == "red"


def test_mistakes_are_named(client, colour):
    form = [("files", (name, colour(9, 9, 200))) for name in "ab"]
    assert client.post("/explain", files=form).status_code == 400
    sent = client.post("/explain?class=bleu", content=colour(9, 9, 200))
    assert (sent.status_code, "blue" in sent.json()["error"]) == (400, True)
    assert client.post("/explain", content=b"no picture").status_code == 422


def test_one_map_is_drawn_at_a_time_even_where_its_request_has_given_up(client_of, model, colour, monkeypatch):
    go, begun, drawing = threading.Event(), [], explaining.occlusion_maps

    def slow(probabilities, images, targets):
        begun.append(images)
        assert go.wait(20)
        return drawing(probabilities, images, targets)

    monkeypatch.setattr(explaining, "occlusion_maps", slow)
    with client_of(model, timeout=0.2) as client:
        for _ in range(3):
            assert client.post("/explain?class=red", content=colour(9, 9, 200)).status_code == 503
        assert len(begun) == 1
        go.set()
        monkeypatch.undo()
        statuses = [client.post("/explain", content=colour(9, 9, 200)).status_code for _ in range(3)]
        assert 200 in statuses


def test_the_time_that_a_request_waits_for_another_map_is_its_own(client_of, model, colour, monkeypatch):
    left = []

    def drawn(context, part, wanted, until):
        left.append(until - time.monotonic())
        time.sleep(0.5)
        return "red", b""

    monkeypatch.setattr(explaining, "_drawn", drawn)
    with client_of(model, timeout=20) as client:
        send = lambda: client.post("/explain", content=colour(9, 9, 200))  # noqa: E731
        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert max(left) > 19.8
    assert min(left) < 19.7
