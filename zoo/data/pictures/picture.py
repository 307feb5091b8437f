"""One opened picture: what its header says, and its pixels as an 8-bit image, upright."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from PIL import ExifTags, Image

from zoo.data.pictures.depth import AS_STORED, WITH_ALPHA, picture_to_bytes
from zoo.data.pictures.levels import Levels, levels_of
from zoo.data.pictures.metadata import has_late_notes
from zoo.data.pictures.pixel_reading import PixelReading, Range, Rescaling
from zoo.utils.text import Size

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by EXIF's orientation
Note: TypeAlias = Callable[[Levels], None]

SIDEWAYS = (5, 6, 7, 8)
ANIMATED = ("GIF", "WEBP", "PNG", "TIFF")  # formats whose frames are pictures; others hold previews and depth maps
JPEGS = ("JPEG", "MPO")  # the latter with further pictures behind the first, as telephones write them
LARGE = 512 * 512  # pixels, above which a JPEG is decoded in a lower resolution where that is enough
GAP = 2  # how much larger than wanted that resolution stays, so that what is resized stays smooth


@dataclass(frozen=True, eq=False)
class Flat:
    """A picture of 8 bits a channel, opened by Pillow.

    Attributes:
        opened: in any mode.
        owned: whether it is read from a file of ours, and may be decoded in a lower resolution.
    """

    opened: Image.Image
    owned: bool = True
    deep = False
    window: Range | None = None

    @property
    def size(self) -> Size:
        """``(height, width)`` when upright."""
        width, height = self.opened.size
        return (width, height) if self.orientation in SIDEWAYS else (height, width)

    @property
    def frames(self) -> int:
        """How many pictures the file has."""
        if self.opened.format not in ANIMATED:
            return 1
        try:
            return int(getattr(self.opened, "n_frames", 1))
        except Exception:  # a cut animation, whose first picture may be whole
            return 1

    def as_image(self, reading: PixelReading, wanted: Size | None = None, note: Note | None = None) -> Image.Image:
        """Decode it, upright.

        Args:
            reading: as of :class:`Deep`.
            wanted: the size that it will have.
            note: as of :class:`Deep`.

        Raises:
            OSError: a part is missing.
        """
        orientation = self.orientation
        if wanted is not None:
            self._lower_resolution(wanted[::-1] if orientation in SIDEWAYS else wanted)
        self.opened.load()
        turn = TURNS.get(orientation)
        return self.opened if turn is None else self.opened.transpose(turn)

    @cached_property
    def orientation(self) -> int:
        """EXIF's; 1, upright, where the metadata is broken, which says nothing about the picture.

        Pillow turns TIFFs itself, in their size too, and leaves every other format to the caller.
        """
        if self.opened.format == "TIFF":
            return 1
        try:
            found = self._exif().get(ExifTags.Base.Orientation)
        except Exception:  # Pillow's parsers raise whatever broken metadata leads them into
            return 1
        return found if found in TURNS else 1

    def _exif(self) -> Image.Exif:
        """The metadata; of a PNG Pillow would decode all pixels first, to find what may stand behind them."""
        stream = getattr(self.opened, "fp", None)
        if self.opened.format != "PNG" or stream is None or has_late_notes(stream):
            return self.opened.getexif()
        return Image.Image.getexif(self.opened)

    def _lower_resolution(self, wanted: Size) -> None:
        if self.owned and self.opened.format in JPEGS and self.opened.width * self.opened.height > LARGE:
            self.opened.draft(None, (wanted[1] * GAP, wanted[0] * GAP))


@dataclass(frozen=True, eq=False)
class Deep:
    """A picture of numbers, which Pillow would clip.

    Attributes:
        size: ``(height, width)`` when upright.
        load: reads the values, upright: ``(H, W)`` or ``(H, W, C)``, of C grey, grey and alpha, RGB or RGBA.
        deep: whether a range has to say what is black and white; False for plain bytes.
        window: the range that the file itself names.
        inverted: the lowest value is white.
        count: counts the pictures of the file, which may take long.
        rescaling: slope and intercept that made the values of the integers that are stored.
    """

    size: Size
    load: Callable[[], np.ndarray]
    deep: bool = True
    window: Range | None = None
    inverted: bool = False
    count: Callable[[], int] = lambda: 1
    rescaling: Rescaling = AS_STORED

    @property
    def frames(self) -> int:
        """How many pictures the file has."""
        return self.count()

    def as_image(self, reading: PixelReading, wanted: Size | None = None, note: Note | None = None) -> Image.Image:
        """Scale it to 8 bits by the depth range, or else by the file's own window; bytes without one stay.

        Args:
            reading: the depth range.
            wanted: the size that it will have.
            note: takes what is left of the values.

        Raises:
            ValueError: there is neither.
        """
        limits = self._limits(reading)
        if limits is None:
            raise ValueError(
                "more than 8 bits a channel, and the training images had no depth range; convert it to 8 bits, or fit "
                "on images like it, or with depth_range (zoo: --depth-range LOW,HIGH)"
            )
        values = self.load()
        if values.ndim == 3 and values.shape[-1] == 1:
            values = values[..., 0]
        if note is not None and self.deep:
            colours = values[..., :-1] if values.ndim == 3 and values.shape[-1] in WITH_ALPHA else values
            note(levels_of(colours, limits))
        return Image.fromarray(picture_to_bytes(values, limits, inverted=self.inverted))

    def _limits(self, reading: PixelReading) -> Range | None:
        """What becomes 0 and 255: a depth range overrules all windows, and never scales bytes."""
        if self.deep:
            return reading.depth_range or self.window
        return self.window if self.window and reading.depth_range is None else (0.0, 255.0)


def upright(values: np.ndarray, orientation: int) -> np.ndarray:
    """Turn ``(H, W)`` or ``(H, W, C)`` as EXIF's orientation says."""
    if orientation in SIDEWAYS:
        values = values.swapaxes(0, 1)
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return np.ascontiguousarray(values[::rows, ::columns])
