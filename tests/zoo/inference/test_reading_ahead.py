"""zoo/inference/reading_ahead.py."""

import errno
import threading
import time
from contextlib import closing

import numpy as np
import pytest

from zoo.inference.reading_ahead import read_ahead

SPANS = [range(0, 3), range(3, 8), range(8, 10)]


def _read(place, size):
    time.sleep(0.002 * (place % 3))
    return np.full((*size, 3), place, np.uint8)


@pytest.mark.parametrize("threads", [1, 4])
def test_batches_come_in_order(threads):
    batches = list(read_ahead(_read, (2, 3), SPANS, threads))
    assert [batch.span for batch in batches] == SPANS
    assert [batch.places.tolist() for batch in batches] == [list(span) for span in SPANS]
    assert np.concatenate([batch.images for batch in batches])[:, 0, 0, 0].tolist() == list(range(10))
    assert all(batch.images.shape[1:] == (2, 3, 3) and batch.seconds > 0 for batch in batches)


def test_what_fails_is_a_reason():
    def read(place, size):
        if place in (4, 8, 9):
            raise [SyntaxError("a broken chunk"), KeyError(), MemoryError("too large")][place % 4 % 3]
        return _read(place, size)

    first, second, third = read_ahead(read, (2, 2), SPANS, 2)
    assert first.failures == {}
    assert second.failures == {4: "a broken chunk"}
    assert second.images[:, 0, 0, 0].tolist() == second.places.tolist() == [3, 5, 6, 7]
    assert third.failures == {8: "a broken chunk", 9: "KeyError"}
    assert (third.places.shape, third.images.shape) == ((0,), (0, 2, 2, 3))


def test_what_waits_does_not_grow_with_what_there_is():
    started = []
    spans = (range(start, start + 4) for start in range(0, 4000, 4))
    with closing(read_ahead(lambda place, size: started.append(place) or _read(0, size), (2, 2), spans, 2)) as batches:
        for number in range(1, 20):
            next(batches)
            assert len(started) <= number * 4 + 3 * 4


def test_closing_it_ends_its_threads():
    before = threading.active_count()
    batches = read_ahead(_read, (2, 2), (range(start, start + 4) for start in range(0, 4000, 4)), 3)
    next(batches)
    assert threading.active_count() > before
    batches.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("error", [MemoryError(), OSError(errno.EMFILE, "too many open files")])
def test_what_is_wrong_with_the_machine_is_no_broken_file(error):
    def read(place, size):
        raise error

    with pytest.raises(type(error)):
        list(read_ahead(read, (2, 2), [range(2)], 1))
