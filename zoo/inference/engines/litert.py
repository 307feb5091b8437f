"""LiteRT on the CPU. An interpreter keeps the tensors of one batch, so threads take turns."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from zoo.inference.engines.engine import Answer, cores
from zoo.utils.modules import check_installed

if TYPE_CHECKING:
    import numpy as np

RUNTIME = ("ai_edge_litert",)
SIGNATURE = "serving_default"


def open_litert(path: Path) -> Answer:
    """Open a LiteRT file whose signature takes ``images``.

    Raises:
        ImportError: ai-edge-litert is not installed.
        ValueError: the file is no graph that it can run.
    """
    check_installed(RUNTIME, "litert", f"run {path}")
    from ai_edge_litert.interpreter import Interpreter

    try:
        interpreter = Interpreter(str(path), num_threads=cores())
        run = interpreter.get_signature_runner(SIGNATURE)
    except (ValueError, RuntimeError) as error:
        raise ValueError(
            f"Expected a graph that LiteRT can run; it refuses {path}: {error}. "
            "Export it again: zoo export --format litert."
        ) from error
    turn = Lock()

    def answer(images: np.ndarray) -> dict[str, np.ndarray]:
        with turn:
            return {name: output.copy() for name, output in run(images=images).items()}

    return answer
