"""``POST /predict``: what a request holds, and the JSON that goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse

from zoo.inference.graphs import PROBABILITIES, UNCERTAINTY
from zoo.serve.batching import Row
from zoo.serve.bodies import body_of, files_of
from zoo.serve.context import Context
from zoo.serve.pictures import checked, rows_of
from zoo.serve.pipeline import Part, reason
from zoo.serve.refusal import RefusalError, malformed
from zoo.serve.served_model import ACCEPTED, SET, ServedModel

FORM, SHAPE = "multipart/form-data", "shape"
DIGITS = 12  # of a side


async def predict(request: Request, context: Context) -> JSONResponse:
    """Answer the pictures of a request.

    Where some can be answered, the others have an ``error``, and the status is 200; where none can, it is that of the
    first.

    Raises:
        RefusalError: the request as a whole.
    """
    body = await body_of(request, context.budget)
    parts = await parts_of(request, body, context)
    rows = await context.pipeline.answer(parts)
    context.metrics.count(rows, context.model.graph.classes)
    told = [_told(context, part.name, row) for part, row in zip(parts, rows, strict=True)]
    content: dict[str, Any] = {"model": context.model.graph.identity, "predictions": told}
    refused = next((row for row in rows if isinstance(row, BaseException)), None)
    if refused is None or any("error" not in one for one in told):
        return JSONResponse(content)
    return failed(refused, {"error": reason(refused), **content})


def failed(error: BaseException, content: dict[str, Any]) -> JSONResponse:
    """A response for pictures that have no answer."""
    if isinstance(error, RefusalError):
        return JSONResponse(content, error.status, error.headers)
    return JSONResponse(content, HTTPStatus.INTERNAL_SERVER_ERROR)


async def parts_of(request: Request, body: bytes, context: Context) -> Sequence[Part]:
    """The pictures of a request: those of a form, raw pixels where a shape is told, else the body as one file.

    Raises:
        RefusalError: no pictures, or more than are taken at a time.
    """
    if request.headers.get("Content-Type", "").lower().startswith(FORM):
        files = await files_of(request, body, context.settings.queue)
        return [context.pipeline.encoded(name, data) for name, data in files]
    if shape := request.query_params.get(SHAPE):
        return await array_parts(body, _shape_of(shape), context)
    if not body:
        raise malformed("Expected a picture as the body, or a form of files; received nothing. Send one.")
    return [context.pipeline.encoded(request.query_params.get("name", ""), body)]


async def array_parts(data: bytes | memoryview, shape: tuple[int, ...], context: Context) -> Sequence[Part]:
    """Images of an array as parts; they are checked together, as those of ``zoo.Predictor`` are.

    Raises:
        RefusalError: another number of bytes, too many images or pixels, or pixels of 0 to 1.
    """
    images, graph = rows_of(data, shape), context.model.graph
    context.pipeline.batcher.check(len(images))
    how = (images, graph.image_size, graph.reading, context.settings.most_pixels)
    pixels = await asyncio.to_thread(checked, *how)
    return [Part(str(index), partial(lambda one: one, image)) for index, image in enumerate(pixels)]


def answer_of(model: ServedModel, row: Row) -> dict[str, Any]:
    """Describe one prediction as plain values for JSON.

    Args:
        model: that predicted.
        row: its outputs for the picture.

    Returns:
        ``class`` (its name), ``class_id``, ``probability`` and ``probabilities`` by name of the class; ``uncertainty``
        and ``accepted``, None of a model without; ``set``, names of classes, None of a model without.
    """
    classes = model.graph.classes
    best = int(row[PROBABILITIES].argmax())
    numbers = shortest(row[PROBABILITIES])
    uncertainty, accepted, inside = row.get(UNCERTAINTY), row.get(ACCEPTED), row.get(SET)
    return {
        "class": classes[best],
        "class_id": best,
        "probability": numbers[best],
        "probabilities": dict(zip(classes, numbers, strict=True)),
        "uncertainty": None if uncertainty is None else shortest(uncertainty[None])[0],
        "accepted": None if accepted is None else bool(accepted),
        "set": None if inside is None else [classes[index] for index in np.flatnonzero(inside).tolist()],
    }


def shortest(numbers: np.ndarray) -> Sequence[float]:
    """Numbers as short as they can be without being others in float32."""
    return [float(str(number)) for number in numbers]


def _shape_of(text: str) -> tuple[int, ...]:
    parts = text.split(",")
    try:
        if max(map(len, parts)) > DIGITS:
            raise ValueError
        return tuple(int(part) for part in parts)
    except ValueError:
        raise malformed(f"Expected ?shape=N,H,W,C in whole numbers; received {text!r:.80}. Write 1,96,96,3.") from None


def _told(context: Context, name: str, row: Row | BaseException) -> dict[str, Any]:
    named = {"name": name} if name else {}
    if isinstance(row, BaseException):
        return {**named, "error": reason(row)}
    return {**named, **answer_of(context.model, row)}
