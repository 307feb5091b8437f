"""The server's own routes: pictures, heat maps, health, numbers and the model."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zoo.serve import schema
from zoo.serve.context import Context
from zoo.serve.explaining import explain
from zoo.serve.predicting import predict
from zoo.serve.request_timeout import within_time


def routes() -> APIRouter:
    """Make the routes; their texts and schemas are the OpenAPI page."""
    router = APIRouter()

    @router.post("/predict", responses=schema.PREDICTED, openapi_extra=schema.PREDICTS, summary="Answer pictures")
    async def predict_pictures(request: Request) -> Response:
        """Send one picture as the body (JPEG, PNG, WebP, TIFF, BMP, GIF), many as a form (`multipart/form-data`), or
        raw uint8 pixels with `?shape=N,H,W,C`. Each is answered by itself: a broken one has an `error` in the place of
        its answer.
        """
        return await within_time(request, predict)

    @router.post("/explain", responses=schema.EXPLAINED, openapi_extra=schema.EXPLAINS, summary="Draw a heat map")
    async def explain_picture(request: Request) -> Response:
        """Send one picture; a PNG of the model's size comes back, on which glows what the answer rests on (occlusion,
        about 100 predictions). `?class=NAME` explains that class.
        """
        return await within_time(request, explain)

    @router.get("/healthz", summary="Is the process alive?", responses=schema.HEALTHY)
    async def healthz() -> dict[str, str]:
        """For a liveness probe."""
        return {"status": "alive"}

    @router.get("/readyz", summary="Can it answer?", responses=schema.HEALTHY)
    async def readyz(request: Request) -> Response:
        """For a readiness probe: 200 once the model is open; 503 while the server stops, or if it cannot predict
        any more.
        """
        ready = is_ready(request)
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return JSONResponse({"status": "ready" if ready else "not ready"}, status)

    @router.get("/metrics", summary="Numbers for Prometheus", responses=schema.TEXT, response_class=Response)
    async def metrics(request: Request) -> Response:
        """Requests, pictures, answers by class, batches, seconds."""
        context: Context = request.app.state.context
        return Response(context.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/model", summary="The model", responses=schema.MODEL)
    async def model(request: Request) -> Response:
        """Its hash, the thresholds that are applied, the limits of requests, and the manifest of its export."""
        return JSONResponse(about_model(request.app.state.context))

    return router


def is_ready(request: Request) -> bool:
    """Whether requests are answered."""
    context: Context | None = getattr(request.app.state, "context", None)
    return context is not None and context.pipeline.batcher.is_working


def about_model(context: Context) -> dict[str, Any]:
    """Describe a model as plain values."""
    model, settings = context.model, context.settings
    decisions = model.decisions
    return {
        "hash": model.graph.identity,
        "kind": model.kind,
        "engine": model.graph.engine,
        "classes": list(model.graph.classes),
        "image_size": list(model.graph.image_size),
        "decisions": {
            "error": decisions.error,
            "accepts_some": decisions.threshold > float("-inf"),
            "caution": decisions.caution,
            "coverage": decisions.coverage,
        },
        "limits": {
            "bytes": settings.most_bytes,
            "pixels": settings.most_pixels,
            "pictures": settings.queue,
            "seconds": settings.timeout,
        },
        "manifest": model.record,
    }
