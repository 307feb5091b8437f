"""TIFF files, those of microscopes among them: Pillow reads the common ones, tifffile the others."""

from __future__ import annotations

import lzma
import math
import re
import zlib
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from zoo.data.pictures.depth import WITH_ALPHA
from zoo.data.pictures.picture import Deep, Flat, upright
from zoo.utils.modules import check_installed
from zoo.utils.opencv import cv2

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
WIDTHS, FORMAT, SAMPLES, PLANAR, PHOTOMETRIC, TURN, ABOUT, EXTRA = 258, 339, 277, 284, 262, 274, 270, 338  # tags
SIGNED, UNSIGNED, SEPARATE, WHITE_IS_ZERO, CMYK = 2, 1, 2, 0, 5
GREYS = (WHITE_IS_ZERO, 1)  # photometric interpretations
UNSPECIFIED, PREMULTIPLIED, ALPHA = 0, 1, 2  # what an extra channel may be
GREY_AND_ALPHA, RGB, RGBA = 2, 3, 4  # channels
DECLARED = re.compile(r'channels=(\d+)|SizeC="(\d+)"')  # of ImageJ, and of OME
DEFLATE, LZMA = (8, 32946), (34925,)  # the compressions that tifffile has no limit for
LARGEST = 2048 * 2048  # pixels of a tile of a smaller picture
SLACK = 1 << 16  # bytes that encoders add


def is_tiff(head: bytes) -> bool:
    """Recognise a TIFF by its first bytes."""
    return head[:4] in MAGIC


def open_tiff(stream: BinaryIO) -> Flat | Deep:
    """Open the first page.

    Raises:
        ImportError: a kind that needs tifffile, which is not installed.
        ValueError: other channels than grey or RGB, with alpha or without.
    """
    try:
        image: Any = Image.open(stream)
    except (OSError, SyntaxError):
        return _by_tifffile(stream)
    tags = image.tag_v2
    samples = int(tags.get(SAMPLES, 1))
    _check_channels(samples, str(tags.get(ABOUT, "")), tags.get(PHOTOMETRIC), tags.get(EXTRA, ()))
    width, signs = max(tags.get(WIDTHS, (1,))), set(tags.get(FORMAT, (UNSIGNED,)))
    if width <= 8 and SIGNED not in signs:
        return Flat(image)
    if samples == 1 and image.mode.startswith(("I", "F")) and not (width == 32 and signs == {UNSIGNED}):
        size = image.size[::-1]
        inverted = tags.get(PHOTOMETRIC) == WHITE_IS_ZERO
        return Deep(size, lambda: np.asarray(image), inverted=inverted, count=lambda: Flat(image).frames)
    if tags.get(PHOTOMETRIC) == CMYK:
        raise ValueError("CMYK of more than 8 bits a channel; convert it to RGB")
    return _by_tifffile(stream, whole=tags.get(PLANAR) != SEPARATE)


def _by_tifffile(stream: BinaryIO, *, whole: bool = False) -> Deep:
    """Open with tifffile, or decode with OpenCV where tifffile cannot and the channels are kept ``whole``."""
    check_installed(["tifffile"], "tiff", "read TIFF files of this kind")
    import tifffile

    stream.seek(0)
    file = tifffile.TiffFile(stream)
    page: Any = file.pages[0]
    _check_channels(page.samplesperpixel, page.description, page.photometric, page.extrasamples)
    turn = int(page.tags[TURN].value) if TURN in page.tags else 1
    size = (page.imagelength, page.imagewidth)

    def load() -> np.ndarray:
        check_segments(page, stream)
        try:
            values = page.asarray()
        except ValueError:  # a compression that it needs another package for
            if not whole:
                raise
            return upright(_seen(_by_opencv(stream), page.extrasamples), turn)
        values = np.moveaxis(values, 0, -1) if page.axes == "SYX" else values
        if values.ndim not in (2, 3):
            raise ValueError(f"a page of axes {page.axes}; save flat pages of grey or RGB")
        return upright(_seen(values, page.extrasamples), turn)

    return Deep(
        size if turn < 5 else size[::-1],
        load,
        deep=page.dtype != np.uint8,
        inverted=page.photometric == WHITE_IS_ZERO,
        count=lambda: len(file.pages),
    )


def _by_opencv(stream: BinaryIO) -> np.ndarray:
    stream.seek(0)
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    values = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), flags)
    if values is None:
        raise OSError("a TIFF that neither tifffile nor OpenCV can decode; save it without compression")
    codes = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}
    return values if values.ndim == 2 else np.asarray(cv2.cvtColor(values, codes[values.shape[-1]]))


def _seen(values: np.ndarray, extra: Sequence[int]) -> np.ndarray:
    """Colours and their alpha: without a further channel, which is not to be seen, and not multiplied with the alpha.

    Args:
        values: ``(H, W)`` or ``(H, W, C)``.
        extra: what the channels behind the colours are; nothing where the file does not say, and they are alpha.
    """
    if values.ndim == 2 or values.shape[-1] not in WITH_ALPHA or not extra:
        return values
    if extra[0] == UNSPECIFIED:
        return values[..., :-1]
    if extra[0] != PREMULTIPLIED:
        return values
    full = np.iinfo(values.dtype).max if values.dtype.kind in "iu" else 1
    alpha = values[..., -1:].astype(np.float64)
    colours = np.divide(values[..., :-1] * float(full), alpha, out=np.zeros(values[..., :-1].shape), where=alpha > 0)
    return np.concatenate([np.clip(colours, 0, full).astype(values.dtype), values[..., -1:]], axis=-1)


def _check_channels(samples: int, about: str, photometric: int | None, extra: Sequence[int]) -> None:
    """Check that a page is grey or RGB: which three of many channels are to be seen, only their owner can say."""
    declared = [int(number) for pair in DECLARED.findall(about or "") for number in pair if number]
    channels = max([samples, *declared]) if samples == 1 else samples
    grey_with_alpha = samples == GREY_AND_ALPHA and tuple(extra) in ((PREMULTIPLIED,), (ALPHA,))
    with_alpha = grey_with_alpha or (samples == RGBA and photometric not in GREYS)
    if not (channels == 1 or samples == RGB or with_alpha):
        kept = " kept as separate planes that are not marked as RGB" if samples == 1 else ""
        choose = "" if channels <= RGB else "choose three of them, and "
        raise ValueError(
            f"{channels} channels{kept}; expected grey, or channels marked as RGB: {choose}save them as RGB "
            "(Python, which keeps the depth: tifffile.imwrite(path, np.stack([red, green, blue], axis=-1), "
            "photometric='rgb'); ImageJ, which makes 8 bits of it: Image > Type > RGB Color)"
        )


def check_segments(page: Any, stream: BinaryIO) -> None:
    """Check that no strip or tile of a page holds more than the header says: small ones may inflate beyond memory.

    Pillow's decoder and OpenCV's stop at the size of the picture; tifffile inflates all there is.

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
