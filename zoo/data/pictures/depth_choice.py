"""The depth range of a set of files, chosen once from the training images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from zoo.data.pictures.depth import AS_STORED, choose_range, sample_values, say_range
from zoo.data.pictures.formats import MARK, marked_as, start_of
from zoo.data.pictures.image_io import Readable, deep_values, names_window, rescaling
from zoo.data.pictures.pixel_reading import PixelReading, Rescaling
from zoo.utils.threads import in_threads

Item = TypeVar("Item")
Result = TypeVar("Result")

SHALLOW = {"JPEG", "GIF", "BMP", "WEBP"}  # formats of 8 bits only, which are not opened
MOST = 256  # files that are read


def with_depth(reading: PixelReading, files: Sequence[Readable]) -> PixelReading:
    """Choose a depth range from training images of more than 8 bits, where there are such and none is given.

    Up to :data:`MOST` of such files, evenly taken, are read, and the choice is logged. Files that name a window of
    their own, as DICOM may, need none.

    Args:
        reading: as the user wants it.
        files: of the training.

    Raises:
        ValueError: files with windows of their own and files without: one range for all would overrule the windows.
    """
    if reading.depth_range is not None:
        return reading
    able = [row for row, may_be in enumerate(_each(_may_be_deep, files)) if may_be]
    windows = [*_each(lambda row: names_window(files[row]), able)]
    deep = [row for row, window in zip(able, windows, strict=True) if window is False]
    _check_windows(windows.count(True), [files[row] for row in deep])
    some = [files[deep[row]] for row in np.unique(np.linspace(0, len(deep) - 1, min(MOST, len(deep))).astype(int))]
    samples = [
        sample for values in _each(deep_values, some) if values is not None and len(sample := sample_values(values))
    ]
    if not samples:
        return reading
    limits, why = choose_range(samples, _shared_rescaling(some))
    say_range(limits, why)
    return replace(reading, depth_range=limits)


def _may_be_deep(file: Readable) -> bool:
    """Whether a file is of a format that has more than 8 bits, by its first bytes: names are often wrong."""
    if not isinstance(file, Path | bytes):
        return True
    return not SHALLOW.intersection(marked_as(file[:MARK] if isinstance(file, bytes) else start_of(file)))


def _check_windows(windowed: int, others: Sequence[Readable]) -> None:
    if windowed and others:
        named = f", such as {others[0]}" if isinstance(others[0], Path) else ""
        raise ValueError(
            f"Expected images of more than 8 bits that all name a window of their own, or none; received {windowed} "
            f"with and {len(others)} without{named}. Give one range for all: depth_range=(LOW, HIGH) (zoo: "
            "--depth-range LOW,HIGH), or leave out those without."
        )


def _shared_rescaling(files: Sequence[Readable]) -> Rescaling:
    """The slope and intercept of all files; none where they differ."""
    found = {own for own in _each(rescaling, files) if own is not None}
    return found.pop() if len(found) == 1 else AS_STORED


def _each(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result | None]:
    """Do some work for each item; None for files that cannot be read, which decoding lists."""

    def attempt(item: Item) -> Result | None:
        with suppress(Exception):  # Pillow's decoders raise whatever a broken file leads them into
            return work(item)
        return None

    return in_threads(attempt, items)
