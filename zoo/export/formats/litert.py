"""An ensemble's graph as a LiteRT (TensorFlow Lite) file, for phones and small boards."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from zoo.export.format import FLOAT16, FLOAT32, INT8, Format
from zoo.export.formats.saved_model import SERVING
from zoo.export.formats.saved_model import write as write_saved_model
from zoo.export.graph import EnsembleGraph

OPEN = """
import joblib
from ai_edge_litert.interpreter import Interpreter
def opened(path):
    threads = min(joblib.cpu_count(), joblib.cpu_count(only_physical_cores=True))
    runner = Interpreter(path + "/model.tflite", num_threads=threads).get_signature_runner("serving_default")
    return lambda images: runner(images=images)
"""


def write(graph: EnsembleGraph, folder: Path, storage: str, calibration: np.ndarray | None) -> None:
    """Write ``model.tflite`` with the signature ``serving_default``: ``images`` to the predictions by name.

    Args:
        graph: of an ensemble.
        folder: to write to.
        storage: ``float32``; ``float16``, of the weights only; or ``int8``, of weights and activations (Jacob et al.
            2018, arXiv:1712.05877).
        calibration: for int8, images ``(n, H, W, 3)`` uint8 that show the range of the activations.

    Raises:
        ValueError: a network with operations that LiteRT does not have.
    """
    with tempfile.TemporaryDirectory() as scratch:
        write_saved_model(graph, Path(scratch, "model"), FLOAT32, None)
        converter = tf.lite.TFLiteConverter.from_saved_model(str(Path(scratch, "model")), signature_keys=[SERVING])
        if storage != FLOAT32:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if storage == FLOAT16:
            converter.target_spec.supported_types = [tf.float16]
        if calibration is not None:
            converter.representative_dataset = lambda: _one_by_one(calibration)
        with warnings.catch_warnings():
            # Calibration runs on TensorFlow's own interpreter, and uint8 images have no statistics to calibrate.
            warnings.filterwarnings("ignore", message=r"\s*Warning: tf.lite.Interpreter is deprecated")
            warnings.filterwarnings("ignore", message="Statistics for quantized inputs were expected")
            content = _converted(converter)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.tflite").write_bytes(content)


def _converted(converter: tf.lite.TFLiteConverter) -> bytes:
    """The file's content; what the converter refuses is told by the names of the operations."""
    from tensorflow.lite.python.convert import ConverterError

    try:
        content: bytes = converter.convert()
    except ConverterError as error:
        refused = ", ".join(sorted(set(re.findall(r"'(tf\.\w+)' op", str(error))))) or str(error).splitlines()[0]
        raise ValueError(
            f"Expected networks of operations that LiteRT has; its converter refused {refused}. Export as saved_model "
            "or onnx, or leave out the member that uses this."
        ) from error
    return content


def _one_by_one(images: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    for row in range(len(images)):
        yield {"images": images[row : row + 1]}


FORMAT = Format(
    "litert",
    "model.tflite",
    (FLOAT32, FLOAT16, INT8),
    write,
    OPEN,
    needs=("ai_edge_litert",),
    suffix=".tflite",
    signatures={SERVING: ("images",)},
)
