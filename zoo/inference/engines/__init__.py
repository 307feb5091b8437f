"""What runs a graph: TensorFlow, ONNX Runtime, LiteRT; and which of them is the fastest for a batch size.

A module of this package for each runtime has a function that opens a graph as a function of images.
"""

from __future__ import annotations

from zoo.utils.text import suggestion

AUTO, TENSORFLOW, ONNX, LITERT = "auto", "tensorflow", "onnx", "litert"
NAMES = (AUTO, TENSORFLOW, ONNX, LITERT)
"""What ``engine`` may be."""


def check_engine(name: str) -> None:
    """Check the name of an engine.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in NAMES:
        raise ValueError(f"Expected a known engine (zoo: --engine); received {name!r}. {suggestion(str(name), NAMES)}")
