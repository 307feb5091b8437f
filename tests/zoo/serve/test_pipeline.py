"""zoo/serve/pipeline.py: what becomes of a request that cannot be decoded, and of an engine that ends."""

import pytest

from zoo.serve.pipeline import Pipeline
from zoo.serve.settings import Settings


def test_no_room_is_lost_where_no_thread_can_be_started(model, colour, monkeypatch):
    pipeline = Pipeline(model, Settings(model="", queue=4))
    parts = [pipeline.encoded(str(number), colour(9, 9, 200)) for number in range(4)]
    submit, submitted = pipeline._decoders.submit, []

    def failing(*work):
        if len(submitted) == 1:
            raise RuntimeError("can't start new thread")
        submitted.append(submit(*work))

    with monkeypatch.context() as patch:
        patch.setattr(pipeline._decoders, "submit", failing)
        with pytest.raises(RuntimeError, match="thread"):
            pipeline.submit(parts)
    submitted[0].result(10)
    answers = [future.result(10) for future in pipeline.submit(parts)]
    assert [int(row["probabilities"].argmax()) for row in answers] == [2, 2, 2, 2]
    pipeline.close()
    assert pipeline.batcher.underway == 0


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
