"""The global random generators of Python, NumPy, Keras and its backend: set for a while, and put back.

They are the user's. Keras draws from them when it builds layers, also when it reads a model from a file.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Restore = Callable[[], None]
KERAS_ATTRIBUTES = ("global_seed_generator", "global_random_seed")  # of Keras' global state


@contextmanager
def users_randomness() -> Iterator[None]:
    """Put the generators back as they were when the block ends, so that the user's draws go on undisturbed."""
    restores = [_python(), _numpy(), _keras(), _tensorflow(), _torch()]
    try:
        yield
    finally:
        for restore in restores:
            restore()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Set all generators by a seed, and put them back when the block ends.

    Keras' layers draw their seeds from Python's generator, which all threads share, those of Dask's workers among them:
    in this thread they draw from one of its own, which gives the same numbers as an undisturbed one.
    """
    import keras

    with users_randomness(), _of_this_thread(random.Random(seed)):
        keras.utils.set_random_seed(seed)
        yield


class _ByThread(threading.local):
    """What Keras takes Python's ``random`` for: a generator of this thread, where it has one."""

    own: random.Random | None = None

    def randint(self, low: int, high: int) -> int:
        return random.randint(low, high) if self.own is None else self.own.randint(low, high)


_by_thread = _ByThread()


@contextmanager
def _of_this_thread(generator: random.Random) -> Iterator[None]:
    from keras.src.random import seed_generator

    seed_generator.python_random = _by_thread  # the only name that Keras' layers draw their seeds by
    before, _by_thread.own = _by_thread.own, generator
    try:
        yield
    finally:
        _by_thread.own = before


def _python() -> Restore:
    state = random.getstate()
    return lambda: random.setstate(state)


def _numpy() -> Restore:
    state = np.random.get_state()
    return lambda: np.random.set_state(state)


def _keras() -> Restore:
    from keras.src.backend.common import global_state

    kept = {name: global_state.get_global_attribute(name) for name in KERAS_ATTRIBUTES}
    generator = kept["global_seed_generator"]
    drawn = None if generator is None else np.array(generator.state)

    def restore() -> None:
        for name, value in kept.items():
            global_state.set_global_attribute(name, value)
        if generator is not None:
            generator.state.assign(drawn)

    return restore


def _tensorflow() -> Restore:
    """The global seed, and the generator of the seeds of operations; TensorFlow has no public way to put them back."""
    try:
        from tensorflow.python.eager.context import context
    except ImportError:  # Keras runs on another backend
        return lambda: None
    own: Any = context()
    before, generator = own._seed, getattr(own, "_rng", None)
    state = generator.getstate() if isinstance(generator, random.Random) else None

    def restore() -> None:
        own._seed, own._rng = before, generator
        if isinstance(generator, random.Random) and state is not None:
            generator.setstate(state)

    return restore


def _torch() -> Restore:
    import keras

    if keras.backend.backend() != "torch":
        return lambda: None
    import torch

    state = torch.get_rng_state()
    return lambda: torch.set_rng_state(state)
