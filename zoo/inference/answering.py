"""The work itself: read ahead, answer, keep a part whenever one is complete."""

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
from zoo.inference.parts import Part, Parts
from zoo.inference.reading import Batch, read_ahead
from zoo.utils.allocator import keep_freed_memory

Answered: TypeAlias = tuple[Batch, dict[str, np.ndarray]]


def write_parts(graph: Graph, read: Read, parts: Parts, rows: int, trial: Trial, progress: Progress) -> None:
    """Answer what is not answered yet.

    Args:
        graph: answers.
        read: reads an image by its place.
        parts: to write to.
        rows: of a part.
        trial: chooses how to read.
        progress: says where to begin and where to end, and is told.
    """
    keep_freed_memory()
    places = range(progress.done, progress.total)
    gathered: list[Answered] = []
    with closing(_answered(graph, read, places, rows, trial)) as answered:
        for batch, answers in answered:
            gathered.append((batch, answers))
            if batch.span.stop % rows == 0 or batch.span.stop == progress.total:
                parts.write(batch.span.start // rows, _part(graph, gathered))
                gathered = []
            progress.tell(batch.span.stop)


def cut(places: range, rows: int, sizes: Iterator[int]) -> Iterator[range]:
    """Cut places into batches of these sizes, and where a part ends."""
    start = places.start
    while start < places.stop and (size := next(sizes, None)):
        stop = min(start + size, (start // rows + 1) * rows, places.stop)
        yield range(start, stop)
        start = stop


def _answered(graph: Graph, read: Read, places: range, rows: int, trial: Trial) -> Generator[Answered]:
    """Answer the first images in batches of several sizes, and the others in those that were chosen."""
    start = places.start
    with closing(_timed(graph, read, cut(places, rows, trial.sizes()), trial.pace().threads)) as first:
        for batch, answers, seconds in first:
            trial.record(len(batch.places), seconds, batch.seconds)
            start = batch.span.stop
            yield batch, answers
    if start == places.stop:
        return
    pace = trial.chosen()
    spans = cut(range(start, places.stop), rows, repeat(pace.batch_size))
    with closing(_timed(graph, read, spans, pace.threads)) as others:
        yield from ((batch, answers) for batch, answers, _ in others)


def _timed(
    graph: Graph, read: Read, spans: Iterator[range], threads: int
) -> Generator[tuple[Batch, dict[str, np.ndarray], float]]:
    """Answer batches, each with the seconds that the graph took."""
    with closing(read_ahead(read, graph.image_size, spans, threads)) as batches:
        for batch in batches:
            start = perf_counter()
            answers = dict(graph.answer(batch.images)) if len(batch.places) else {}
            yield batch, answers, perf_counter() - start


def _part(graph: Graph, gathered: list[Answered]) -> Part:
    """Put batches together; of the answers only those that the table has are kept."""
    places = np.concatenate([batch.places for batch, _ in gathered])
    answers = {
        name: np.concatenate([none, *(found[name] for _, found in gathered if found)])
        for name, none in graph.no_answers.items()
    }
    failures = {place: reason for batch, _ in gathered for place, reason in batch.failures.items()}
    return Part(places, answers, failures)


logger = logging.getLogger(__name__)

SECONDS = 10.0  # between two lines


class Progress:
    """Count images.

    Args:
        done: those of earlier runs.
        total: of all.
        watch: is told how many are done, and of how many.
    """

    def __init__(self, done: int, total: int, watch: Callable[[int, int], None] | None) -> None:
        self.found = done
        self.done = done
        self.total = total
        self.watch = watch
        self._start = self._told = perf_counter()

    def tell(self, done: int) -> None:
        """So many are done."""
        self.done = done
        if self.watch:
            self.watch(done, self.total)
        if perf_counter() - self._told > SECONDS:
            self._told = perf_counter()
            logger.info("%s of %s images, %.1f images/s", f"{done:,}", f"{self.total:,}", self.images_per_second)

    @property
    def images_per_second(self) -> float:
        """Since the start, without what was there before."""
        return (self.done - self.found) / (perf_counter() - self._start)
