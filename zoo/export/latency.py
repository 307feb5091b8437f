"""What an exported graph costs: seconds for one image in the engine of its format, and bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from zoo.export.format import Format
from zoo.export.verify import fresh_process, sample_images
from zoo.state.state import EnsembleState
from zoo.utils.regular_files import size_of

# Runs after the format's own script has defined ``opened``: blocks of ten single images, for two and a half seconds.
TIME = """
import json
import time
import numpy as np
path, images_file, seconds_file = json.loads(sys.stdin.readline())
predict, images, clock = opened(path), np.load(images_file), time.perf_counter
def timed(row):
    begun = clock()
    predict(images[row % len(images)][None])
    return clock() - begun
def block():
    return np.median([timed(row) for row in range(10)])
block()
medians, end = [], clock() + 2.5
while len(medians) < 5 or clock() < end:
    medians.append(block())
np.savez(seconds_file, medians=medians)
"""
BUSY = 2.0  # times, by which half of the blocks are slower where there is other work on the machine

LATENCY = re.compile(r"(?P<number>\d+\.?\d*|\.\d+)\s*(?P<unit>ms|s)")


def latency_of(value: str | float) -> float:
    """Read a time for one image: a number of seconds, or a text with its unit.

    >>> latency_of("20ms"), latency_of("0.5 s"), latency_of(0.02)
    (0.02, 0.5, 0.02)

    Raises:
        ValueError: no time above 0, or a text without a unit.
    """
    found = LATENCY.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    seconds = float(found["number"]) / (1000 if found["unit"] == "ms" else 1) if found else value
    if isinstance(seconds, str) or not 0 < seconds < float("inf"):
        raise ValueError(
            f"Expected max_latency (zoo: --max-latency) above 0, as 20ms or 0.02s, or as seconds; received {value!r}. "
            "Give a number and its unit."
        )
    return float(seconds)


@dataclass(frozen=True)
class Cost:
    """What a graph costs.

    Attributes:
        seconds: for one image, in a process of its own after a warm-up: the least of the medians of ten images, as
            other work on the machine only makes it slower.
        bytes: of its files.
        spread: the middle one of these medians by the least.
    """

    seconds: float
    bytes: int
    spread: float = 1.0


def cost_of(
    state: EnsembleState,
    form: Format,
    storage: str,
    calibration: np.ndarray | None,
    *,
    uncertainty: bool = False,
) -> Cost:
    """Write the graph of a state and of its rule to a scratch folder, and time it there.

    Raises:
        zoo.export.ExportError: a fresh process cannot open it.
    """
    from zoo.export.graph import EnsembleGraph

    with TemporaryDirectory() as scratch, fresh_process(form.open + TIME) as ask:
        folder = Path(scratch, "model")
        form.write(EnsembleGraph(state, state.method, uncertainty=uncertainty), folder, storage, calibration)
        medians = ask(folder, sample_images(state.image_size))["medians"]
        size = size_of(folder)
    return Cost(float(medians.min()), size, float(np.median(medians) / medians.min()))
