"""ONNX Runtime on the CPU: one session, which threads share.

Its threads wait for each other by spinning. On idle cores this makes single images faster; where other threads want the
cores, such as those that read images, batches took up to five times as long as without, and twice the processor time.
So :func:`open_onnx` times sessions with and without spinning, and keeps the faster. Bound inputs and outputs, parallel
execution and ``ORT_ENABLE_EXTENDED`` instead of ``ORT_ENABLE_ALL``, the default, gained nothing. Threads are as many as
cores that may be used, where the default is as many as the machine has.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from zoo.inference.engines.engine import Answer, cores
from zoo.inference.engines.engine_speeds import images_per_second
from zoo.utils.modules import check_installed
from zoo.utils.text import Size

RUNTIME = ("onnxruntime",)
ERROR = 3  # the runtime's level of logging
MOST = 64  # different images that are timed


SPINNING = "session.intra_op.allow_spinning"
AS_FAST = 0.97  # of the one without: then a session spins, as it does by default


def open_onnx(path: Path, batch: int | None = None) -> Answer:
    """Open an ONNX file whose input is ``images``.

    Args:
        path: the file.
        batch: images of the batches to come, for which the ways to wait are timed; None times nothing.

    Raises:
        ImportError: onnxruntime is not installed.
        ValueError: the file is no graph that this onnxruntime can run.
    """
    check_installed(RUNTIME, "onnx", f"run {path}")
    spinning, size = _session(path, spins=True)
    if batch is None or cores() == 1:
        return spinning
    waiting, _ = _session(path, spins=False)
    images = np.random.default_rng(0).integers(0, 256, (min(batch, MOST), *size, 3)).astype(np.uint8)
    speeds = images_per_second({"spins": spinning, "waits": waiting}, images, (batch,))[batch]
    return spinning if speeds["spins"] >= AS_FAST * speeds["waits"] else waiting


def _session(path: Path, *, spins: bool) -> tuple[Answer, Size]:
    """A session as what predicts, and the size of its images."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores()
    options.log_severity_level = ERROR
    options.add_session_config_entry(SPINNING, "1" if spins else "0")
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has a class of its own for each kind of fault, of no common kind
        raise ValueError(
            f"Expected a graph that onnxruntime {onnxruntime.__version__} can run; it refuses {path}: {error}. "
            "Export it again: zoo export --format onnx."
        ) from error
    names = [output.name for output in session.get_outputs()]
    _, height, width, _ = session.get_inputs()[0].shape

    def answer(images: np.ndarray) -> dict[str, np.ndarray]:
        return dict(zip(names, session.run(names, {"images": images}), strict=True))

    return answer, (height, width)
