"""Images for another process: pixels of a mapped file go as the file's path, and not as gigabytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from zoo.data.images import Images, Splits


@dataclass(frozen=True)
class MappedFile:
    """An array that lies in a file.

    Attributes:
        path: the file, absolute.
        dtype: NumPy's text of it.
        shape: of the array.
        offset: of its first byte.
    """

    path: Path
    dtype: str
    shape: tuple[int, ...]
    offset: int

    def open(self) -> np.ndarray:
        """Map the file.

        Raises:
            FileNotFoundError: it is not on this machine.
        """
        if not self.path.is_file():
            raise FileNotFoundError(
                f"Expected the images in {self.path}, where a worker on another machine reads them; there is no such "
                "file. Put the images and the store (--out) into folders that all machines share."
            )
        return np.memmap(self.path, self.dtype, "r", self.offset, self.shape)


def to_send(splits: Splits) -> Splits:
    """Put a :class:`MappedFile` in place of mapped pixels; what lies in memory stays as it is."""
    return Splits(**{name: _sent(images) for name, images in splits.items()})


def received(splits: Splits) -> Splits:
    """Undo :func:`to_send` in the other process.

    Raises:
        FileNotFoundError: a file that is not on this machine.
    """
    return Splits(**{name: _opened(images) for name, images in splits.items()})


def _sent(images: Images) -> Images:
    found = _file_of(images.pixels)
    return images if found is None else _with_pixels(images, found)


def _opened(images: Images) -> Images:
    pixels: Any = images.pixels
    return _with_pixels(images, pixels.open()) if isinstance(pixels, MappedFile) else images


def _with_pixels(images: Images, pixels: Any) -> Images:
    """The same content, so that its hash need not be computed again."""
    other = replace(images, pixels=cast(np.ndarray, pixels))
    if "fingerprint" in vars(images):
        vars(other)["fingerprint"] = images.fingerprint
    return other


def _file_of(array: np.ndarray) -> MappedFile | None:
    """Where an array lies that is a mapped file or a part of one end to end; None for one in memory."""
    whole = array
    while isinstance(whole, np.memmap) and isinstance(whole.base, np.ndarray):
        whole = whole.base
    if not isinstance(whole, np.memmap) or not whole.filename or whole.mode == "c" or not array.flags.c_contiguous:
        return None
    start = array.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    path = Path(whole.filename).resolve()
    return MappedFile(path, array.dtype.str, array.shape, whole.offset + start) if path.is_file() else None
