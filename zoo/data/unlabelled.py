"""Images without labels, to be predicted one by one and in a fixed order: files, or rows of an array."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, TypeAlias

import numpy as np
from PIL import Image

from zoo.data.checks import as_pixels, check_pixels
from zoo.data.inventory import Inventory
from zoo.data.pictures.framing import resized
from zoo.data.pictures.image_io import read
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.tally import Tally
from zoo.utils.chunks import spans
from zoo.utils.hashing import hash_file, hash_files, short_hash
from zoo.utils.paths_in import PathsIn
from zoo.utils.text import Size

Read: TypeAlias = Callable[[int, Size], np.ndarray]  # (height, width, 3) uint8 of an index; raises for a broken image
HASHED = 1024  # rows at a time


class Unlabelled(Protocol):
    """What all kinds of images offer."""

    @property
    def column(self) -> str:
        """What the table of predictions calls the names."""

    def __len__(self) -> int: ...

    def names(self, indices: np.ndarray) -> np.ndarray:
        """What the table calls some images."""

    def identity(self) -> str:
        """A digest that changes when an image is added, removed or changed."""

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What reads any of the images, from several threads.

        Args:
            scratch: takes what has to be unpacked for it.
            reading: how the images of the training were read.
            tally: counts what was unusual.

        Raises:
            ValueError: an array that cannot be read so.
        """


@dataclass(frozen=True)
class Files:
    """Image files.

    Attributes:
        root: the folder that the paths start from.
        paths: of the files, in it.
        inventory: what else the folder has, and why it is no image; None where the files were named one by one.
    """

    column: ClassVar[str] = "path"
    root: Path
    paths: Sequence[str]
    inventory: Inventory | None = None

    def __len__(self) -> int:
        return len(self.paths)

    def names(self, indices: np.ndarray) -> np.ndarray:
        """Their paths, with bytes that are no text written out: a table of text could not hold them."""
        return np.array([_as_text(self.paths[index]) for index in indices.tolist()], np.str_)

    def identity(self) -> str:
        """Digest of folder, paths and contents."""
        digest = hashlib.sha256(_as_text(str(self.root.resolve())).encode())
        contents = hash_files(PathsIn(self.root, self.paths))
        for path, content in zip(self.paths, contents, strict=True):
            digest.update(f"{_as_text(path)}\0{content}\n".encode())
        return digest.hexdigest()

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What decodes a file; see :func:`zoo.data.pictures.image_io.read`."""
        return lambda index, size: read(self.root / self.paths[index], size, reading, tally)


@dataclass(frozen=True)
class TableFiles:
    """Image files that a table names.

    Attributes:
        paths: of the files.
        column: what the table calls the names.
        cells: ``(N,)`` texts of each column; those of ``column`` are the names.
    """

    paths: Sequence[str]
    column: str
    cells: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.paths)

    def names(self, indices: np.ndarray) -> np.ndarray:
        """What the table calls them."""
        return np.array([_as_text(self.cells[self.column][index]) for index in indices.tolist()], np.str_)

    def identity(self) -> str:
        """Digest of the names and of the files; see :meth:`Files.identity`."""
        names = [_as_text(name) for name in self.cells[self.column]]
        return short_hash([self.column, names, Files(Path(), self.paths).identity()])

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What decodes a file."""
        return Files(Path(), self.paths).reader(scratch, reading, tally)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of an array, in memory or mapped from a file.

    Attributes:
        images: ``(N, H, W, 3)``, or of another kind that :func:`zoo.data.checks.as_pixels` takes.
        file: where they are mapped from; None for an array in memory.
    """

    column: ClassVar[str] = "row"
    images: np.ndarray
    file: Path | None = None

    def __len__(self) -> int:
        return len(self.images)

    def names(self, indices: np.ndarray) -> np.ndarray:
        """The indices themselves."""
        return indices

    def identity(self) -> str:
        """Digest of pixels and their kind; of a file, that of its content, the shape, the kind and the offset in it."""
        kind = [] if self.images.dtype == np.uint8 else [self.images.dtype.str]  # bytes were there before other kinds
        if self.file is not None:
            offset = getattr(self.images, "offset", 0)
            return short_hash([hash_file(self.file), self.images.shape, offset, *kind])
        digest = hashlib.sha256("".join([str(self.images.shape), *kind]).encode())
        for span in spans(len(self), HASHED):
            digest.update(self.images[span].tobytes())
        return digest.hexdigest()

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What takes a row, resized as a file is; all rows are checked first, some at a time.

        Raises:
            ValueError: pixels out of range, or nearly black ones.
        """
        check_pixels(self.images, reading)

        def picture(index: int, size: Size) -> np.ndarray:
            row = as_pixels(self.images[index : index + 1], reading, dark=True)[0]
            return resized(Image.fromarray(np.ascontiguousarray(row)), size, reading)

        return picture


def _as_text(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()
