"""Whether the compressed parts of a TIFF hold what its header says: small ones may inflate to more than memory holds.

Pillow's decoder and OpenCV's stop at the size of the picture; tifffile inflates all there is.
"""

from __future__ import annotations

import lzma
import math
import zlib
from typing import Any, BinaryIO

DEFLATE, LZMA = (8, 32946), (34925,)  # the compressions that tifffile has no limit for
LARGEST = 2048 * 2048  # pixels of a tile of a smaller picture
SLACK = 1 << 16  # bytes that encoders add


def check_segments(page: Any, stream: BinaryIO) -> None:
    """Check each strip or tile of a page before it is decoded.

    Args:
        page: of tifffile.
        stream: the file.

    Raises:
        OSError: one is larger than the header says, or is said to be larger than the picture.
    """
    pixels = math.prod(page.chunks)
    samples = max(page.samplesperpixel, 1)
    if pixels > max(math.prod(page.shape), LARGEST * samples):
        raise OSError("a TIFF whose tiles are larger than its picture")
    if page.compression not in (*DEFLATE, *LZMA):
        return
    most = pixels * page.dtype.itemsize + SLACK
    for start, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        stream.seek(start)
        if _inflates_beyond(stream.read(count), most, page.compression):
            raise OSError("a TIFF whose compressed parts are larger than its header says")


def _inflates_beyond(data: bytes, most: int, compression: int) -> bool:
    if compression in DEFLATE:
        return len(zlib.decompressobj().decompress(data, most + 1)) > most
    return len(lzma.LZMADecompressor().decompress(data, most + 1)) > most
