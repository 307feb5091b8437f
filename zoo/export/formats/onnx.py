"""An ensemble's graph as an ONNX file, by tf2onnx.

Grouped convolutions and Keras' exact GELU, which tf2onnx does not support, are rewritten before
(:mod:`zoo.export.optimise`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from zoo.export.format import FLOAT32, INT8, Format
from zoo.export.graph import EnsembleGraph
from zoo.export.quantisation import quantise
from zoo.utils.text import Size

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
    folder.mkdir(parents=True, exist_ok=True)
    if calibration is None:
        write_function(graph.__call__, graph.image_size, folder / "model.onnx")
    else:
        write_function(graph.with_member_logits, graph.image_size, folder / "model.onnx")
        quantise(folder / "model.onnx", calibration)


def write_function(predict: Callable[[tf.Tensor], Any], image_size: Size, path: Path) -> None:
    """Write what predicts: from ``images`` ``(N, H, W, 3)`` uint8 to tensors by name.

    Args:
        predict: the function.
        image_size: ``(height, width)`` in pixels.
        path: the file.
    """
    import tf2onnx

    images = [tf.TensorSpec((None, *image_size, 3), tf.uint8, name="images")]
    traced = tf.function(predict, input_signature=images, autograph=False)
    converted, _ = tf2onnx.convert.from_function(traced, input_signature=images, opset=OPSET)
    path.write_bytes(converted.SerializeToString())


FORMAT = Format("onnx", "model.onnx", (FLOAT32, INT8), write, OPEN, needs=("tf2onnx", "onnxruntime"), suffix=".onnx")
