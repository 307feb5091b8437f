"""An ensemble's graph as a SavedModel: each weight once, equal bytes for equal graphs.

Keras' own ``model.export`` stores every weight twice. A plain ``tf.Module`` that tracks each variable once gives
half the bytes in a third of the time, and is read by any TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo.export.format import FLOAT16, FLOAT32, SAVED_MODEL, Format
from zoo.export.graph import EnsembleGraph
from zoo.export.reading.decode import read
from zoo.export.reproducible_bytes import make_canonical
from zoo.state.export_files import GRAPH_FILE

SERVING, TOP_K, BYTES = "serving_default", "top_k", "serving_bytes"
SIGNATURES = {SERVING: ("images",), TOP_K: ("images", "k"), BYTES: ("image_bytes",)}
"""By name the inputs of each."""

LARGE = 1024  # numbers of a kernel

OPEN = """
import tensorflow as tf
def opened(path):
    model = tf.saved_model.load(path)
    def predict(images):
        outputs = model.signatures["serving_default"](images=tf.constant(images))
        return {name: output.numpy() for name, output in outputs.items()}
    predict.model = model
    return predict
"""
CHECK = """
def check(predict, images, outputs):
    files = tf.stack([tf.io.encode_png(image) for image in images])
    for name, output in predict.model.signatures["serving_bytes"](image_bytes=files).items():
        tf.debugging.assert_near(output, outputs[name], rtol=1e-4, atol=1e-4, message=name + " of serving_bytes")
"""


def write(graph: EnsembleGraph, folder: Path, storage: str, calibration: np.ndarray | None) -> None:
    """Write the signatures ``serving_default``, ``top_k`` and ``serving_bytes``.

    Biases and norms are constants of the graph: each variable costs time to write, to restore and to read.

    Args:
        graph: of an ensemble.
        folder: to write to.
        storage: ``float32``, or ``float16`` of large weights, which are computed with as float32.
        calibration: None.
    """
    large = [weight for weight in graph.weights if _is_large(weight)]
    stored = [_stored(weight, storage == FLOAT16) for weight in large]
    images = tf.TensorSpec((None, *graph.image_size, 3), tf.uint8, name="images")
    predicting = tf.function(_predicting(graph, large, stored), autograph=False, jit_compile=False)
    serve = predicting.get_concrete_function(images)
    count = tf.TensorSpec((), tf.int32, name="k")
    best = tf.function(_top_k(serve), autograph=False).get_concrete_function(images, count)
    files = tf.TensorSpec((None,), tf.string, name="image_bytes")
    of_files = tf.function(_of_bytes(serve, graph), autograph=False).get_concrete_function(files)
    signatures = {SERVING: serve, TOP_K: best, BYTES: of_files}
    module = tf.Module()  # tracks what is stored, and not the layers, which would store it once more
    module.weights, module.serve = stored, serve
    tf.saved_model.save(module, str(folder), signatures=signatures)
    make_canonical(folder)


def _stored(weight: keras.Variable, half: bool) -> tf.Variable:
    """A large weight as it is stored."""
    if half and _fits_in_half(np.asarray(weight)):
        return tf.Variable(tf.cast(weight.value, tf.float16), trainable=False)
    return weight.value


def _predicting(
    graph: EnsembleGraph, large: Sequence[keras.Variable], stored: Sequence[tf.Variable]
) -> Callable[[tf.Tensor], Any]:
    """A function that predicts images with the weights as they are stored."""
    small = [(weight, np.asarray(weight)) for weight in graph.weights if not _is_large(weight)]
    pairs = zip(large, stored, strict=True)
    narrowed = [(weight, written) for weight, written in pairs if written.dtype != weight.dtype]

    def predict(images: tf.Tensor) -> Any:
        values = [(weight, tf.constant(numbers)) for weight, numbers in small]
        values += [(weight, tf.cast(written, weight.dtype)) for weight, written in narrowed]
        with keras.StatelessScope(state_mapping=values):
            return graph(images)

    return predict


def _is_large(weight: keras.Variable) -> bool:
    return len(weight.shape) > 1 and int(np.prod(weight.shape)) >= LARGE


def _fits_in_half(values: np.ndarray) -> bool:
    return values.dtype == np.float32 and bool(np.abs(values).max(initial=0) <= np.finfo(np.float16).max)


def _top_k(serve: Any) -> Any:
    """The ``k`` most probable classes of each image, the most probable first."""

    def top_k(images: tf.Tensor, k: tf.Tensor) -> dict[str, tf.Tensor]:
        probabilities = serve(images=images)["probabilities"]
        best = tf.math.top_k(probabilities, tf.minimum(k, tf.shape(probabilities)[-1]))
        return {"classes": best.indices, "probabilities": best.values}

    return top_k


def _of_bytes(serve: Any, graph: EnsembleGraph) -> Any:
    """The predictions for files: JPEG and PNG, read as those of the training.

    TensorFlow Serving's REST decodes base64 for any input of strings; names that end in ``_bytes`` say that it has to.
    """

    def serving_bytes(image_bytes: tf.Tensor) -> Any:
        shape = tf.TensorSpec((*graph.image_size, 3), tf.uint8)
        pictures = tf.map_fn(
            lambda contents: read(contents, graph.image_size, graph.reading), image_bytes, fn_output_signature=shape
        )
        return serve(images=pictures)

    return serving_bytes


FORMAT = Format(SAVED_MODEL, GRAPH_FILE, (FLOAT32, FLOAT16), write, OPEN, signatures=SIGNATURES, check_script=CHECK)
