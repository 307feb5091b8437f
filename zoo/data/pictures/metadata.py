"""PNG and JPEG files without their metadata: a broken block of it is no broken picture."""

from __future__ import annotations

from collections.abc import Iterator
from os import SEEK_CUR
from pathlib import Path
from typing import IO

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # the chunks of a PNG that are its first picture
LATE = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")  # chunks that may say how a PNG is turned
NOTES = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # the segments of a JPEG that are not: APP1 to APP13, APP15, comments
SCAN = 0xDA  # what begins a JPEG's pixels


def without_metadata(source: object) -> bytes | None:
    """The same picture without its metadata; None where there is nothing to leave out, or no whole PNG or JPEG.

    Args:
        source: a path, or the bytes of a file.
    """
    if not isinstance(source, Path | bytes):
        return None
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError:
        return None
    bare = _bare_png(data) if data.startswith(PNG) else _bare_jpeg(data) if data.startswith(JPEG) else None
    return None if bare is None or len(bare) == len(data) else bare


def has_late_notes(stream: IO[bytes]) -> bool:
    """Whether a PNG has behind its pixels what may say how it is turned; the stream stays where it is."""
    place = stream.tell()
    try:
        names = list(_chunk_names(stream))
    finally:
        stream.seek(place)
    return any(name in LATE for name in names[names.index(b"IDAT") :]) if b"IDAT" in names else False


def _chunk_names(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(len(PNG))
    while len(begun := stream.read(8)) == 8:  # length and name
        yield begun[4:]
        stream.seek(int.from_bytes(begun[:4], "big") + 4, SEEK_CUR)  # content and checksum


def _bare_png(data: bytes) -> bytes | None:
    kept, start = [PNG], len(PNG)
    while start < len(data):
        stop = start + 12 + int.from_bytes(data[start : start + 4], "big")  # length, name, content, checksum
        if stop > len(data):
            return None
        name = data[start + 4 : start + 8]
        kept += [data[start:stop]] if name in PICTURE else []
        if name == b"IEND":
            return b"".join(kept)
        start = stop
    return None


def _bare_jpeg(data: bytes) -> bytes | None:
    kept, start = [JPEG], len(JPEG)
    while start + 4 <= len(data) and data[start] == 0xFF:
        if data[start + 1] == SCAN:
            return b"".join([*kept, data[start:]])
        stop = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        kept += [] if data[start + 1] in NOTES else [data[start:stop]]
        start = stop
    return None
