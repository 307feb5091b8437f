"""An ensemble's graph as an ONNX file, by tf2onnx.

Grouped convolutions and Keras' exact GELU, which tf2onnx does not support, are rewritten before
(:mod:`zoo.export.optimise`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from zoo.export.format import FLOAT32, INT8, Format
from zoo.export.graph import EnsembleGraph
from zoo.export.quantisation import quantise

OPSET = 17  # of 2022: what runs an ensemble is often older than what writes it

OPEN = """
import onnxruntime
def opened(path):
    session = onnxruntime.InferenceSession(path + "/model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(None, {"images": images})))
"""


def write(graph: EnsembleGraph, folder: Path, storage: str, calibration: np.ndarray | None) -> None:
    """Write ``model.onnx``: input ``images``, outputs by the names of the predictions.

    Args:
        graph: of an ensemble.
        folder: to write to.
        storage: ``float32``; or ``int8``, of weights and activations.
        calibration: for int8, images ``(n, H, W, 3)`` uint8 that show the range of the activations.
    """
    import tf2onnx

    images = [tf.TensorSpec((None, *graph.image_size, 3), tf.uint8, name="images")]
    predict = tf.function(graph.__call__, input_signature=images, autograph=False)
    converted, _ = tf2onnx.convert.from_function(predict, input_signature=images, opset=OPSET)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(converted.SerializeToString())
    if calibration is not None:
        quantise(folder / "model.onnx", calibration)


FORMAT = Format("onnx", "model.onnx", (FLOAT32, INT8), write, OPEN, ("tf2onnx", "onnxruntime"), ".onnx")
