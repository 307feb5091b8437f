"""ONNX Runtime on the CPU: one session, which threads share.

Measured on two cores against the session as it is by default, three networks at 96 px: binding inputs and outputs,
parallel execution and no spinning gained nothing; ``ORT_ENABLE_ALL`` is the default. So only the threads are set: as
many as cores that may be used, where the default is as many as the machine has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.inference.engines.engine import Answer, check_installed, cores

if TYPE_CHECKING:
    import numpy as np

RUNTIME = ("onnxruntime",)
ERROR = 3  # the runtime's level of logging


def open_onnx(path: Path) -> Answer:
    """Open an ONNX file whose input is ``images``.

    Raises:
        ImportError: onnxruntime is not installed.
        ValueError: the file is no graph that this onnxruntime can run.
    """
    check_installed(RUNTIME, "onnx", f"run {path}")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    options.log_severity_level = ERROR
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has a class of its own for each kind of fault, of no common kind
        raise ValueError(
            f"Expected a graph that onnxruntime {onnxruntime.__version__} can run; {path} is none: {error}. "
            "Export it again: zoo export --format onnx."
        ) from error
    names = [output.name for output in session.get_outputs()]

    def answer(images: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(names, session.run(names, {"images": images}), strict=True))

    return answer
