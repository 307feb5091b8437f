"""A request's work within its time, and what is told where it fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from zoo.serve.bodies import give_back, is_whole
from zoo.serve.context import Context
from zoo.serve.refusal import RefusalError, too_slow

logger = logging.getLogger(__name__)


async def within_time(request: Request, work: Callable[[Request, Context], Awaitable[Response]]) -> Response:
    """Do the work of a request. Every failure becomes a status and a text. It does not affect other requests.

    Args:
        request: to answer.
        work: reads its body and answers it.
    """
    context: Context = request.app.state.context
    seconds = context.settings.timeout
    try:
        async with asyncio.timeout(seconds):
            return await work(request, context)
    except TimeoutError:
        return refused(too_slow(seconds) if is_whole(request) else _body_too_slow(seconds))
    except RefusalError as error:
        if error.status == HTTPStatus.TOO_MANY_REQUESTS:
            context.metrics.pictures.labels("refused").inc(error.pictures)
        return refused(error)
    except ClientDisconnect:
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # that nobody reads
    except Exception:
        logger.exception("%s failed", request.url.path)
        text = "The server failed on this request; its log says why."
        return JSONResponse({"error": text}, HTTPStatus.INTERNAL_SERVER_ERROR)
    finally:
        give_back(request, context.budget)


def refused(error: RefusalError) -> JSONResponse:
    """The response of a request that gets no answer."""
    return JSONResponse({"error": error.text}, error.status, error.headers)


def _body_too_slow(seconds: float) -> RefusalError:
    text = f"Expected the whole body within {seconds:g} s (--timeout); received a part. Send it faster, or less of it."
    return RefusalError(HTTPStatus.REQUEST_TIMEOUT, text)
