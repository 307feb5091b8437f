"""Freed memory is kept for the next step, and the user's own choice is left alone."""

import ctypes
import resource

import numpy as np
import pytest

from zoo.data.batches import Batches
from zoo.data.views import Array
from zoo.utils import allocator

BLOCK = 8 << 20
glibc = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="needs glibc")


@pytest.fixture
def lowered():
    """The thresholds as TensorFlow leaves them; raised again at the end."""
    for parameter in (allocator.M_TRIM_THRESHOLD, allocator.M_MMAP_THRESHOLD):
        ctypes.CDLL(None).mallopt(parameter, 128 << 10)
    yield
    allocator.keep_freed_memory()


def faults_of_steps():
    """Minor page faults of ten steps that take a block and give it back."""
    start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        len(b"x" * BLOCK)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - start


def lowered_faults():
    """Faults of steps while thresholds are low; where there are none, other memory at the heap's end kept it all."""
    faults = faults_of_steps()
    if not faults:
        pytest.skip("this process returns no memory to the system")
    return faults


@glibc
def test_memory_is_kept_between_steps(lowered):
    before = lowered_faults()
    allocator.keep_freed_memory()
    faults_of_steps()  # the heap grows once
    assert faults_of_steps() < before / 4


@glibc
def test_every_batch_raises_the_thresholds_again(lowered):
    before = lowered_faults()
    Batches(Array(np.zeros((4, 2))), 2)[0]
    faults_of_steps()
    assert faults_of_steps() < before / 4


def test_a_users_thresholds_stay(monkeypatch):
    allocator._mallopt.cache_clear()
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    assert allocator._mallopt() is None
    allocator._mallopt.cache_clear()
