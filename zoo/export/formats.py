"""What an ensemble can be written as, and how its weights can be stored in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.checks import as_pixels
from zoo.sizes import Size

if TYPE_CHECKING:
    from zoo.export.graph import EnsembleGraph

SAVED_MODEL, ONNX, LITERT = "saved_model", "onnx", "litert"
FLOAT32, FLOAT16, INT8 = "float32", "float16", "int8"

# Each can open a model, as a function of images to answers by name.
OPEN_SAVED_MODEL = """
import tensorflow as tf
def opened(path):
    model = tf.saved_model.load(path)
    def ask(images):
        answers = model.signatures["serving_default"](images=tf.constant(images))
        return {name: answer.numpy() for name, answer in answers.items()}
    return ask
"""
OPEN_ONNX = """
import onnxruntime
def opened(path):
    session = onnxruntime.InferenceSession(path + "/model.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(None, {"images": images})))
"""
OPEN_LITERT = """
from ai_edge_litert.interpreter import Interpreter
def opened(path):
    runner = Interpreter(path + "/model.tflite").get_signature_runner("serving_default")
    return lambda images: runner(images=images)
"""
ANSWER = """
import json
import numpy as np
path, given, answered = json.loads(sys.stdin.readline())
ask, images = opened(path), np.load(given)
parts = [ask(images[start : start + 16]) for start in range(0, len(images), 16)]
np.savez(answered, **{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
"""


@dataclass(frozen=True)
class Format:
    """A way to write a graph.

    Attributes:
        name: as users give it.
        file: what tells a folder of this format from others.
        storages: how weights can be stored, the usual way first.
        read: the script with which a fresh process asks what was written.
        needs: modules that come with the extra of the format's name.
    """

    name: str
    file: str
    storages: Sequence[str]
    read: str
    needs: Sequence[str] = ()

    @property
    def write(self) -> Callable[[EnsembleGraph, Path, str, np.ndarray | None], None]:
        """Write a graph to a folder: graph, folder, storage, images to calibrate with."""
        writer: Callable[[EnsembleGraph, Path, str, np.ndarray | None], None]
        writer = import_module(f"zoo.export.as_{self.name}").write
        return writer

    def check(self, storage: str, calibration: np.ndarray | None, image_size: Size) -> None:
        """Check that weights can be stored so, here.

        Raises:
            ValueError: a storage that the format does not have, int8 without images of the ensemble's size, or images
                without int8.
            ImportError: an extra that is not installed.
        """
        if storage not in self.storages:
            known = ", ".join(self.storages)
            raise ValueError(f"Expected storage as one of {known} in {self.name}; received {storage!r}.")
        if (storage == INT8) != (calibration is not None):
            what = "images to calibrate int8 with" if storage == INT8 else f"no images to calibrate {storage} with"
            raise ValueError(f"Expected {what}; received {'none' if storage == INT8 else 'some'}.")
        if calibration is not None and as_pixels(calibration).shape[1:3] != image_size:
            raise ValueError(f"Expected images of {image_size} to calibrate with; received {calibration.shape[1:3]}.")
        missing = [module for module in self.needs if find_spec(module) is None]
        if missing:
            raise ImportError(
                f"Expected {', '.join(missing)} to write {self.name}; not installed: "
                f"pip install 'ensemble-zoo[{self.name}]'."
            )


FORMATS = {
    form.name: form
    for form in (
        Format(SAVED_MODEL, "saved_model.pb", (FLOAT32, FLOAT16), OPEN_SAVED_MODEL + ANSWER),
        Format(ONNX, "model.onnx", (FLOAT32,), OPEN_ONNX + ANSWER, ("tf2onnx", "onnxruntime")),
        Format(LITERT, "model.tflite", (FLOAT32, FLOAT16, INT8), OPEN_LITERT + ANSWER, ("ai_edge_litert",)),
    )
}


def format_of(name: str) -> Format:
    """Find a format by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in FORMATS:
        raise ValueError(f"Expected format as one of {', '.join(FORMATS)}; received {name!r}.")
    return FORMATS[name]
