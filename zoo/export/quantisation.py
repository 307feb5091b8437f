"""An ONNX graph that computes with 8-bit integers, by ONNX Runtime's static quantisation (arXiv:1712.05877).

What stays in float32:

- operations on pixels and the first kernel of each member, which all others depend on and which takes little time;
- each member's last dense layer, and the rule: they are small, and their rounding goes straight into the probabilities.

Kernels have 7 bits. With 8, an x86 processor without VNNI adds two products in 16 bits, which can overflow: the same
file would answer otherwise there than where it was measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.utils.chunks import spans

KERNELS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
POOLS = ("GlobalAveragePool", "AveragePool", "MaxPool")
QUANTISED = (*KERNELS, *POOLS, "Add", "Mul", "Clip", "Relu", "Sigmoid", "Concat", "Pad")
BATCH = 16  # images; all activations of a batch are in memory at once


def quantise(file: Path, images: np.ndarray) -> None:
    """Replace a float32 ONNX file by one that computes with integers.

    Args:
        file: an ``.onnx`` with the input ``images``.
        images: ``(n, H, W, 3)`` uint8, by which the range of each activation is found.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch, "prepared.onnx")
        quant_pre_process(str(file), str(prepared), skip_symbolic_shape=True)
        model = _named(onnx.load(prepared))
        onnx.save(model, prepared)
        quantize_static(
            prepared,
            file,
            _calibration(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            nodes_to_exclude=kept_in_float(model.graph),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},  # attention multiplies activations, which need more bits
        )


def kept_in_float(graph: Any) -> list[str]:
    """Name the operations before and of each member's first kernel, and of its last kernel and behind.

    Args:
        graph: an ``onnx.GraphProto`` of nodes with names, each after those that it reads.
    """
    after = _reached(graph.node)
    before = _reached(graph.node[::-1], backwards=True)
    return [node.name for node in graph.node if node.name not in after or node.name not in before]


def _reached(nodes: Any, *, backwards: bool = False) -> set[str]:
    """Names of the nodes that some kernel comes before; or, of nodes in reverse, that some kernel comes after."""
    tensors: set[str] = set()
    reached: set[str] = set()
    for node in nodes:
        reads, writes = (node.output, node.input) if backwards else (node.input, node.output)
        found = not tensors.isdisjoint(reads)
        if found:
            reached.add(node.name)
        if found or node.op_type in KERNELS:
            tensors.update(writes)
    return reached


def _named(model: Any) -> Any:
    """Give every node a name of its own, by which it can be left out."""
    for index, node in enumerate(model.graph.node):
        node.name = f"{node.op_type}_{index}"
    return model


def _calibration(images: np.ndarray) -> Any:
    """Feed the images in batches, as ONNX Runtime wants to be fed."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.batches: Iterator[dict[str, np.ndarray]] = (
                {"images": images[span]} for span in spans(len(images), BATCH)
            )

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.batches, None)

    return Reader()
