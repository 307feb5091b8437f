"""Counts and times for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zoo.inference.graphs import PROBABILITIES
from zoo.serve.batching import Row
from zoo.serve.refusal import RefusalError
from zoo.serve.served_model import ACCEPTED

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several workers keep their numbers
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """What a server counts; each application has its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        requests = ("route", "status")
        self.requests = Counter("zoo_requests", "Requests, by route and status.", requests, registry=registry)
        self.seconds = Histogram(
            "zoo_request_seconds", "Of requests, by route.", ("route",), buckets=SECONDS, registry=registry
        )
        self.pictures = Counter(
            "zoo_pictures", "Pictures: answered, unreadable, refused or failed.", ("outcome",), registry=registry
        )
        self.answers = Counter("zoo_answers", "Answers, by class.", ("class",), registry=registry)
        self.unsure = Counter("zoo_not_accepted", "Answers that were not sure enough.", registry=registry)
        self.batches = Histogram("zoo_batch_pictures", "Pictures of a batch.", buckets=BATCHES, registry=registry)
        self.engine = Histogram("zoo_engine_seconds", "Of batches.", buckets=SECONDS, registry=registry)
        self.underway = Gauge(
            "zoo_pictures_underway",
            "Pictures that are decoded, wait or are predicted.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._model = Gauge(
            "zoo_model", "1, by the model's hash.", ("hash",), registry=registry, multiprocess_mode="livemax"
        )

    def show(self, identity: str) -> None:
        """Show the model's hash."""
        self._model.labels(identity).set(1)

    def follow(self, pictures: int) -> None:
        """Show how many pictures are under way."""
        self.underway.set(pictures)

    def count(self, rows: Sequence[Row | BaseException], classes: Sequence[str]) -> None:
        """Count the pictures of a request by what became of them, and the answers by class.

        Args:
            rows: for each picture its outputs, or why there are none.
            classes: names.
        """
        for row in rows:
            if isinstance(row, BaseException):
                self.pictures.labels("unreadable" if isinstance(row, RefusalError) else "failed").inc()
                continue
            self.pictures.labels("answered").inc()
            self.answers.labels(classes[int(row[PROBABILITIES].argmax())]).inc()
            self.unsure.inc(ACCEPTED in row and not row[ACCEPTED])

    def batch(self, images: int, seconds: float) -> None:
        """Count a batch."""
        self.batches.observe(images)
        self.engine.observe(seconds)

    def text(self) -> bytes:
        """All numbers, of all workers, in Prometheus' own format."""
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        every = CollectorRegistry()
        MultiProcessCollector(every)
        return generate_latest(every)


class Measured:
    """Count requests, and how long they take.

    Args:
        app: behind it.
        metrics: to count in.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it by its route. All unknown paths share the label `none`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(perf_counter() - start)
