"""Why files could not be read: kept beside the pixels of the others, and listed by the reason."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from zoo.data.pictures.image_io import measure, read, reason_or_raise
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.utils.files import read_json, write_json

LISTED, NAMED = 20, 5  # reasons, and files of each


def keep_reasons(pixels: Path, files: Sequence[Path], held: Collection[int], failures: Mapping[Path, str]) -> None:
    """Write for a later call why files could not be read.

    Args:
        pixels: the file of the pixels of the others.
        files: all of them.
        held: the rows that were read.
        failures: the reason of each other file.
    """
    there = set(held)
    reasons = {str(row): failures[file] for row, file in enumerate(files) if row not in there}
    if reasons:
        write_json(_file(pixels), reasons)
    else:
        _file(pixels).unlink(missing_ok=True)


def kept_reasons(pixels: Path, files: Sequence[Path], held: Collection[int], reading: PixelReading) -> dict[Path, str]:
    """Why files could not be read by an earlier call, by what it wrote; one that wrote nothing has them asked again."""
    there = set(held)
    lost = {row: file for row, file in enumerate(files) if row not in there}
    reasons = _written(_file(pixels)) if lost else {}
    return {file: reasons.get(str(row)) or _why(file, reading) for row, file in lost.items()}


def listed(failures: Mapping[Path, str]) -> str:
    """Each reason once with some of its files, the commonest first."""
    alike: dict[str, list[Path]] = {}
    for path, reason in failures.items():
        alike.setdefault(re.sub(r"\d+", "#", reason), []).append(path)
    ordered = sorted(alike.values(), key=len, reverse=True)
    left = sum(map(len, ordered[LISTED:]))
    lines = [_line(failures[paths[0]], paths) for paths in ordered[:LISTED]]
    return "\n".join([*lines, *([f"  (and {left} more, for other reasons)"] if left else [])])


def _line(reason: str, paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return f"  {paths[0]}: {reason}"
    named = ", ".join(map(str, paths[:NAMED]))
    return f"  {len(paths)} files: {reason}; {'such as ' if len(paths) > NAMED else ''}{named}"


def _written(path: Path) -> dict[str, str]:
    try:
        return {row: str(reason) for row, reason in dict(read_json(path)).items()}
    except (OSError, ValueError, TypeError):
        return {}


def _why(file: Path, reading: PixelReading) -> str:
    """Ask a file again why it cannot be read."""
    try:
        read(file, measure(file), reading)
    except Exception as error:
        return reason_or_raise(error)
    return "could not be read when the others were decoded"


def _file(pixels: Path) -> Path:
    return pixels.with_suffix(".reasons.json")
