"""Image files to one memory-mapped uint8 array, decoded once and kept."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from zoo.data.pictures.failures import keep_reasons, kept_reasons, listed
from zoo.data.pictures.image_io import measure, read, reason_or_raise, revision
from zoo.data.pictures.pixel_checks import check_written
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.room import check_room_for
from zoo.data.pictures.sizes import choose_size
from zoo.data.pictures.tally import Tally
from zoo.utils.array_files import map_array, read_array, read_sealed_array, write_sealed_array
from zoo.utils.files import replacing
from zoo.utils.hashing import hash_file, hash_files
from zoo.utils.progress import track
from zoo.utils.regular_files import reserve
from zoo.utils.text import Size, count_of
from zoo.utils.threads import in_threads

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
ALLOWED = 0.1  # the share of files that skip_unreadable leaves out
VERSION = 4  # of what is decoded: raise it where all files give other pixels; see revision() for those of some kinds


class UnreadableImagesError(ValueError):
    """Some files are no images that can be read; the message lists them, and ``files`` has all.

    Args:
        failures: the reason of each file.
        count: how many files there were.
        allowed: the share that might have been left out; None where none might.
    """

    def __init__(self, failures: dict[Path, str], count: int, allowed: float | None = None) -> None:
        self.files = list(failures)
        expected = "images" if allowed is None else f"images, and at most {allowed:.4g} of the files unreadable"
        super().__init__(
            f"Expected {expected}; {count_of(len(failures), 'file')} of {count} cannot be read:\n{listed(failures)}\n"
            f"Mend or remove them{_remedy(len(failures) / count, allowed)}."
        )


def _remedy(share: float, allowed: float | None) -> str:
    if share == 1:
        return ""
    rounded = f"{math.ceil(share * 100) / 100:g}"
    words = [] if allowed is not None else [("skip_unreadable=True", "--skip-unreadable")]
    if share > (ALLOWED if allowed is None else allowed):
        words.append((f"allow_unreadable={rounded}", f"--allow-unreadable {rounded}"))
    python, command = (list(column) for column in zip(*words, strict=True))
    return f", or pass {', '.join(python)} (zoo: {' '.join(command)}) to leave them out"


def decode(
    files: Sequence[Path],
    folder: Path,
    *,
    image_size: Size | None = None,
    skip_unreadable: bool = False,
    allow_unreadable: float | None = None,
    reading: PixelReading = PLAIN,
    absent: Sequence[str] = (),
) -> tuple[np.ndarray, np.ndarray]:
    """Decode image files to RGB of one size.

    Args:
        files: what to read.
        folder: where the array is kept; files of the same contents are decoded once.
        image_size: ``(height, width)``; by default see :func:`zoo.data.pictures.sizes.choose_size`.
        skip_unreadable: leave unreadable files out, with a warning that counts and names them, instead of raising.
        allow_unreadable: the largest share that is left out, 0 to 1; given, it implies ``skip_unreadable``, of which
            it is 0.1 by default.
        reading: how pixels of other kinds are read.
        absent: names of further files that are not there, which count as files that cannot be read.

    Returns:
        ``(N, H, W, 3)`` uint8 memory map and ``(N,)`` indices of the files that it holds.

    Raises:
        UnreadableImagesError: files that cannot be read, a larger share of them than is allowed, or none that can.
        ValueError: all files together are nearly black, as masks of 0 and 1 are.
    """
    skip = skip_unreadable or allow_unreadable is not None
    allowed = (ALLOWED if allow_unreadable is None else allow_unreadable) if skip else None
    path = folder / f"{_key(files, image_size, reading)}.npy"
    lost = {Path(name): "not there" for name in absent}
    count = len(files) + len(lost)
    kept = _kept(path, files, reading)
    failures = None if kept is None else lost | kept[0]
    if kept is None or failures is None or _is_too_much(failures, count, allowed):
        failures = _decode(path, files, image_size, allowed, reading, lost)
    else:
        kept[1].say(reading)  # as the call that decoded them did
    if failures:
        logger.warning("left out %d of %d files, which cannot be read:\n%s", len(failures), count, listed(failures))
    pixels = map_array(path)
    check_written(pixels)
    return pixels, read_array(_rows_file(path), "iu", 1)


def _kept(path: Path, files: Sequence[Path], reading: PixelReading) -> tuple[dict[Path, str], Tally] | None:
    """What an earlier call had to leave out, and what was unusual; None where there was none, or its files changed."""
    if not path.is_file():
        return None
    try:
        held = set(read_sealed_array(_rows_file(path), _about(path, path), "iu", 1).tolist())
        tally = Tally.kept(_tally_file(path))
    except (OSError, ValueError) as error:
        logger.warning("%s is made again: %s", path, error)
        return None
    return kept_reasons(path, files, held, reading), tally


def _about(path: Path, written: Path) -> str:
    """What the rows are of, for their seal: the decoded pixels.

    To hash these takes a second a gigabyte, as their fingerprint does that a fit needs anyway.
    """
    return f"{path.stem} {hash_file(written)}"


def _is_too_much(failures: dict[Path, str], count: int, allowed: float | None) -> bool:
    return bool(failures) and (len(failures) == count or len(failures) / count > (allowed or 0))


def _decode(
    path: Path,
    files: Sequence[Path],
    image_size: Size | None,
    allowed: float | None,
    reading: PixelReading,
    lost: dict[Path, str],
) -> dict[Path, str]:
    """Decode the files into ``path``; returns those that could not be read, and those that were lost before."""
    sizes, unmeasured = _collect(files, range(len(files)), lambda row: measure(files[row]), "measuring")
    failures, count = lost | unmeasured, len(lost) + len(files)
    with replacing(path) as beside:
        target = choose_size(sizes.values(), image_size, reading.fit)
        check_room_for(len(sizes), target, path.parent)
        rows, more = _write(beside, files, sorted(sizes), target, reading, tally := Tally())
        failures |= more
        if _is_too_much(failures, count, allowed):
            raise UnreadableImagesError(failures, count, allowed)
        if more:  # leaves gaps, and is too rare to deserve better than a second pass
            rows, later = _write(beside, files, rows, target, reading, tally := Tally())
            failures |= later
        tally.say(reading)
        keep_reasons(path, files, rows, failures)
        tally.keep(_tally_file(path))
        write_sealed_array(_rows_file(path), np.array(rows, np.int64), _about(path, beside))
    return failures


def _write(
    path: Path, files: Sequence[Path], rows: Sequence[int], size: Size, reading: PixelReading, tally: Tally
) -> tuple[list[int], dict[Path, str]]:
    """Decode some of the files into an array; returns the rows that succeeded and the failures."""
    if not rows:
        return [], {}
    array = np.lib.format.open_memmap(path, "w+", np.uint8, (len(rows), *size, 3))
    reserve(path)
    indices = {row: index for index, row in enumerate(rows)}

    def decode_into(row: int) -> None:
        array[indices[row]] = read(files[row], size, reading, tally)

    good, failures = _collect(files, rows, decode_into, "decoding")
    array.flush()
    return sorted(good), failures


@dataclass(frozen=True)
class _Failure:
    """Why a file could not be read."""

    reason: str


def _collect(
    files: Sequence[Path], rows: Sequence[int], work: Callable[[int], Result], name: str
) -> tuple[dict[int, Result], dict[Path, str]]:
    """Do some work for each file in threads; returns results by row and failures by file.

    Args:
        files: all of them.
        rows: which are meant.
        work: takes a row.
        name: of the phase.
    """

    def attempt(row: int) -> Result | _Failure:
        try:
            return work(row)
        except Exception as error:
            return _Failure(reason_or_raise(error))

    results: dict[int, Result] = {}
    failures: dict[Path, str] = {}
    for row, outcome in zip(rows, track(in_threads(attempt, rows), name, len(rows), "images"), strict=True):
        if isinstance(outcome, _Failure):
            failures[files[row]] = outcome.reason
        else:
            results[row] = outcome
    return results, failures


def _key(files: Sequence[Path], image_size: Size | None, reading: PixelReading) -> str:
    """Identify files by their contents, in order: equal lengths and times say nothing of what was swapped since."""
    hashes = zip(hash_files(files), in_threads(revision, files), files, strict=True)
    contents = [(found or str(path.absolute())) + revised for found, revised, path in hashes]
    return hashlib.sha256(json.dumps([contents, image_size, VERSION, reading.as_dict()]).encode()).hexdigest()[:16]


def _tally_file(path: Path) -> Path:
    return path.with_suffix(".tally.npz")


def _rows_file(path: Path) -> Path:
    return path.with_suffix(".rows.npy")
