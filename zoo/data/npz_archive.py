"""Images in an ``.npz``, which are unpacked to disk and never into memory."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

import numpy as np

from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.tally import Tally
from zoo.data.unlabelled import Read, Rows
from zoo.utils.array_files import CUT, map_array, refusing_headers
from zoo.utils.files import replacing
from zoo.utils.hashing import hash_file, short_hash

IMAGES = "images"  # alone, or after a split's name, as MedMNIST has it
SUFFIX = ".npy"  # of an archive's members
UNPACKED = "images.npy"


@dataclass(frozen=True)
class Archive:
    """An array of images in an ``.npz``.

    What is compressed can only be read from its beginning; so the array is first copied to a plain file, which takes as
    much of the disk as it is large and is removed at the end.

    Attributes:
        file: the archive.
        key: the array's name.
        count: how many images it has.
    """

    column: ClassVar[str] = "row"
    file: Path
    key: str
    count: int

    def __len__(self) -> int:
        return self.count

    def names(self, indices: np.ndarray) -> np.ndarray:
        """The indices themselves."""
        return indices

    def identity(self) -> str:
        """Digest of the archive's content and of the array's name."""
        return short_hash([hash_file(self.file), self.key])

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What takes a row of the array, which is unpacked unless it was before.

        Raises:
            ValueError: the archive is cut or damaged.
        """
        plain = scratch / UNPACKED
        if not plain.is_file():
            unpack(self.file, self.key, plain)
        return Rows(map_array(plain), self.file).reader(scratch, reading, tally)


def unpack(file: Path, key: str, plain: Path) -> np.ndarray:
    """Copy an archive's array to a plain file, and map it.

    Raises:
        ValueError: the archive is cut or damaged.
    """
    with _opened(file, key) as member, replacing(plain) as beside, beside.open("wb") as written:
        shutil.copyfileobj(member, written)
    return map_array(plain)


def choose_key(file: Path, key: str | None) -> str:
    """Name the array of images in an ``.npz``.

    Args:
        file: the archive.
        key: the one that is wanted; by default ``images``, or the only one whose name ends so.

    Raises:
        ValueError: no archive, no such array in it, or several and no choice.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            arrays = [name.removesuffix(SUFFIX) for name in archive.namelist()]
    except zipfile.BadZipFile as error:
        raise ValueError(f"Expected an .npz file; {file} is none ({error}). Write or copy it again.") from error
    fitting = [name for name in arrays if name == (key or IMAGES)] or [
        name for name in arrays if key is None and name.endswith(IMAGES)
    ]
    if len(fitting) != 1:
        wanted = repr(key) if key else "one array called 'images', or one whose name ends so,"
        listed = ", ".join(fitting or arrays) or "nothing"
        raise ValueError(f"Expected {wanted} in {file}; received {listed}. Choose one by key= (zoo: --key).")
    return fitting[0]


def header(file: Path, key: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and dtype of an archive's array, without reading it."""
    with _opened(file, key) as member, refusing_headers(f"{key!r} in {file} as an array", "Write the file again.", CUT):
        version = np.lib.format.read_magic(member)
        reading = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, kind = reading(member)
    return shape, kind


@contextmanager
def _opened(file: Path, key: str) -> Iterator[IO[bytes]]:
    """The array's bytes, as an ``.npy`` has them."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(f"{key}{SUFFIX}") as member:
            yield member
    except CUT as error:
        raise ValueError(f"Expected {key!r} whole in {file}; {error}. Write or copy the file again.") from error
