"""What an ensemble can be written as, and how its weights can be stored in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from zoo.export.graph import EnsembleGraph

SAVED_MODEL, ONNX, LITERT = "saved_model", "onnx", "litert"
FLOAT32, FLOAT16, INT8 = "float32", "float16", "int8"

READ_SAVED_MODEL = """
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
answers = model.signatures["serving_default"](images=tf.constant(np.load(sys.argv[2])))
np.savez(sys.argv[3], **{name: answer.numpy() for name, answer in answers.items()})
"""
READ_ONNX = """
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1] + "/model.onnx", providers=["CPUExecutionProvider"])
answers = session.run(None, {"images": np.load(sys.argv[2])})
np.savez(sys.argv[3], **dict(zip((output.name for output in session.get_outputs()), answers)))
"""
READ_LITERT = """
import numpy as np
from ai_edge_litert.interpreter import Interpreter
runner = Interpreter(sys.argv[1] + "/model.tflite").get_signature_runner("serving_default")
np.savez(sys.argv[3], **runner(images=np.load(sys.argv[2])))
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

    def check(self, storage: str, calibration: np.ndarray | None) -> None:
        """Check that weights can be stored so, here.

        Raises:
            ValueError: a storage that the format does not have, or int8 without images, or images without int8.
            ImportError: an extra that is not installed.
        """
        if storage not in self.storages:
            raise ValueError(f"Expected storage as one of {', '.join(self.storages)} in {self.name}; got {storage!r}.")
        if (storage == INT8) != (calibration is not None):
            what = "images to calibrate int8 with" if storage == INT8 else f"no images to calibrate {storage} with"
            raise ValueError(f"Expected {what}; received {'none' if storage == INT8 else 'some'}.")
        missing = [module for module in self.needs if find_spec(module) is None]
        if missing:
            raise ImportError(
                f"Expected {', '.join(missing)} to write {self.name}; not installed: "
                f"pip install 'ensemble-zoo[{self.name}]'."
            )


FORMATS = {
    form.name: form
    for form in (
        Format(SAVED_MODEL, "saved_model.pb", (FLOAT32, FLOAT16), READ_SAVED_MODEL),
        Format(ONNX, "model.onnx", (FLOAT32,), READ_ONNX, ("tf2onnx", "onnxruntime")),
        Format(LITERT, "model.tflite", (FLOAT32, FLOAT16, INT8), READ_LITERT, ("ai_edge_litert",)),
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
