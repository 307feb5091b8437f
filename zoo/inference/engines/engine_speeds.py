"""Time engines in turn. Each one's speed is that of its fastest call, which other work disturbs least."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from zoo.inference.engines.engine import Answer

ROUNDS = 3
CALLS = 3  # of a round
ENOUGH = 0.7  # seconds of an engine and a size, after which no further round begins
PAUSE = 0.05  # seconds: threads of one engine wait by spinning, and would disturb the next


def images_per_second(
    answers: Mapping[str, Answer], images: np.ndarray, sizes: Sequence[int]
) -> dict[int, dict[str, float]]:
    """Measure each engine's images/s, by batch size and then by name.

    Args:
        answers: the engines, by name.
        images: ``(n, H, W, 3)`` uint8; repeated up to the largest size.
        sizes: of batches.
    """
    batches = {size: images[np.arange(size) % len(images)] for size in sizes}
    return {size: {name: size / best for name, best in _fastest(answers, batches[size]).items()} for size in sizes}


def _fastest(answers: Mapping[str, Answer], batch: np.ndarray) -> dict[str, float]:
    """The seconds of each engine's fastest call."""
    best: dict[str, float] = {}
    spent = dict.fromkeys(answers, 0.0)
    for _ in range(ROUNDS):
        for name, answer in answers.items():
            if len(answers) > 1:
                time.sleep(PAUSE)
            seconds = [_seconds(answer, batch) for _ in range(CALLS if spent[name] < ENOUGH else 0)]
            spent[name] += sum(seconds)
            best[name] = min([*seconds[1:], best.get(name, np.inf)]) if seconds else best[name]
    return best


def _seconds(answer: Answer, batch: np.ndarray) -> float:
    start = time.perf_counter()
    answer(batch)
    return time.perf_counter() - start
