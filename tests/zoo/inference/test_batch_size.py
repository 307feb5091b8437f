"""zoo/inference/batch_size.py."""

import logging
import re

import joblib

from zoo.inference.batch_size import SIZES, TRIALS, Pace, Trial


def _trial(batch_size=None, threads=None, pixels=96 * 96):
    return Trial(batch_size, threads, pixels)


def _tried(trial, speeds, reading=0.001):
    """Run a trial on a graph of known images/s by batch size."""
    for size in trial.sizes():
        trial.record(size, size / speeds[size], reading)
    return trial.chosen()


def test_the_fastest_size_goes_on_with_as_many_threads_as_it_needs(caplog):
    with caplog.at_level(logging.INFO, "zoo"):
        assert _tried(_trial(), {8: 400, 32: 1000, 64: 2000, 128: 1000}) == Pace(64, 4)
    assert re.search(r"64 images.*threads: 4.*2000\.0 images/s.*1\.0 ms", caplog.text)


def test_of_equal_sizes_the_smallest_goes_on():
    assert _tried(_trial(), {8: 50, 32: 99, 64: 100, 128: 99}).batch_size == 32


def test_every_size_has_its_trials():
    assert list(_trial().sizes()) == [size for size in SIZES for _ in range(TRIALS)]


def test_a_slow_graph_is_not_tried_in_large_batches():
    trial, tried = _trial(), []
    for size in trial.sizes():
        tried.append(size)
        trial.record(size, size / 0.5, 0.001)
    assert tried == [8, 8]
    assert trial.chosen() == Pace(8, 1)


def test_large_images_are_not_tried_in_large_batches():
    assert _tried(_trial(pixels=224 * 224), {8: 50, 32: 90, 64: 100}).batch_size == 64
    assert list(_trial(pixels=2000 * 2000).sizes()) == [8, 8]  # of whatever speed, as batches are planned ahead


def test_what_was_given_is_not_measured():
    trial = _trial(100, 3)
    assert list(trial.sizes()) == []
    assert trial.chosen() == Pace(100, 3)
    assert _tried(_trial(100, None), {100: 1000}, reading=0.01) == Pace(100, 20)
    assert _tried(_trial(None, 7), dict.fromkeys(SIZES, 10.0)).threads == 7


def test_batches_that_were_cut_short_say_nothing():
    trial = _trial()
    trial.record(8, 1, 0.001)
    trial.record(5, 0.001, 0.001)
    assert trial.chosen().batch_size == 8


def test_without_measurements_there_is_a_choice_all_the_same():
    assert _trial().chosen() == Pace(32, joblib.cpu_count())
