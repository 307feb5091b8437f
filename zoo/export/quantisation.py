"""An ONNX graph that computes with 8-bit integers, by ONNX Runtime's static quantisation (arXiv:1712.05877).

What stays in float32:

- operations on pixels and the first kernel of each member, which all others depend on and which takes little time;
- each member's last kernel, and the rule with its calibration: they are small, and their rounding goes straight into
  the probabilities.

Kernels have 7 bits. With 8, an x86 processor without VNNI adds two products in 16 bits, which can overflow: the same
file would answer otherwise there than where it was measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.export.graph import MEMBER_LOGITS
from zoo.utils.chunks import spans

KERNELS = ("Conv", "ConvTranspose", "Gemm", "MatMul")
POOLS = ("GlobalAveragePool", "AveragePool", "MaxPool")
QUANTISED = (*KERNELS, *POOLS, "Add", "Mul", "Clip", "Relu", "Sigmoid", "Concat", "Pad")
BATCH = 16  # images; all activations of a batch are in memory at once


def quantise(file: Path, images: np.ndarray) -> None:
    """Replace a float32 ONNX file by one that computes with integers.

    Args:
        file: an ``.onnx`` with the input ``images``, whose outputs beside the predictions are the members' logits, by
            :data:`zoo.export.graph.MEMBER_LOGITS`; these are left out of what is written.
        images: ``(n, H, W, 3)`` uint8, by which the range of each activation is found.
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch, "prepared.onnx")
        quant_pre_process(str(file), str(prepared), skip_symbolic_shape=True)
        model = _named(onnx.load(prepared))
        excluded = kept_in_float(model.graph)
        _leave_out_members(model.graph)
        onnx.save(model, prepared)
        quantize_static(
            prepared,
            file,
            _calibration(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTISED),
            nodes_to_exclude=excluded,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},  # attention multiplies activations, which need more bits
        )


def kept_in_float(graph: Any) -> list[str]:
    """Name the operations before and of each member's first kernel, and of its last kernel and behind.

    Args:
        graph: an ``onnx.GraphProto`` of nodes with names, each after those that it reads; the members' logits are
            among its outputs.
    """
    kernels = {tensor for node in graph.node if node.op_type in KERNELS for tensor in node.output}
    behind_a_kernel = _behind(graph, kernels)
    logits = {_source(graph, output.name) for output in graph.output if output.name.startswith(MEMBER_LOGITS)}
    kept = _behind(graph, logits) | _back_to_kernels(graph, logits)
    return [node.name for node in graph.node if node.name in kept or node.name not in behind_a_kernel]


def _behind(graph: Any, tensors: set[str]) -> set[str]:
    """Names of the nodes that depend on some tensors."""
    known, found = set(tensors), set()
    for node in graph.node:
        if not known.isdisjoint(node.input):
            found.add(node.name)
            known.update(node.output)
    return found


def _back_to_kernels(graph: Any, tensors: set[str]) -> set[str]:
    """Names of the nodes that make some tensors, back to the first kernel on each way, with it."""
    wanted, found = set(tensors), set()
    for node in reversed(graph.node):
        if not wanted.isdisjoint(node.output):
            found.add(node.name)
            wanted.update(() if node.op_type in KERNELS else node.input)
    return found


def _source(graph: Any, tensor: str) -> str:
    """The tensor that an output is a copy of, which others read too."""
    copied = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}
    while tensor in copied:
        tensor = copied[tensor]
    return tensor


def _leave_out_members(graph: Any) -> None:
    """Leave the members' logits out of the outputs, and the copies that were made for them."""
    names = [output.name for output in graph.output if output.name.startswith(MEMBER_LOGITS)]
    for output in [output for output in graph.output if output.name in names]:
        graph.output.remove(output)
    for node in [node for node in graph.node if node.op_type == "Identity" and node.output[0] in names]:
        graph.node.remove(node)


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
