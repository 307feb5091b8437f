"""The Open Inference Protocol, version 2, of KServe and Triton: one input, ``images``, and several outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from starlette.responses import JSONResponse, Response

from zoo.inference.graphs import PROBABILITIES, UNCERTAINTY
from zoo.serve.batching import Row
from zoo.serve.refusal import malformed
from zoo.serve.served_model import ACCEPTED, LOGITS, SET, ServedModel
from zoo.serve.v2_tensors import BOOL, BYTES, SIZE, UINT8, as_binary, as_json, cut_binary, datatype_of, parameters_of

IMAGES = "images"
HEADER = "Inference-Header-Content-Length"
SURROGATES = re.compile("[\ud800-\udfff]")  # halves of characters, which no answer can hold
LARGE = 2**20  # bytes of JSON that is read while probes and other requests are answered
VERSION = "1"  # of any model: one is served at a time, and its hash tells which


@dataclass(frozen=True)
class Asked:
    """A request for predictions.

    Attributes:
        id: that goes back with the answer.
        tensor: the input ``images``, of UINT8 ``(N, H, W, C)`` or BYTES ``(N,)``, the files of pictures.
        binary: its bytes, where they came behind the JSON.
        outputs: names of the wanted ones, and whether each goes back in binary; None for all.
        all_binary: whether outputs that do not say so go back in binary.
    """

    id: str | None
    tensor: Mapping[str, Any]
    binary: memoryview | None
    outputs: Mapping[str, bool] | None
    all_binary: bool


def asked_by(body: bytes, header: str | None) -> Asked:
    """Read a request.

    Args:
        body: JSON, and behind it the bytes of tensors.
        header: of HTTP, how many bytes the JSON has; None where all are.

    Raises:
        RefusalError: it is not of the protocol.
    """
    length = len(body) if header is None else _length_of(header, len(body))
    told = _json_of(body[:length])
    tensors = told.get("inputs")
    if not isinstance(tensors, list) or not all(isinstance(one, dict) for one in tensors):
        raise malformed("Expected inputs, a list of tensors; received another. Send one, images.")
    parts = cut_binary(memoryview(body)[length:], tensors)
    names = [tensor.get("name") for tensor in tensors]
    if names != [IMAGES] or tensors[0].get("datatype") not in (UINT8, BYTES):
        kinds = [tensor.get("datatype") for tensor in tensors]
        raise malformed(f"Expected one input, {IMAGES!r}, of {UINT8} or {BYTES}; received {names} of {kinds}.")
    all_binary = parameters_of(told).get("binary_data_output", False) is True
    return Asked(_id_of(told.get("id")), tensors[0], parts[0], _wanted(told.get("outputs"), all_binary), all_binary)


def _length_of(header: str, most: int) -> int:
    is_short = header.isdecimal() and len(header) <= len(str(most))  # Python reads no number of thousands of digits
    if not is_short or int(header) > most:
        raise malformed(f"Expected {HEADER} of 0 to {most}; received {header[:20]!r}.")
    return int(header)


def _json_of(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text) if len(text) <= LARGE else json.loads(text, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise malformed(f"Expected JSON; received other text: {error}.") from error
    if not isinstance(told, dict):
        raise malformed("Expected a JSON object; received another value.")
    return told


def _whole(text: str) -> int:
    """Make a whole number; between calls of Python's code other threads have their turn, between C's they have none."""
    return int(text)


def _id_of(told: Any) -> str | None:
    if told is None or (isinstance(told, str) and SURROGATES.search(told) is None):
        return told
    raise malformed(f"Expected the id as a string of whole characters; received {told!r:.80}.")


def _wanted(outputs: Any, all_binary: bool) -> dict[str, bool] | None:
    if outputs is None or outputs == []:
        return None
    if not isinstance(outputs, list) or not all(isinstance(one, dict) for one in outputs):
        raise malformed("Expected outputs as a list of objects with a name; received another value.")
    wanted = {}
    for one in outputs:
        parameters = parameters_of(one)
        if parameters.get("classification"):
            raise malformed("Expected no classification of an output; received one. Ask for the output 'class'.")
        wanted[str(one.get("name"))] = parameters.get("binary_data", all_binary) is True
    return wanted


def check_outputs(asked: Asked, known: Sequence[str]) -> None:
    """Check that a model has the outputs that are wanted.

    Raises:
        RefusalError: one is unknown.
    """
    unknown = [output for output in asked.outputs or () if output not in known]
    if unknown:
        raise malformed(f"Expected outputs of {', '.join(known)}; received {unknown}. Ask for some of these.")


def outputs_of(model: ServedModel, rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """All outputs for ``n`` pictures, by name; see :func:`described`."""
    stacked = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    ids = stacked[PROBABILITIES].argmax(axis=1)
    outputs = {
        PROBABILITIES: stacked[PROBABILITIES],
        "class_id": ids.astype(np.int64),
        "class": np.array(model.graph.classes)[ids],
    }
    return outputs | {name: stacked[name] for name in (LOGITS, UNCERTAINTY, ACCEPTED, SET) if name in stacked}


def described(model: ServedModel, name: str) -> dict[str, Any]:
    """The model's metadata: its input, and its outputs with their types and shapes."""
    graph, decisions = model.graph, model.decisions
    outputs = [
        _tensor(PROBABILITIES, "FP32", -1, len(graph.classes)),
        _tensor("class_id", "INT64", -1),
        _tensor("class", BYTES, -1),
        _tensor(LOGITS, "FP32", -1, len(graph.classes)),
    ]
    outputs += [_tensor(UNCERTAINTY, "FP32", -1)] if graph.uncertain else []
    outputs += [_tensor(ACCEPTED, BOOL, -1)] if decisions.error is not None else []
    outputs += [_tensor(SET, BOOL, -1, len(graph.classes))] if decisions.coverage is not None else []
    inputs = [_tensor(IMAGES, UINT8, -1, *graph.image_size, 3)]
    platform = f"ensemble-zoo_{graph.engine}"
    return {"name": name, "versions": [VERSION], "platform": platform, "inputs": inputs, "outputs": outputs}


def _tensor(name: str, datatype: str, *shape: int) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": list(shape)}


def response(asked: Asked, name: str, identity: str, outputs: Mapping[str, np.ndarray]) -> Response:
    """Write the wanted outputs as JSON, and behind it in binary those that are wanted so."""
    wanted = asked.outputs or dict.fromkeys(outputs, asked.all_binary)
    tensors, binary = [], []
    for output, is_binary in wanted.items():
        values = outputs[output]
        tensor = _tensor(output, datatype_of(values), *values.shape)
        if is_binary:
            binary.append(as_binary(values))
            tensors.append(tensor | {"parameters": {SIZE: len(binary[-1])}})
        else:
            tensors.append(tensor | {"data": as_json(values)})
    told = {"model_name": name, "model_version": VERSION, "parameters": {"hash": identity}, "outputs": tensors}
    told |= {} if asked.id is None else {"id": asked.id}
    if not binary:
        return JSONResponse(told)
    text = json.dumps(told).encode()
    return Response(b"".join([text, *binary]), media_type="application/octet-stream", headers={HEADER: str(len(text))})
