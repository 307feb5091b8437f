"""Image files to one memory-mapped uint8 array, decoded once and kept."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import joblib
import numpy as np

from zoo.data.image_io import measure, read
from zoo.data.pixel_reading import PLAIN, PixelReading
from zoo.data.sizes import choose_size
from zoo.data.tally import Tally
from zoo.utils.files import replacing, write_array
from zoo.utils.text import Size

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
LISTED = 20
VERSION = 2  # of what is decoded: raise it where the same files give other pixels


class UnreadableImagesError(ValueError):
    """Some files are no images that can be read; the message lists them, and ``files`` has all."""

    def __init__(self, failures: dict[Path, str]) -> None:
        self.files = list(failures)
        lines = [f"  {path}: {reason}" for path, reason in list(failures.items())[:LISTED]]
        more = [f"  (and {len(failures) - LISTED} more)"] if len(failures) > LISTED else []
        super().__init__(
            "\n".join(
                [
                    f"Expected images; {len(failures)} files cannot be read:",
                    *lines,
                    *more,
                    "Mend or remove them, or pass skip_unreadable=True (zoo: --skip-unreadable) to leave them out.",
                ]
            )
        )


def decode(
    files: Sequence[Path],
    folder: Path,
    *,
    image_size: Size | None = None,
    skip_unreadable: bool = False,
    reading: PixelReading = PLAIN,
) -> tuple[np.ndarray, np.ndarray]:
    """Decode image files to RGB of one size.

    Args:
        files: what to read.
        folder: where the array is kept; the same files in the same state are decoded once.
        image_size: ``(height, width)``; by default see :func:`zoo.data.sizes.choose_size`.
        skip_unreadable: leave unreadable files out, with a warning that names them, instead of raising.
        reading: how pixels of other kinds are read.

    Returns:
        ``(N, H, W, 3)`` uint8 memory map and ``(N,)`` indices of the files that it holds.

    Raises:
        UnreadableImagesError: files that cannot be read, or none that can.
    """
    path = folder / f"{_key(files, image_size, reading)}.npy"
    failures = _known_failures(path, files)
    if failures is None or (failures and not skip_unreadable):
        failures = _decode(path, files, image_size, skip_unreadable, reading)
    for file, reason in failures.items():
        logger.warning("left out %s: %s", file, reason)
    return np.load(path, mmap_mode="r"), np.load(_rows_file(path))


def _known_failures(path: Path, files: Sequence[Path]) -> dict[Path, str] | None:
    """What an earlier call had to leave out; None where there was none."""
    if not path.is_file():
        return None
    held = set(np.load(_rows_file(path)).tolist())
    return {file: "could not be read" for row, file in enumerate(files) if row not in held}


def _decode(
    path: Path, files: Sequence[Path], image_size: Size | None, skip_unreadable: bool, reading: PixelReading
) -> dict[Path, str]:
    """Decode the files into ``path``; returns those that could not be read."""
    sizes, failures = _collect(files, range(len(files)), lambda row: measure(files[row]))
    with replacing(path) as beside:
        target = choose_size(sizes.values(), image_size, reading.fit)
        rows, more = _write(beside, files, sorted(sizes), target, reading)
        failures |= more
        if failures and not (skip_unreadable and rows):
            raise UnreadableImagesError(failures)
        if more:  # leaves gaps, and is too rare to deserve better than a second pass
            rows, _ = _write(beside, files, rows, target, reading)
        write_array(_rows_file(path), np.array(rows))
    return failures


def _write(
    path: Path, files: Sequence[Path], rows: Sequence[int], size: Size, reading: PixelReading
) -> tuple[list[int], dict[Path, str]]:
    """Decode some of the files into an array; returns the rows that succeeded and the failures."""
    if not rows:
        return [], {}
    array = np.lib.format.open_memmap(path, "w+", np.uint8, (len(rows), *size, 3))
    indices = {row: index for index, row in enumerate(rows)}
    tally = Tally()

    def decode_into(row: int) -> None:
        array[indices[row]] = read(files[row], size, reading, tally)

    good, failures = _collect(files, rows, decode_into)
    array.flush()
    if not failures:  # otherwise there is a second pass, or an error
        tally.say(reading)
    return sorted(good), failures


def _collect(
    files: Sequence[Path], rows: Sequence[int], work: Callable[[int], Result]
) -> tuple[dict[int, Result], dict[Path, str]]:
    """Do some work for each file in threads; returns results by row and failures by file."""

    def attempt(row: int) -> tuple[list[Result], str]:
        try:
            return [work(row)], ""
        except ImportError:  # one extra for all files of a kind
            raise
        except Exception as error:  # Pillow's decoders raise whatever a broken file leads them into
            return [], str(error) or type(error).__name__

    outcomes = joblib.Parallel(n_jobs=-1, prefer="threads")(joblib.delayed(attempt)(row) for row in rows)
    results = {row: result for row, (found, _) in zip(rows, outcomes, strict=True) for result in found}
    failures = {files[row]: reason for row, (_, reason) in zip(rows, outcomes, strict=True) if reason}
    return results, failures


def _key(files: Sequence[Path], image_size: Size | None, reading: PixelReading) -> str:
    """Identify files by name, length and time of change: hashing them would cost as much as decoding."""
    states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps([states, image_size, VERSION, reading.as_dict()]).encode()).hexdigest()[:16]


def _rows_file(path: Path) -> Path:
    return path.with_suffix(".rows.npy")
