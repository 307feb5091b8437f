"""The routes of the V2 inference protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zoo.serve.bodies import body_of
from zoo.serve.context import Context
from zoo.serve.pipeline import Part
from zoo.serve.predicting import array_parts
from zoo.serve.refusal import RefusalError
from zoo.serve.request_timeout import within_time
from zoo.serve.routes import is_ready
from zoo.serve.schema import JSON, REFUSED
from zoo.serve.v2_protocol import (
    HEADER,
    LARGE,
    VERSION,
    Asked,
    asked_by,
    check_outputs,
    described,
    outputs_of,
    response,
)
from zoo.serve.v2_tensors import BYTES, bytes_of_pixels, elements_of, shape_of
from zoo.utils.version import __version__

INFERS: dict[str, Any] = {"requestBody": {"required": True, "content": {JSON: {}, "application/octet-stream": {}}}}

T = TypeVar("T")


def routes(name: str) -> APIRouter:
    """Make the routes.

    Args:
        name: of the model.
    """
    router = APIRouter(prefix="/v2", tags=["V2 inference protocol"])

    @router.get("", summary="The server")
    async def server() -> dict[str, Any]:
        """Its name, its version and the extensions of the protocol that it has."""
        return {"name": "ensemble-zoo", "version": __version__, "extensions": ["binary_tensor_data"]}

    @router.get("/health/live", summary="Is the process alive?")
    async def live() -> dict[str, bool]:
        """For a liveness probe."""
        return {"live": True}

    @router.get("/health/ready", summary="Can it answer?")
    async def ready(request: Request) -> Response:
        """For a readiness probe."""
        return _readiness(request, "ready")

    @router.get("/models/{model}", summary="The model's metadata")
    @router.get("/models/{model}/versions/{version}", include_in_schema=False)
    async def metadata(request: Request, model: str, version: str = VERSION) -> dict[str, Any]:
        """Its input, and its outputs with their types and shapes."""
        _check(name, model, version)
        return described(request.app.state.context.model, name)

    @router.get("/models/{model}/ready", summary="Is the model ready?")
    @router.get("/models/{model}/versions/{version}/ready", include_in_schema=False)
    async def model_ready(request: Request, model: str, version: str = VERSION) -> Response:
        """For clients of several models."""
        _check(name, model, version)
        return _readiness(request, "ready", name=name)

    @router.post("/models/{model}/infer", summary="Predict", responses=REFUSED, openapi_extra=INFERS)
    @router.post("/models/{model}/versions/{version}/infer", include_in_schema=False)
    async def infer(request: Request, model: str, version: str = VERSION) -> Response:
        """The input `images` is UINT8 of `[N, H, W, 3]`, of any size, or BYTES of `[N]`: the files of pictures, in JSON
        as base64. Tensors may follow the JSON in binary.
        """
        _check(name, model, version)
        return await within_time(request, partial(_infer, name=name))

    return router


def _readiness(request: Request, word: str, **more: str) -> Response:
    ready = is_ready(request)
    return JSONResponse({**more, word: ready}, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def _check(name: str, model: str, version: str) -> None:
    """Check that a request means the model that is served.

    Raises:
        RefusalError: it means another (404).
    """
    if (model, version) != (name, VERSION):
        text = f"Expected the model {name!r}, version {VERSION}; received {model!r}, {version}. Ask for that one."
        raise RefusalError(HTTPStatus.NOT_FOUND, text)


async def _infer(request: Request, context: Context, *, name: str) -> Response:
    body = await body_of(request, context.budget)
    asked = await _by_size(len(body), partial(asked_by, body, request.headers.get(HEADER)))
    check_outputs(asked, [str(one["name"]) for one in described(context.model, name)["outputs"]])
    rows = await context.pipeline.answer(await _parts(asked, len(body), context))
    context.metrics.count(rows, context.model.graph.classes)
    failed = {index: row for index, row in enumerate(rows) if isinstance(row, BaseException)}
    if failed:
        raise _of_all(failed, len(rows))
    good = [row for row in rows if not isinstance(row, BaseException)]
    return response(asked, name, context.model.graph.identity, outputs_of(context.model, good))


def _of_all(failed: Mapping[int, BaseException], count: int) -> BaseException:
    """The error of a request some of whose pictures failed: the first one's, as there is no place for others."""
    index, error = next(iter(failed.items()))
    if not isinstance(error, RefusalError):
        return error
    text = f"images[{index}] ({len(failed)} of {count} in all): {error.text}"
    return RefusalError(error.status, text, retry_after=error.retry_after)


async def _parts(asked: Asked, size: int, context: Context) -> list[Part]:
    if asked.tensor["datatype"] == BYTES:
        files = await _by_size(size, partial(elements_of, asked.tensor, asked.binary))
        return [context.pipeline.encoded(str(index), data) for index, data in enumerate(files)]
    pixels = await _by_size(size, partial(bytes_of_pixels, asked.tensor, asked.binary))
    return list(await array_parts(pixels, shape_of(asked.tensor), context))


async def _by_size(size: int, work: Callable[[], T]) -> T:
    """Do work on a body at once, or in a thread where it is so large that probes and other requests would wait."""
    return await asyncio.to_thread(work) if size > LARGE else work()
