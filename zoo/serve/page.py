"""``GET /``: the page for a person, its script and its style; and a page of the routes."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from zoo.serve.refusal import RefusalError

FOLDER = Path(__file__).with_name("page")
KINDS = {"page.js": "text/javascript", "page.css": "text/css"}
POLICY = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'"
GUARD = {  # the page loads nothing of others, and shows pictures that it made itself
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> APIRouter:
    """Make the routes; none of them is in the OpenAPI description."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def page() -> Response:
        return HTMLResponse(_file("page.html"), headers=GUARD)

    @router.get("/page/{name}")
    async def part(name: str) -> Response:
        if name not in KINDS:
            raise RefusalError(HTTPStatus.NOT_FOUND, f"Expected one of {', '.join(KINDS)}; received {name}.")
        return Response(_file(name), media_type=KINDS[name], headers=GUARD)

    @router.get("/docs")
    async def docs(request: Request) -> Response:
        return HTMLResponse(_described(request.app.openapi()), headers=GUARD)

    return router


@cache
def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def _described(openapi: dict[str, Any]) -> str:
    """Draw the OpenAPI description as one page, which loads nothing from other hosts as the usual ones do."""
    from jinja2 import Environment, PackageLoader, select_autoescape

    loader = PackageLoader("zoo.serve", "page")
    environment = Environment(loader=loader, autoescape=select_autoescape(["j2"]), trim_blocks=True, lstrip_blocks=True)
    environment.filters["with_code"] = _with_code
    return environment.get_template("docs.html.j2").render(api=openapi)


def _with_code(text: str) -> Any:
    """Escape a text, and mark as code what stands between backticks."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
