"""The prediction loop: read ahead, predict, write each part when it is complete."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import repeat
from time import perf_counter
from typing import TypeAlias

import numpy as np

from zoo.data.unlabelled import Read
from zoo.inference.batch_size import Trial
from zoo.inference.graphs import Graph
from zoo.inference.reading_ahead import Batch, read_ahead
from zoo.inference.resumable_parts import Part, Parts
from zoo.utils.allocator import keep_freed_memory

Predictions: TypeAlias = tuple[Batch, dict[str, np.ndarray]]


def write_parts(graph: Graph, read: Read, parts: Parts, rows: int, trial: Trial, progress: Progress) -> None:
    """Predict the images that have no predictions yet.

    Args:
        graph: predicts.
        read: reads an image by its index.
        parts: to write to.
        rows: of a part.
        trial: chooses how to read.
        progress: the first and the last index; it is updated after each batch.
    """
    keep_freed_memory()
    indices = range(progress.done, progress.total)
    gathered: list[Predictions] = []
    with closing(_predicted(graph, read, indices, rows, trial)) as predicted:
        for batch, predictions in predicted:
            gathered.append((batch, predictions))
            if batch.span.stop % rows == 0 or batch.span.stop == progress.total:
                parts.write(batch.span.start // rows, _part(graph, gathered))
                gathered = []
            progress.tell(batch.span.stop)


def cut(indices: range, rows: int, sizes: Iterator[int]) -> Iterator[range]:
    """Cut a range of indices into batches of these sizes, and at the end of each part."""
    start = indices.start
    while start < indices.stop and (size := next(sizes, None)):
        stop = min(start + size, (start // rows + 1) * rows, indices.stop)
        yield range(start, stop)
        start = stop


def _predicted(graph: Graph, read: Read, indices: range, rows: int, trial: Trial) -> Generator[Predictions]:
    """Predict the first images in batches of several sizes, and the others in batches of the chosen size."""
    start = indices.start
    with closing(_timed(graph, read, cut(indices, rows, trial.sizes()), trial.pace().threads)) as first:
        for batch, predictions, seconds in first:
            trial.record(len(batch.places), seconds, batch.seconds)
            start = batch.span.stop
            yield batch, predictions
    if start == indices.stop:
        return
    pace = trial.chosen()
    spans = cut(range(start, indices.stop), rows, repeat(pace.batch_size))
    with closing(_timed(graph, read, spans, pace.threads)) as others:
        yield from ((batch, predictions) for batch, predictions, _ in others)


def _timed(
    graph: Graph, read: Read, spans: Iterator[range], threads: int
) -> Generator[tuple[Batch, dict[str, np.ndarray], float]]:
    """Predict batches, each with the seconds that the graph took."""
    with closing(read_ahead(read, graph.image_size, spans, threads)) as batches:
        for batch in batches:
            start = perf_counter()
            predictions = dict(graph.answer(batch.images)) if len(batch.places) else {}
            yield batch, predictions, perf_counter() - start


def _part(graph: Graph, gathered: list[Predictions]) -> Part:
    """Concatenate batches; keep only the outputs that the table has."""
    indices = np.concatenate([batch.places for batch, _ in gathered])
    predictions = {
        name: np.concatenate([none, *(found[name] for _, found in gathered if found)])
        for name, none in graph.no_answers.items()
    }
    failures = {index: reason for batch, _ in gathered for index, reason in batch.failures.items()}
    return Part(indices, predictions, failures)


logger = logging.getLogger(__name__)

SECONDS = 10.0  # between two lines


class Progress:
    """Count images.

    Args:
        done: those of earlier runs.
        total: of all.
        watch: called with the number of images done and the total.
    """

    def __init__(self, done: int, total: int, watch: Callable[[int, int], None] | None) -> None:
        self.found = done
        self.done = done
        self.total = total
        self.watch = watch
        self._start = self._logged = perf_counter()

    def tell(self, done: int) -> None:
        """Record the number of images done."""
        self.done = done
        if self.watch:
            self.watch(done, self.total)
        if perf_counter() - self._logged > SECONDS:
            self._logged = perf_counter()
            logger.info("%s of %s images, %.1f images/s", f"{done:,}", f"{self.total:,}", self.images_per_second)

    @property
    def images_per_second(self) -> float:
        """Since the start, without the images of earlier runs."""
        return (self.done - self.found) / (perf_counter() - self._start)
