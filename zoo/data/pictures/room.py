"""The disk that decoded pictures take, known from their number and their size before any is decoded."""

from __future__ import annotations

import logging
from pathlib import Path

from zoo.data.pictures.sizes import MOST_PIXELS
from zoo.utils.disk import check_room
from zoo.utils.text import Size, bytes_text, size_text

logger = logging.getLogger(__name__)

MUCH = 10**9  # bytes that are told of
CHANNELS = 3  # of a byte each


def check_room_for(count: int, size: Size, folder: Path) -> None:
    """Check that a folder has disk for so many pictures of a ``(height, width)``, and say how much if it is much.

    Raises:
        ValueError: it is not.
    """
    needed, what = count * size[0] * size[1] * CHANNELS, f"{count:,} decoded images of {size_text(size)}"
    check_room(folder, needed, what, _remedy(size))
    if needed >= MUCH:
        logger.info("%s take %s of disk in %s", what, bytes_text(needed), folder)


def _remedy(size: Size) -> str:
    usual = round(MOST_PIXELS**0.5)
    smaller = f" Or decode smaller ones: image_size={usual} (zoo: --image-size {usual})." if max(size) > usual else ""
    return f"Free some of it, or take a folder on another disk: zoo.load(source, decoded=FOLDER) (zoo: --out).{smaller}"
