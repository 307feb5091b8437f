"""The application: routes, what surrounds them, and the model that is opened when it starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from zoo.serve.context import Context
from zoo.serve.metrics import Measured, Metrics
from zoo.serve.page import routes as page_routes
from zoo.serve.refusal import RefusalError
from zoo.serve.routes import routes
from zoo.serve.served_model import ServedModel, open_model
from zoo.serve.settings import Settings
from zoo.serve.token import TokenGate, token_set
from zoo.serve.v2_routes import routes as v2_routes
from zoo.utils.version import __version__

ABOUT = """Pictures in, classes out. `POST /predict` takes files; `/v2` is the Open Inference Protocol of KServe and
Triton. With a token set, requests need the header `Authorization: Bearer TOKEN`."""


def create_app(settings: Settings, model: ServedModel | None = None) -> FastAPI:
    """Make the application, which opens its model when it starts and answers what is under way before it ends.

    Args:
        settings: what the server is told.
        model: that is open already; by default the one that the settings name.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        opened = await asyncio.to_thread(open_model, settings) if model is None else model
        app.state.context = context = Context.of(opened, settings, metrics)
        yield
        await asyncio.to_thread(context.pipeline.close)

    app = FastAPI(
        title="ensemble-zoo",
        version=__version__,
        description=ABOUT,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
    )
    for router in (page_routes(), routes(), v2_routes(settings.name)):
        app.include_router(router)
    app.add_exception_handler(RefusalError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    if token := token_set():
        app.add_middleware(TokenGate, token=token)
    app.add_middleware(Measured, metrics=metrics)
    return app


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusalError)
    return JSONResponse({"error": error.text}, error.status, error.headers)


async def _not_there(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    text = f"{error.detail}: {request.method} {request.url.path}. See /docs for what there is."
    return JSONResponse({"error": text}, error.status_code, error.headers)
