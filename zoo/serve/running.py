"""Listening: one process, or several that share a port, until a signal; what is under way is answered first."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn

from zoo.inference.engines.engine import share_cores
from zoo.serve.application import create_app
from zoo.serve.processes import SILENT, Workers
from zoo.serve.served_model import check_model, open_model
from zoo.serve.settings import Settings
from zoo.serve.stopping import STOPS
from zoo.serve.token import TOKEN, token_set
from zoo.serve.worker import SETTINGS

logger = logging.getLogger(__name__)

IDLE = 75  # seconds after which a connection without requests is closed, more than load balancers' usual 60


def check_token(settings: Settings, *, without_token: bool) -> None:
    """Check that nobody from outside gets in unasked.

    Raises:
        ValueError: other machines can reach the address, and there is no token; or a token, and none is wanted.
    """
    if without_token and token_set():
        raise ValueError(f"Expected no {TOKEN} with --without-token; it is set. Unset it, or leave the option out.")
    if not settings.is_loopback and not token_set() and not without_token:
        raise ValueError(
            f"Expected a token in {TOKEN} where other machines can reach the server, --host {settings.host}; there is "
            "none. Set one, or add --without-token to let everybody in."
        )


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        OSError: the address is taken, or there is none such.
        FileNotFoundError, ImportError, ValueError: as of :func:`zoo.serve.served_model.open_model`.
        RuntimeError: the same, or one of several workers cannot start.
    """
    share_cores(settings.workers)
    with _socket(settings) as bound:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        line = f"{settings.model} is served at http://{host}:{bound.getsockname()[1]}"
        if settings.workers == 1:
            _Server(_config(create_app(settings, open_model(settings))), line).run(sockets=[bound])
        else:
            _serve_together(settings, bound, f"{line} by {settings.workers} workers")


def _serve_together(settings: Settings, bound: socket.socket, line: str) -> None:
    check_model(settings)
    with TemporaryDirectory(prefix="zoo-metrics-") as folder:
        os.environ[SETTINGS], os.environ["PROMETHEUS_MULTIPROC_DIR"] = settings.as_json(), folder
        Workers(_config("zoo.serve.worker:worker", factory=True, workers=settings.workers), bound, line).run()


class _Server(uvicorn.Server):
    """A server that says when it listens and when it stops, and that a signal ends with the exit code 0."""

    def __init__(self, config: uvicorn.Config, line: str) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        if self.started:
            logger.info("%s", self._line)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is under way."""
        logger.info(STOPS)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal; uvicorn's own method would send it again afterwards, for an exit code of its own."""
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _config(app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        log_level="warning",
        access_log=False,
        ws="none",
        timeout_keep_alive=IDLE,
        timeout_worker_healthcheck=SILENT,
        **more,
    )


def _socket(settings: Settings) -> socket.socket:
    """Take the address, so that one that is taken is an error before the model is opened."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Where the protocol is named, asyncio sends answers at once (TCP_NODELAY); else each waits 40 ms for an ACK.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        raise OSError(
            f"Expected a free address; {settings.host}:{settings.port} cannot be taken: {error.strerror}. Pass another "
            "--host or --port."
        ) from error
    bound.set_inheritable(True)
    return bound
