"""A Keras model as an ONNX file, by tf2onnx.

Grouped convolutions and Keras' exact GELU, which tf2onnx does not know, are written in other words before
(:mod:`zoo.surgery`).
"""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

OPSET = 17  # of 2022: what runs an ensemble is often older than what writes it


def write(model: keras.Model, folder: Path, storage: str, calibration: np.ndarray | None) -> None:
    """Write ``model.onnx``: input ``images``, outputs by the names of the model's dict; float32.

    Args:
        model: uint8 images ``(N, H, W, 3)`` to a dict of answers.
        folder: where to.
        storage: ``float32``.
        calibration: None.
    """
    import tf2onnx

    images = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8, name="images")]
    answer = tf.function(lambda images: model(images, training=False), input_signature=images)
    graph, _ = tf2onnx.convert.from_function(answer, input_signature=images, opset=OPSET)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
