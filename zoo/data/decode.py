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

from zoo.data.image_io import measure, read
from zoo.utils.files import replacing, write_array
from zoo.utils.text import Size
from zoo.utils.hashing import hash_files

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
        folder: where the array is kept; files of the same contents are decoded once.
        image_size: ``(height, width)``; by default the commonest among the files.
        skip_unreadable: leave unreadable files out, with a warning that names them, instead of raising.

    Returns:
        ``(N, H, W, 3)`` uint8 memory map and ``(N,)`` indices of the files that it holds.

    Raises:
        UnreadableImagesError: files that cannot be read, or none that can.
    """
    path = folder / f"{_key(files, image_size)}.npy"
    failures = _known_failures(path, files)
    if failures is None or (failures and not skip_unreadable):
        failures = _decode(path, files, image_size, skip_unreadable)
    for file, reason in failures.items():
        logger.warning("left out %s: %s", file, reason)
    return np.load(path, mmap_mode="r"), np.load(_rows_file(path))


def _known_failures(path: Path, files: Sequence[Path]) -> dict[Path, str] | None:
    """What an earlier call had to leave out; None where there was none."""
    if not path.is_file():
        return None
    held = set(np.load(_rows_file(path)).tolist())
    return {file: "could not be read" for row, file in enumerate(files) if row not in held}


def _decode(path: Path, files: Sequence[Path], image_size: Size | None, skip_unreadable: bool) -> dict[Path, str]:
    """Decode the files into ``path``; returns those that could not be read."""
    sizes, failures = _collect(files, range(len(files)), lambda row: measure(files[row]))
    with replacing(path) as beside:
        target = _target(sizes, image_size)
        rows, more = _write(beside, files, sorted(sizes), target)
        failures |= more
        if failures and not (skip_unreadable and rows):
            raise UnreadableImagesError(failures)
        if more:  # leaves gaps, and is too rare to deserve better than a second pass
            rows, _ = _write(beside, files, rows, target)
        write_array(_rows_file(path), np.array(rows))
    return failures


def _target(sizes: dict[int, Size], given: Size | None) -> Size:
    """Choose the size for all, and say how many images it changes."""
    counts = Counter(sizes.values())
    size = given or (counts.most_common(1)[0][0] if counts else (1, 1))
    others = [f"{width}x{height}" for height, width in counts if (height, width) != size]
    if others:
        logger.log(
            logging.WARNING if len(counts) > 1 else logging.INFO,
            "images of %s: %d of %d (%s) are resized to %s, %dx%d",
            "mixed sizes" if len(counts) > 1 else "another size",
            len(sizes) - counts[size],
            len(sizes),
            ", ".join(others[:5]) + (", ..." if len(others) > 5 else ""),
            "the size given" if given else "the commonest size",
            size[1],
            size[0],
        )
    return size


def _write(path: Path, files: Sequence[Path], rows: Sequence[int], size: Size) -> tuple[list[int], dict[Path, str]]:
    """Decode some of the files into an array; returns the rows that succeeded and the failures."""
    if not rows:
        return [], {}
    array = np.lib.format.open_memmap(path, "w+", np.uint8, (len(rows), *size, 3))
    indices = {row: index for index, row in enumerate(rows)}

    def decode_into(row: int) -> None:
        array[indices[row]] = read(files[row], size)

    good, failures = _collect(files, rows, decode_into)
    array.flush()
    return sorted(good), failures


def _collect(
    files: Sequence[Path], rows: Sequence[int], work: Callable[[int], Result]
) -> tuple[dict[int, Result], dict[Path, str]]:
    """Do some work for each file in threads; returns results by row and failures by file."""

    def attempt(row: int) -> tuple[list[Result], str]:
        try:
            return [work(row)], ""
        except Exception as error:  # Pillow's decoders raise whatever a broken file leads them into
            return [], str(error) or type(error).__name__

    outcomes = joblib.Parallel(n_jobs=-1, prefer="threads")(joblib.delayed(attempt)(row) for row in rows)
    results = {row: result for row, (found, _) in zip(rows, outcomes, strict=True) for result in found}
    failures = {files[row]: reason for row, (_, reason) in zip(rows, outcomes, strict=True) if reason}
    return results, failures


def _key(files: Sequence[Path], image_size: Size | None) -> str:
    """Identify files by their contents, in order: equal lengths and times say nothing of what was swapped since."""
    contents = [found or str(path.resolve()) for found, path in zip(hash_files(files), files, strict=True)]
    return hashlib.sha256(json.dumps([contents, image_size]).encode()).hexdigest()[:16]


def _listed(failures: dict[Path, str]) -> str:
    lines = [f"  {path}: {reason}" for path, reason in list(failures.items())[:LISTED]]
    more = [f"  (and {len(failures) - LISTED} more)"] if len(failures) > LISTED else []
    return "\n".join([*lines, *more])


def _rows_file(path: Path) -> Path:
    return path.with_suffix(".rows.npy")
