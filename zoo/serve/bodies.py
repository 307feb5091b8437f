"""Reading the body of a request: no more bytes than allowed, in one piece, and as the parts of a form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from zoo.serve.refusal import RefusalError, malformed, too_large

BODIES = 8  # of the largest size, that are held at a time
ENCODED = "Content-Encoding"


@dataclass
class Budget:
    """Bytes of all bodies that are held at a time.

    Attributes:
        most: of one body.
        held: of all.
    """

    most: int
    held: int = 0

    def take(self, count: int, size: int) -> None:
        """Add ``count`` bytes; ``size`` is the body's length with them.

        Raises:
            RefusalError: the body is too large (413), or all bodies are (429).
        """
        self.check(size)
        if self.held + count > BODIES * self.most:
            text = f"Expected bodies of at most {BODIES * self.most:,} bytes at a time. Send it again later."
            raise RefusalError(HTTPStatus.TOO_MANY_REQUESTS, text, retry_after=1)
        self.held += count

    def check(self, size: int) -> None:
        """Check the size of a body; raises as :meth:`take`."""
        if size > self.most:
            text = f"Expected a body of at most {self.most:,} bytes (--max-megabytes); received more. Send less."
            raise too_large(text)


async def body_of(request: Request, budget: Budget) -> bytes:
    """Read a body; the budget gives it back when the request ends.

    Raises:
        RefusalError: it is too large or compressed.
    """
    if request.headers.get(ENCODED, "identity").lower() != "identity":
        text = f"Expected a body that is not compressed; received {ENCODED}: {request.headers[ENCODED]}. Send it plain."
        raise RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, text)
    announced = request.headers.get("Content-Length", "0")
    if announced.isdecimal():
        budget.check(int(announced))
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        budget.take(len(chunk), size)
        request.state.held = size
        chunks.append(chunk)
    request.state.whole = True
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def is_whole(request: Request) -> bool:
    """Whether a request's body was read to its end."""
    return getattr(request.state, "whole", False)


def give_back(request: Request, budget: Budget) -> None:
    """Count a request's body as gone."""
    budget.held -= getattr(request.state, "held", 0)
    request.state.held = 0


async def files_of(request: Request, body: bytes, most: int) -> list[tuple[str, bytes]]:
    """The files of a form, ``multipart/form-data``, with their names; other fields are left out.

    Args:
        request: whose headers name the boundary.
        body: of the request.
        most: files.

    Raises:
        RefusalError: no such form, one that was cut, or more files.
    """
    boundary = parse_options_header(request.headers.get("Content-Type", ""))[1].get(b"boundary", b"")
    if boundary and b"--" + boundary + b"--" not in body:
        raise malformed("Expected a whole form, up to its closing boundary; received one that was cut. Send it again.")

    async def stream() -> AsyncIterator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=most, max_fields=most).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError, ValueError) as error:
        message = str(getattr(error, "message", "no boundary")).rstrip(".")
        if message.startswith("Too many"):
            raise too_large(
                f"Expected at most {most} pictures at a time (--queue); received more. Send fewer."
            ) from error
        text = f"Expected a form of files, multipart/form-data; received one that cannot be read: {message}."
        raise malformed(text) from error
    files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if not files:
        raise malformed("Expected a form with a file for each picture; received none. Add files: curl -F files=@a.jpg.")
    try:
        return [(file.filename or "", await file.read()) for file in files]
    finally:
        await form.close()
