"""One picture, from a path, from bytes or from Pillow: its size, and its pixels as RGB."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias, TypeVar

import numpy as np
from PIL import Image

from zoo.data.pictures.depth import AS_STORED
from zoo.data.pictures.dicom import is_dicom, open_dicom
from zoo.data.pictures.framing import over, resized
from zoo.data.pictures.metadata import PNG, without_metadata
from zoo.data.pictures.picture import Deep, Flat, upright
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading, Rescaling
from zoo.data.pictures.tally import Tally
from zoo.data.pictures.tiff import is_tiff, open_tiff
from zoo.utils.opencv import cv2
from zoo.utils.regular_files import check_regular
from zoo.utils.text import Size

Picture: TypeAlias = Flat | Deep
Readable: TypeAlias = Path | bytes | Image.Image
Result = TypeVar("Result")

DEEP = ("I", "F")  # the first letters of Pillow's modes of more than 8 bits, such as I;16
GREY = ("1", "L", "LA", "I", "F")  # modes without colours, the last two of more than 8 bits
SYSTEM = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE, errno.ENOTCONN}  # errors of the machine
HANDLE = re.compile(r" <_io\.\w+ .*>$")
HEAD = 132  # bytes that tell the formats apart
CLEAR = "transparency"  # what Pillow calls a value that stands for transparent pixels
DEPTH = 24  # of a PNG's header, the byte that has the bits a channel


def measure(source: Readable) -> Size:
    """Read ``(height, width)`` of an upright image from its header.

    Raises:
        ImportError: an extra that its format needs.
        OSError: no image.
        ValueError: an image of other channels than grey or RGB, with alpha or without.
    """
    return _with(source, lambda picture: picture.size)


def read(source: Readable, size: Size, reading: PixelReading = PLAIN, tally: Tally | None = None) -> np.ndarray:
    """Read one picture as ``(height, width, 3)`` uint8 RGB, upright, resized smoothly where its size differs.

    Args:
        source: a file, the bytes of one, or what Pillow opened; of several frames the first is read.
        size: ``(height, width)``.
        reading: what becomes of transparent pixels, of more than 8 bits and of another aspect.
        tally: counts what was unusual.

    Raises:
        ImportError: an extra that its format needs.
        OSError: no image, or part of one.
        ValueError: an image of more than 8 bits a channel without a depth range, or of other channels.
    """

    def decoded(picture: Picture) -> np.ndarray:
        image = picture.as_image(reading, size, None if tally is None else tally.add_levels)
        flat, transparent = over(image, reading.background)
        made = resized(flat, size, reading)
        if tally is not None:
            grey, highest = image.mode in GREY, int(made.max())
            tally.add(transparent=transparent, grey=grey, frames=picture.frames, highest=highest)
        return made

    return _with(source, decoded)


def reason_of(error: Exception) -> str:
    """What is wrong with a picture, as a reader's error says, without the handle that Pillow calls its file by."""
    return HANDLE.sub("", str(error)) or type(error).__name__


def reason_or_raise(error: Exception) -> str:
    """The same for whatever a reader raised: Pillow's decoders raise what a broken file leads them into.

    Raises:
        Exception: the error itself, where it is of the machine, or an extra is missing, and not of this file: all
            others would be listed as broken.
    """
    if isinstance(error, MemoryError | ImportError) or getattr(error, "errno", None) in SYSTEM:
        raise error
    return reason_of(error)


def names_window(source: Readable) -> bool | None:
    """Whether a picture of more than 8 bits a channel names a window of its own, from its header; None for bytes."""
    return _with(source, lambda picture: picture.window is not None if picture.deep else None)


def rescaling(source: Readable) -> Rescaling:
    """Slope and intercept that make a picture's values of the integers that are stored, from its header."""
    return _with(source, lambda picture: picture.rescaling if isinstance(picture, Deep) else AS_STORED)


def deep_values(source: Readable) -> np.ndarray | None:
    """The values ``(H, W)`` or ``(H, W, C)`` of a picture of numbers; None for one of plain bytes."""
    return _with(source, lambda picture: picture.load() if isinstance(picture, Deep) else None)


def revision(path: Path) -> str:
    """What belongs to a file's content in keys since files of its kind are read otherwise; empty for other kinds.

    DICOM files of 8 bits have their windows, and grey PNGs of 16 bits their transparent values.
    """
    with suppress(Exception):  # what cannot be read is listed when it is decoded
        check_regular(path)
        with path.open("rb") as stream:
            head = stream.read(HEAD)
            return "+1" if is_dicom(head) or (_is_deep_png(head) and CLEAR in Image.open(stream).info) else ""
    return ""


def _with(source: Readable, work: Callable[[Picture], Result]) -> Result:
    """Open a picture and do something with it; again without its metadata, where these may be what is broken."""
    if isinstance(source, Path):
        check_regular(source)
    try:
        with _opened(source) as picture:
            _check_size(picture)
            return work(picture)
    except TooLargeError:
        raise
    except Exception:  # Pillow's decoders raise whatever a broken file leads them into
        bare = without_metadata(source)
        if bare is None:
            raise
    with _opened(bare) as picture:
        _check_size(picture)
        return work(picture)


class TooLargeError(ValueError):
    """A picture of more pixels than memory should be taken for."""


def _check_size(picture: Picture) -> None:
    """Check a header before pixels are decoded: a small file may declare any number of them.

    The limit is that of Pillow, which checks what it opens itself; its users set it by ``Image.MAX_IMAGE_PIXELS``.
    """
    height, width = picture.size
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and height * width > 2 * limit:
        raise TooLargeError(f"{height} x {width} pixels; expected {2 * limit:,} at most: cut it into smaller pictures")


@contextmanager
def _opened(source: Readable) -> Iterator[Picture]:
    if isinstance(source, Image.Image):
        yield _of_pillow(source, owned=False)
        return
    with BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        head = stream.read(HEAD)
        stream.seek(0)
        yield _of_stream(stream, head)


def _of_stream(stream: BinaryIO, head: bytes) -> Picture:
    if is_dicom(head):
        return open_dicom(stream)
    if is_tiff(head):
        return open_tiff(stream)
    if _is_deep_png(head):
        return _deep_png(stream)
    return _of_pillow(Image.open(stream), owned=True)


def _of_pillow(image: Image.Image, *, owned: bool) -> Picture:
    flat = Flat(image, owned)
    if not image.mode.startswith(DEEP):
        return flat
    return Deep(flat.size, lambda: upright(_with_alpha(np.asarray(image), image), flat.orientation))


def _is_deep_png(head: bytes) -> bool:
    return head.startswith(PNG) and head[DEPTH : DEPTH + 1] == b"\x10"


def _deep_png(stream: BinaryIO) -> Deep:
    """A PNG of 16 bits a channel: of colours Pillow would keep the upper 8 alone."""
    flat = Flat(Image.open(stream))

    def load() -> np.ndarray:
        stream.seek(0)
        flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
        values = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), flags)
        if values is None:
            raise OSError("a PNG of 16 bits that is cut or broken")
        coloured = values if values.ndim == 2 else np.asarray(cv2.cvtColor(values, _COLOURS[values.shape[-1]]))
        return upright(_with_alpha(coloured, flat.opened), flat.orientation)

    return Deep(flat.size, load, count=lambda: flat.frames)


def _with_alpha(values: np.ndarray, image: Image.Image) -> np.ndarray:
    """Add alpha to grey 16-bit values of which the file calls one transparent (``tRNS`` of a PNG).

    That of colours is there already: OpenCV adds it to these alone.
    """
    clear = image.info.get(CLEAR)
    if clear is None or values.dtype != np.uint16 or values.ndim != 2:
        return values
    alpha = np.where(values == clear, 0, np.iinfo(np.uint16).max).astype(np.uint16)
    return np.dstack([values, alpha])


_COLOURS = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}  # by the number of channels
