"""Limits: bytes, pixels, pictures and time; the token; and that a server stops when it has answered."""

import threading
import time

import numpy as np
import pytest

from zoo.serve.bodies import Budget
from zoo.serve.refusal import RefusalError


def test_a_bomb_is_refused_before_it_is_decoded(client_of, model, encode, monkeypatch):
    import zoo.serve.pictures

    monkeypatch.setattr(zoo.serve.pictures, "read", lambda *_: pytest.fail("decoded"))
    bombs = [encode(np.zeros((1000, 1200), np.uint8), kind) for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF")]
    with client_of(model, max_megapixels=1) as client:
        for bomb in bombs:
            sent = client.post("/predict", content=bomb)
            assert (sent.status_code, "1000x1200" in sent.json()["error"]) == (413, True)


def test_what_pillow_itself_calls_a_bomb_is_refused(client, encode):
    huge = encode(np.zeros((1, 1), np.uint8)).replace(
        b"\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01", b"\0\0\0\x0dIHDR\0\1\0\0\0\1\0\0"
    )
    import zlib

    head = huge[12:29]
    huge = huge[:29] + zlib.crc32(head).to_bytes(4, "big") + huge[33:]
    sent = client.post("/predict", content=huge)
    assert (sent.status_code, "--max-megapixels" in sent.json()["error"]) == (413, True)


def test_raw_pixels_have_the_same_limit(client_of, model):
    with client_of(model, max_megapixels=1) as client:
        sent = client.post("/predict?shape=1,1001,1000,1", content=bytes(1_001_000))
        assert (sent.status_code, "1001x1000" in sent.json()["error"]) == (413, True)


def test_a_body_that_is_too_large_is_not_read(client_of, model):
    with client_of(model, max_megabytes=1) as client:

        def chunks():
            for _ in range(64):
                yield bytes(2**16)

        for content in (bytes(2**20 + 1), chunks()):
            sent = client.post("/predict", content=content)
            assert (sent.status_code, "--max-megabytes" in sent.json()["error"]) == (413, True)


def test_all_bodies_together_have_a_limit():
    budget = Budget(most=10)
    for _ in range(8):
        budget.take(10, 10)
    with pytest.raises(RefusalError, match="at a time") as refused:
        budget.take(1, 1)
    assert (refused.value.status, refused.value.retry_after) == (429, 1)
    budget.held -= 10
    budget.take(1, 1)


def test_a_compressed_body_is_refused(client):
    sent = client.post("/predict", content=b"x", headers={"Content-Encoding": "gzip"})
    assert (sent.status_code, "gzip" in sent.json()["error"]) == (415, True)


@pytest.fixture
def slow(of_answer):
    """A model whose engine waits until it is let go."""
    go, entered = threading.Event(), threading.Event()

    def answer(images):
        if images.any():
            entered.set()
            go.wait(20)
        colours = images.mean(axis=(1, 2), dtype=np.float32) + 1
        probabilities = colours / colours.sum(axis=1, keepdims=True)
        return {"probabilities": probabilities, "logits": np.log(probabilities), "uncertainty": probabilities[:, 0]}

    made = of_answer(answer)
    object.__setattr__(made, "go", go)
    object.__setattr__(made, "entered", entered)
    yield made
    go.set()


def test_a_full_queue_says_when_to_come_again(client_of, slow, colour):
    answers = []
    with client_of(slow, queue=2) as client:

        def send():
            answers.append(client.post("/predict", content=colour(1, 1, 99)).status_code)

        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        while client.app.state.context.pipeline.batcher.underway < 2:
            time.sleep(0.01)
        sent = client.post("/predict", content=colour(1, 1, 99))
        assert (sent.status_code, "--queue" in sent.json()["error"]) == (429, True)
        assert int(sent.headers["Retry-After"]) >= 1
        form = [("files", ("a.png", colour(1, 1, 99)))] * 2
        assert client.post("/predict", files=form).status_code == 429
        assert 'zoo_pictures_total{outcome="refused"} 3.0' in client.get("/metrics").text
        assert client.get("/healthz").status_code == 200
        slow.go.set()
        for thread in threads:
            thread.join()
    assert answers == [200, 200]


def test_a_request_that_takes_too_long_is_told_so_and_later_ones_are_answered(client_of, slow, colour):
    with client_of(slow, timeout=0.2) as client:
        sent = client.post("/predict", content=colour(1, 1, 99))
        assert (sent.status_code, "0.2 s" in sent.json()["error"]) == (503, True)
        assert int(sent.headers["Retry-After"]) >= 1
        slow.go.set()
        assert client.post("/predict", content=colour(99, 1, 1)).json()["predictions"][0]["class"] == "red"


def test_a_server_that_stops_answers_what_is_under_way(client_of, slow, colour):
    answers = []
    with client_of(slow) as client:
        sender = threading.Thread(target=lambda: answers.append(client.post("/predict", content=colour(1, 1, 99))))
        sender.start()
        assert slow.entered.wait(10)
        batcher = client.app.state.context.pipeline.batcher
        closing = threading.Thread(target=batcher.close)
        closing.start()
        while not batcher.is_closing:
            time.sleep(0.01)
        assert client.get("/readyz").status_code == 503
        assert client.post("/predict", content=colour(1, 1, 99)).status_code == 503
        slow.go.set()
        sender.join()
        closing.join()
    assert answers[0].json()["predictions"][0]["class"] == "blue"


def test_a_token_is_asked_for_where_one_is_set(client_of, model, colour, monkeypatch):
    monkeypatch.setenv("ZOO_TOKEN", "a secret")
    with client_of(model) as client:
        for headers in (
            {},
            {"Authorization": "Bearer another"},
            {"Authorization": "a secret"},
            {"Authorization": "Basic a secret"},
        ):
            for path in ("/predict", "/explain", "/v2/models/ensemble/infer"):
                sent = client.post(path, content=colour(1, 1, 99), headers=headers)
                assert (sent.status_code, "ZOO_TOKEN" in sent.json()["error"]) == (401, True)
            assert client.get("/model", headers=headers).status_code == 401
            assert client.get("/metrics", headers=headers).status_code == 401
        right = {"Authorization": "Bearer a secret"}
        for scheme in ("Bearer", "bearer", "BEARER"):
            right["Authorization"] = f"{scheme} a secret"
            assert client.post("/predict", content=colour(1, 1, 99), headers=right).status_code == 200
        for path in ("/", "/healthz", "/readyz", "/docs", "/openapi.json", "/v2/health/live", "/page/page.js"):
            assert client.get(path).status_code == 200, path
