"""Tensors of the V2 inference protocol: as JSON numbers, or as bytes behind the JSON (the binary tensor extension)."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from zoo.serve.refusal import RefusalError, malformed

UINT8, BYTES, BOOL = "UINT8", "BYTES", "BOOL"
TYPES: dict[str, np.dtype[Any]] = {"FP32": np.dtype("<f4"), "INT64": np.dtype("<i8"), BOOL: np.dtype(np.bool_)}
BRIGHTEST = 255
MOST, LONGEST = 8, 2**40  # axes, and a side
PIECE, FEW = 2**16, 64  # numbers that are read in one go; lists that are taken apart before
SIZE = "binary_data_size"
LENGTH = struct.Struct("<I")  # before each element of BYTES


def parameters_of(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of a tensor or of a request, {} without any.

    Raises:
        RefusalError: they are no object.
    """
    parameters = told.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise malformed("Expected parameters as a JSON object; received another value.")
    return parameters


def shape_of(tensor: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of a tensor in a request.

    Raises:
        RefusalError: none, or other values than whole numbers, or more or larger ones than any tensor has.
    """
    shape = tensor.get("shape")
    if not isinstance(shape, list) or not all(type(side) is int and 0 <= side <= LONGEST for side in shape[: MOST + 1]):
        raise malformed(f"Expected the input's shape as a list of whole numbers; received {shape!r:.80}.")
    if len(shape) > MOST:
        raise malformed(f"Expected the input's shape of at most {MOST} axes; received {len(shape)}.")
    return tuple(shape)


def bytes_of_pixels(tensor: Mapping[str, Any], binary: memoryview | None) -> bytes | memoryview:
    """The bytes of a tensor of UINT8.

    Args:
        tensor: of the request's JSON.
        binary: its bytes, where they came behind the JSON.

    Raises:
        RefusalError: data that are no numbers of 0 to 255.
    """
    if binary is not None:
        return binary
    try:
        values = np.concatenate([np.asarray(piece).ravel() for piece in _pieces(tensor["data"])])
    except (KeyError, TypeError, ValueError) as error:
        raise malformed(f"Expected data, numbers in a list; received others: {error}.") from error
    if values.dtype.kind not in "iu" or not values.size or values.min() < 0 or values.max() > BRIGHTEST:
        raise malformed("Expected data of whole numbers of 0 to 255, as UINT8 has; received others.")
    return values.astype(np.uint8).tobytes()


def _pieces(data: Any) -> list[Any]:
    """Cut numbers, in one list or in lists of lists, into pieces between which other threads have their turn."""
    while isinstance(data, list) and len(data) <= FEW and data and isinstance(data[0], list):
        data = [inner for outer in data for inner in outer]
    if not isinstance(data, list) or not data:
        return [data]
    step = 1 if isinstance(data[0], list) else PIECE
    return [data[start : start + step] for start in range(0, len(data), step)]


def elements_of(tensor: Mapping[str, Any], binary: memoryview | None) -> list[bytes]:
    """The elements of a tensor of BYTES: each behind its length, or as base64 in JSON.

    Raises:
        RefusalError: another number of elements than the shape has, or data of another form.
    """
    elements = _of_json(tensor) if binary is None else _of_binary(binary)
    count = prod(shape_of(tensor))
    if len(elements) != count:
        raise malformed(f"Expected {count} elements of BYTES, as the shape says; received {len(elements)}.")
    if not elements:
        raise malformed("Expected pictures; received none. Send one or more.")
    return elements


def _of_json(tensor: Mapping[str, Any]) -> list[bytes]:
    data = tensor.get("data")
    if not isinstance(data, list):
        raise malformed("Expected data, pictures in a list as base64; received another value. Send a list.")
    flat = chain.from_iterable(one if isinstance(one, list) else [one] for one in data)
    try:
        return [base64.b64decode(one, validate=True) for one in flat]
    except (binascii.Error, TypeError, ValueError) as error:
        raise malformed("Expected pictures in JSON as base64; received others. Encode them, or send binary.") from error


def _of_binary(binary: memoryview) -> list[bytes]:
    elements, start = [], 0
    while start < len(binary):
        stop = start + LENGTH.size
        length = LENGTH.unpack(binary[start:stop])[0] if stop <= len(binary) else len(binary)
        if stop + length > len(binary):
            raise malformed("Expected elements of BYTES, each behind its length in 4 bytes; received a cut one.")
        elements.append(bytes(binary[stop : stop + length]))
        start = stop + length
    return elements


def datatype_of(values: np.ndarray) -> str:
    """The protocol's name of an output's type."""
    return BYTES if values.dtype.kind in "US" else next(name for name, own in TYPES.items() if own == values.dtype)


def as_json(values: np.ndarray) -> list[Any]:
    """Values in row-major order, flat, as plain ones."""
    if values.dtype.kind == "f":
        return [float(str(number)) for number in values.ravel()]
    return values.ravel().tolist()


def as_binary(values: np.ndarray) -> bytes:
    """Values in row-major order, little-endian; strings each behind their length."""
    if values.dtype.kind in "US":
        texts = [text.encode() for text in values.ravel().tolist()]
        return b"".join(LENGTH.pack(len(text)) + text for text in texts)
    return np.ascontiguousarray(values, TYPES[datatype_of(values)]).tobytes()


def cut_binary(binary: memoryview, tensors: list[dict[str, Any]]) -> list[memoryview | None]:
    """Cut what came behind the JSON into the bytes of each input that says how many it has.

    Raises:
        RefusalError: sizes that are no whole numbers, or do not add up.
    """
    parts: list[memoryview | None] = []
    start = 0
    for tensor in tensors:
        size = parameters_of(tensor).get(SIZE)
        if size is not None and (type(size) is not int or not 0 <= size <= len(binary) - start):
            raise _wrong_size(size, len(binary) - start)
        parts.append(None if size is None else binary[start : start + size])
        start += size or 0
    if start != len(binary):
        raise _wrong_size(start, len(binary))
    return parts


def _wrong_size(told: Any, found: int) -> RefusalError:
    return malformed(f"Expected {SIZE} of the bytes behind the JSON; received {told!r} for {found}.")
