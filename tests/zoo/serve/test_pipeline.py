"""zoo/serve/pipeline.py: what becomes of a request that cannot be decoded, and of an engine that ends."""

from threading import Event

import pytest

from zoo.serve.pipeline import Part, Pipeline
from zoo.serve.settings import Settings


@pytest.fixture
def pipeline(model):
    pipeline = Pipeline(model, Settings(model="", queue=4))
    yield pipeline
    pipeline.close()


def _fails_after_one(submit, began, *, runs):
    """Fail from the second work on; Python's own pool has it in its queue already where a thread cannot be started."""

    def failing(*work):
        if began and runs:
            submit(*work)
        if began:
            raise RuntimeError("can't start new thread")
        began.append(submit(*work))

    return failing


@pytest.mark.parametrize("runs", [False, True])
def test_no_room_is_lost_and_none_is_won_where_no_thread_can_be_started(pipeline, colour, monkeypatch, runs):
    began, given_up = [], Event()
    first = pipeline.encoded("0", colour(9, 9, 200))
    slow = Part("0", lambda: given_up.wait(10) and first.load())
    parts = [pipeline.encoded(str(number), colour(9, 9, 200)) for number in range(4)]
    with monkeypatch.context() as patch:
        patch.setattr(pipeline._decoders, "submit", _fails_after_one(pipeline._decoders.submit, began, runs=runs))
        with pytest.raises(RuntimeError, match="thread"):
            pipeline.submit([slow, *parts[1:]])
    given_up.set()
    began[0].result(10)
    pipeline.close()  # what was decoded after all is dropped by the engine's thread
    assert pipeline.batcher.underway == 0


def test_all_room_is_there_for_the_next_request(pipeline, colour):
    parts = [pipeline.encoded(str(number), colour(9, 9, 200)) for number in range(4)]
    for _ in range(3):
        answers = [future.result(10) for future in pipeline.submit(parts)]
        assert [int(row["probabilities"].argmax()) for row in answers] == [2, 2, 2, 2]


def test_there_are_as_many_decoders_as_cores_that_may_be_used(model, monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    pipeline = Pipeline(model, Settings(model=""))
    assert pipeline._decoders._max_workers == 1
    pipeline.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_whose_engine_has_ended_is_not_ready(client_of, of_answer, colour):
    def ending(images):
        raise SystemExit

    with client_of(of_answer(ending), timeout=0.5) as client:
        assert client.get("/readyz").status_code == client.get("/v2/health/ready").status_code == 200
        assert client.post("/predict", content=colour(9, 9, 200)).status_code == 503
        for path in ("/readyz", "/v2/health/ready", "/v2/models/ensemble/ready"):
            assert client.get(path).status_code == 503
        assert client.get("/healthz").status_code == 200
