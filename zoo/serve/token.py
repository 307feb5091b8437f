"""A token that clients have to show, where one is set."""

from __future__ import annotations

import hmac
import os
from http import HTTPStatus

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

TOKEN = "ZOO_TOKEN"
OPEN = ("/", "/healthz", "/readyz", "/docs", "/openapi.json", "/v2/health/live", "/v2/health/ready")
OPEN_BELOW = "/page/"  # the page's script and style, which hold nothing of the model


def token_set() -> str | None:
    """The token of this process' environment; None without one."""
    return os.environ.get(TOKEN) or None


class TokenGate:
    """Let requests pass that show the token; the page itself, its description and health need none.

    Args:
        app: behind it.
        token: that is expected.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it with 401."""
        if scope["type"] != "http" or self._is_open(scope["path"]) or self._shows(scope):
            await self._app(scope, receive, send)
            return
        text = f"Expected the token of {TOKEN} as Authorization: Bearer TOKEN; received none, or another."
        headers = {"WWW-Authenticate": "Bearer"}
        response = JSONResponse({"error": text}, HTTPStatus.UNAUTHORIZED, headers)
        await response(scope, receive, send)

    @staticmethod
    def _is_open(path: str) -> bool:
        return path in OPEN or path.startswith(OPEN_BELOW)

    def _shows(self, scope: Scope) -> bool:
        shown = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, token = shown.partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(b" "), self._expected)
