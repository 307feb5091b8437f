"""An exported SavedModel behind LitServe, for ``serve_speed.py``: the same decoding, batches of the same size.

python benchmarks/serve_litserve.py SAVED_MODEL BATCH --port PORT
"""

from __future__ import annotations

import base64
import sys

import litserve
import numpy as np

from zoo.data.pictures.image_io import read
from zoo.export.loading import assume_frozen_weights


class Api(litserve.LitAPI):
    """Decode a body, predict what waits together, answer with class and probabilities."""

    def setup(self, device: str) -> None:
        """Open the graph, in the process that predicts."""
        assume_frozen_weights()
        from zoo.inference.graphs import open_graph

        self.graph = open_graph(sys.argv[1])

    def decode_request(self, request: dict) -> np.ndarray:
        """Decode a picture as ``zoo serve`` does; LitServe takes it as base64 in JSON."""
        return read(base64.b64decode(request["image"]), self.graph.image_size, self.graph.reading)

    def batch(self, inputs: list[np.ndarray]) -> np.ndarray:
        """Join what waits."""
        return np.stack(inputs)

    def predict(self, images: np.ndarray) -> list[np.ndarray]:
        """Predict a batch."""
        return list(self.graph.answer(images)["probabilities"])

    def unbatch(self, output: list[np.ndarray]) -> list[np.ndarray]:
        """Leave the rows as they are."""
        return output

    def encode_response(self, probabilities: np.ndarray) -> dict:
        """Answer with class and probabilities."""
        best = int(probabilities.argmax())
        return {
            "class": self.graph.classes[best],
            "probabilities": dict(zip(self.graph.classes, probabilities.tolist(), strict=True)),
        }


if __name__ == "__main__":
    api = Api(max_batch_size=int(sys.argv[2]), batch_timeout=0.005)
    litserve.LitServer(api, accelerator="cpu", timeout=30).run(port=int(sys.argv[-1]), generate_client_file=False)
