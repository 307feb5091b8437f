"""zoo/serve/batching.py: which pictures meet in a batch, and that none of them changes another's answer."""

import threading
from concurrent.futures import Future
from time import monotonic

import numpy as np
import pytest

from zoo.serve.batching import Batcher
from zoo.serve.refusal import RefusalError


def picture(level):
    return np.full((2, 2, 3), level, np.uint8)


class Engine:
    """Answers each picture with its level; waits until it is let go, and keeps the sizes of its batches."""

    def __init__(self):
        self.sizes = []
        self.go = threading.Event()
        self.entered = threading.Event()

    def __call__(self, images):
        self.entered.set()
        assert self.go.wait(10)
        self.sizes.append(len(images))
        if (images == 66).any():
            raise ValueError("a level that breaks the engine")
        return {"level": images[:, 0, 0, 0].astype(int)}


@pytest.fixture
def engine():
    return Engine()


@pytest.fixture
def make(engine):
    made = []

    def build(**options):
        made.append(Batcher(engine, **{"size": 4, "wait": 0.0, "bound": 100, **options}))
        return made[-1]

    yield build
    engine.go.set()
    for batcher in made:
        batcher.close()


def send(batcher, *levels):
    batcher.admit(len(levels))
    futures = [Future() for _ in levels]
    for level, future in zip(levels, futures, strict=True):
        batcher.queue(picture(level), future)
    return futures


def levels(futures):
    return [int(future.result(10)["level"]) for future in futures]


def test_what_waits_while_the_engine_works_is_one_batch_and_each_has_its_own_answer(engine, make):
    batcher = make()
    first = send(batcher, 1)
    assert engine.entered.wait(10)
    others = send(batcher, *range(10, 20))
    engine.go.set()
    assert levels(first + others) == [1, *range(10, 20)]
    assert engine.sizes == [1, 4, 4, 2]
    assert batcher.underway == 0


def test_one_that_breaks_the_engine_fails_alone(engine, make):
    batcher = make()
    first = send(batcher, 1)
    assert engine.entered.wait(10)
    others = send(batcher, 2, 66, 3)
    engine.go.set()
    assert levels([*first, others[0], others[2]]) == [1, 2, 3]
    with pytest.raises(ValueError, match="breaks the engine"):
        others[1].result(10)
    assert levels(send(batcher, 5)) == [5]


def test_a_batch_waits_for_pictures_on_their_way_and_for_no_others(engine, make):
    engine.go.set()
    batcher = make(wait=60.0)
    assert levels(send(batcher, 7)) == [7]  # alone: at once
    batcher.admit(1)
    waiting = send(batcher, 8)
    assert not waiting[0].done()
    last = Future()
    batcher.queue(picture(9), last)
    assert levels([*waiting, last]) == [8, 9]
    assert engine.sizes == [1, 2]


def test_a_picture_that_is_withdrawn_is_not_waited_for(engine, make):
    engine.go.set()
    batcher = make(wait=60.0)
    batcher.admit(1)
    waiting = send(batcher, 8)
    batcher.withdraw()
    assert levels(waiting) == [8]


def test_the_wait_ends(engine, make):
    engine.go.set()
    batcher = make(wait=0.05)
    batcher.admit(1)
    start = monotonic()
    assert levels(send(batcher, 8)) == [8]
    assert monotonic() - start >= 0.05
    batcher.withdraw()


def test_more_than_the_bound_is_refused_with_a_time_to_come_again(engine, make):
    batcher = make(bound=5)
    held = send(batcher, 1, 2, 3, 4, 5)
    with pytest.raises(RefusalError, match=r"--queue.*5") as refused:
        batcher.admit(1)
    assert refused.value.status == 429
    assert int(refused.value.headers["Retry-After"]) >= 1
    with pytest.raises(RefusalError, match=r"at most 5.*received 6") as too_many:
        batcher.admit(6)
    assert (too_many.value.status, too_many.value.headers) == (413, {})
    engine.go.set()
    assert levels(held) == [1, 2, 3, 4, 5]
    assert levels(send(batcher, 6)) == [6]


def test_what_nobody_waits_for_is_not_predicted(engine, make):
    batcher = make()
    first = send(batcher, 1)
    assert engine.entered.wait(10)
    gone, kept = send(batcher, 2, 3)
    assert gone.cancel()
    engine.go.set()
    assert levels([*first, kept]) == [1, 3]
    assert engine.sizes == [1, 1]


def test_closing_answers_what_waits_and_refuses_what_comes(engine, make):
    batcher = make()
    held = send(batcher, *range(9))
    engine.go.set()
    batcher.close()
    assert levels(held) == list(range(9))
    with pytest.raises(RefusalError, match="stops") as refused:
        batcher.admit(1)
    assert refused.value.status == 503


def test_pictures_from_many_threads_keep_their_answers(engine, make):
    engine.go.set()
    seen, batcher = [], make(size=8, bound=1000, wait=0.001)

    def client(start):
        for level in range(start, start + 25):
            seen.append((level, *levels(send(batcher, level))))

    threads = [threading.Thread(target=client, args=(100 + 25 * number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 150
    assert all(sent == answered for sent, answered in seen)


def test_one_that_counts_and_fails_stops_no_batch(engine, make, caplog):
    def fail(*told):
        raise OSError("the disk is full")

    engine.go.set()
    batcher = make(observe=fail, follow=fail)
    assert levels(send(batcher, 1)) == [1]
    assert levels(send(batcher, 2)) == [2]
    assert batcher.is_working
    assert "the disk is full" in caplog.text


def test_pictures_on_their_way_are_told_at_each_change(engine, make):
    told = []
    batcher = make(follow=told.append)
    batcher.admit(2)
    batcher.withdraw()
    future = Future()
    batcher.queue(picture(5), future)
    engine.go.set()
    assert levels([future]) == [5]
    batcher.close()
    assert told == [2, 1, 0]
