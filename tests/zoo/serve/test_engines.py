"""Files of other runtimes are served, with the same answers."""

import numpy as np
import pytest

from zoo.serve.served_model import open_model
from zoo.serve.settings import Settings


def test_an_onnx_file_is_served_with_the_answers_of_the_saved_model(client_of, opened, trained, tmp_path, blobs):
    pytest.importorskip("tf2onnx", reason="pip install 'ensemble-zoo[onnx]'")
    file = trained.export(tmp_path / "cells.onnx", format="onnx", uncertainty=True)
    model = open_model(Settings(model=str(file), error=0.05))
    assert (model.graph.engine, model.kind) == ("onnx", "onnx")
    shape = ",".join(map(str, blobs.pixels.shape))
    answers = []
    for one in (model, opened):
        with client_of(one) as client:
            told = client.post(f"/predict?shape={shape}", content=blobs.pixels.tobytes()).json()["predictions"]
            answers.append([list(row["probabilities"].values()) for row in told])
            assert client.get("/model").json()["engine"] == one.graph.engine
    np.testing.assert_allclose(*answers, atol=1e-5)
