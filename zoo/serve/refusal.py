"""A request that gets no answer: the status, what to tell, and when to come again."""

from __future__ import annotations

from http import HTTPStatus


class RefusalError(Exception):
    """Something that the client is told, with a status.

    Args:
        status: of HTTP, 400 to 599.
        text: what was expected, what came and what to do.
        retry_after: seconds after which the same request may be answered; None where it never will be.
        pictures: that are refused.
    """

    def __init__(self, status: HTTPStatus, text: str, *, retry_after: int | None = None, pictures: int = 1) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.retry_after = retry_after
        self.pictures = pictures

    @property
    def headers(self) -> dict[str, str]:
        """Of the response."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def too_large(text: str) -> RefusalError:
    """A body or a picture above a limit."""
    return RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)


def unreadable(text: str) -> RefusalError:
    """Something that came whole, and is no picture that can be read."""
    return RefusalError(HTTPStatus.UNPROCESSABLE_ENTITY, text)


def malformed(text: str) -> RefusalError:
    """A request that cannot be understood."""
    return RefusalError(HTTPStatus.BAD_REQUEST, text)


def too_slow(seconds: float) -> RefusalError:
    """A request that was not answered in its time."""
    text = f"Expected an answer within {seconds:g} s; the server is too busy. Send it again later."
    return RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, text, retry_after=max(round(seconds), 1))
