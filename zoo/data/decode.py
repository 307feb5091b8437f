"""Image files to one memory-mapped uint8 array, decoded once and kept."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import joblib
import numpy as np
from PIL import Image, ImageOps

from zoo.files import replacing
from zoo.sizes import Size

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
LISTED = 20


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
    files: Sequence[Path], folder: Path, *, image_size: Size | None = None, skip_unreadable: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Decode image files to RGB of one size.

    Args:
        files: what to read.
        folder: where the array is kept; the same files in the same state are decoded once.
        image_size: ``(height, width)``; by default the commonest among the files.
        skip_unreadable: leave unreadable files out, with a warning that names them, instead of raising.

    Returns:
        ``(N, H, W, 3)`` uint8 memory map and ``(N,)`` indices of the files that it holds.

    Raises:
        UnreadableImagesError: files that cannot be read.
    """
    path = folder / f"{_key(files, image_size)}.npy"
    if not path.is_file():
        sizes = _measure(files, skip_unreadable)
        _write(path, files, sizes, _target(sizes, image_size), skip_unreadable)
    return np.load(path, mmap_mode="r"), np.load(_rows_file(path))


def read(path: Path, size: Size) -> np.ndarray:
    """Read one file as ``(height, width, 3)`` uint8 RGB, upright, resized smoothly where its size differs."""
    with Image.open(path) as image:
        return resized(ImageOps.exif_transpose(image).convert("RGB"), size)


def resized(image: Image.Image, size: Size) -> np.ndarray:
    """Resize a picture to ``(height, width)``, smoothed where it shrinks."""
    height, width = size
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(image)


def _measure(files: Sequence[Path], skip_unreadable: bool) -> dict[int, Size]:
    found, failures = _collect(files, range(len(files)), lambda row: _size(files[row]))
    _report(failures, skip_unreadable)
    if not found:
        raise UnreadableImagesError(failures)
    return found


def _size(path: Path) -> Size:
    with Image.open(path) as image:
        width, height = ImageOps.exif_transpose(image).size if image.getexif() else image.size
        return height, width


def _target(sizes: dict[int, Size], given: Size | None) -> Size:
    """Choose the size for all, and say how many images it changes."""
    counts = Counter(sizes.values())
    size = given or counts.most_common(1)[0][0]
    others = [f"{width}x{height}" for height, width in counts if (height, width) != size]
    if others:
        logger.warning(
            "images of mixed sizes: %d of %d (%s) are resized to %s, %dx%d",
            len(sizes) - counts[size],
            len(sizes),
            ", ".join(others[:5]) + (", ..." if len(others) > 5 else ""),
            "the size given" if given else "the commonest size",
            size[1],
            size[0],
        )
    return size


def _write(path: Path, files: Sequence[Path], sizes: dict[int, Size], size: Size, skip_unreadable: bool) -> None:
    rows = np.array(sorted(sizes))
    with replacing(path) as beside:
        array = np.lib.format.open_memmap(beside, "w+", np.uint8, (len(rows), *size, 3))

        def place(position: int) -> bool:
            array[position] = read(files[rows[position]], size)
            return True

        good, failures = _collect([files[row] for row in rows], range(len(rows)), place)
        _report(failures, skip_unreadable)
        array.flush()
        if failures:
            rows = _compact(beside, rows, np.array(sorted(good)))
        with replacing(_rows_file(path)) as rows_beside, rows_beside.open("wb") as file:
            np.save(file, rows)


def _compact(path: Path, rows: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Leave the rows that could not be decoded out of the array."""
    kept = np.load(path, mmap_mode="r")[good]
    with path.open("wb") as file:
        np.save(file, kept)
    return rows[good]


def _collect(
    files: Sequence[Path], rows: Sequence[int], work: Callable[[int], Result]
) -> tuple[dict[int, Result], dict[Path, str]]:
    """Do some work for each file in threads; returns results by row and failures by file."""

    def attempt(row: int) -> Result | OSError:
        try:
            return work(row)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            return OSError(str(error))

    outcomes = joblib.Parallel(n_jobs=-1, prefer="threads")(joblib.delayed(attempt)(row) for row in rows)
    results = {row: outcome for row, outcome in zip(rows, outcomes, strict=True) if not isinstance(outcome, OSError)}
    failures = {
        files[row]: str(outcome) for row, outcome in zip(rows, outcomes, strict=True) if isinstance(outcome, OSError)
    }
    return results, failures


def _report(failures: dict[Path, str], skip_unreadable: bool) -> None:
    if failures and not skip_unreadable:
        raise UnreadableImagesError(failures)
    for path, reason in failures.items():
        logger.warning("left out %s: %s", path, reason)


def _key(files: Sequence[Path], image_size: Size | None) -> str:
    """Files by name, length and time of change, as ``make`` does: reading them all again would defeat the purpose."""
    states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps([states, image_size]).encode()).hexdigest()[:16]


def _rows_file(path: Path) -> Path:
    return path.with_suffix(".rows.npy")
