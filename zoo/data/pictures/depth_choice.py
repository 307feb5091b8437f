"""The depth range of a set of files, chosen once from the training images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

import joblib
import numpy as np

from zoo.data.pictures.depth import AS_STORED, choose_range, sample_values, say_range
from zoo.data.pictures.image_io import Readable, deep_values, needs_range, rescaling
from zoo.data.pictures.pixel_reading import PixelReading, Rescaling

Result = TypeVar("Result")

SHALLOW = {".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp"}  # formats of 8 bits only, which are not opened
MOST = 256  # files that are read


def with_depth(reading: PixelReading, files: Sequence[Readable]) -> PixelReading:
    """Choose a depth range from training images of more than 8 bits, where there are such and none is given.

    Up to :data:`MOST` of such files, evenly taken, are read, and the choice is logged. Files that name a window of
    their own, as DICOM may, need none.

    Args:
        reading: as the user wants it.
        files: of the training.
    """
    if reading.depth_range is not None:
        return reading
    able = [file for file in files if getattr(file, "suffix", "").lower() not in SHALLOW]
    deep = [file for file, found in zip(able, _in_threads(needs_range, able), strict=True) if found]
    some = [deep[row] for row in np.unique(np.linspace(0, len(deep) - 1, min(MOST, len(deep))).astype(int))]
    found = _in_threads(deep_values, some)
    samples = [sample for values in found if values is not None and len(sample := sample_values(values))]
    if not samples:
        return reading
    limits, why = choose_range(samples, _shared_rescaling(some))
    say_range(limits, why)
    return replace(reading, depth_range=limits)


def _shared_rescaling(files: Sequence[Readable]) -> Rescaling:
    """The slope and intercept of all files; none where they differ."""
    found = {own for own in _in_threads(rescaling, files) if own is not None}
    return found.pop() if len(found) == 1 else AS_STORED


def _in_threads(work: Callable[[Readable], Result], files: Sequence[Readable]) -> list[Result | None]:
    """Do some work for each file; None for those that cannot be read, which decoding lists."""

    def attempt(file: Readable) -> Result | None:
        with suppress(Exception):  # Pillow's decoders raise whatever a broken file leads them into
            return work(file)
        return None

    done: list[Result | None] = joblib.Parallel(n_jobs=-1, prefer="threads")(
        joblib.delayed(attempt)(file) for file in files
    )
    return done
