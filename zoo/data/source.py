"""What a kind of source is: how it is recognised, loaded with its labels, and listed without.

:mod:`zoo.data.sources` has a module for each kind, with a ``SOURCE``; fit, evaluate and predict read all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.images import Splits
from zoo.data.pixel_checks import check_header
from zoo.data.pixel_reading import PLAIN, PixelReading
from zoo.data.unlabelled import Unlabelled
from zoo.utils.files import folder_or_scratch
from zoo.utils.text import Size


@dataclass(frozen=True, kw_only=True)
class Request:
    """How labelled images are to be loaded.

    Attributes:
        labels: ``(N,)`` of an array of images.
        classes: names in the order of the labels; None for the source's own.
        image_size: ``(height, width)``; None for the source's own.
        decoded: folder to keep decoded images in; None for one that goes with the process.
        skip_unreadable: leave files that cannot be read out, with a warning.
        reading: how pixels of other kinds are read.
        chooses: choose a depth range from these where none is given and they have more than 8 bits; False for images
            that are to be read as others were.
    """

    labels: Any = None
    classes: Sequence[str] | None = None
    image_size: Size | None = None
    decoded: str | Path | None = None
    skip_unreadable: bool = False
    reading: PixelReading = PLAIN
    chooses: bool = True

    @property
    def folder(self) -> Path:
        """The folder for decoded images."""
        return folder_or_scratch(self.decoded)


@dataclass(frozen=True, kw_only=True)
class SourceKind:
    """A kind of source.

    Attributes:
        name: what it is, for messages.
        accepts: recognises one, without reading it.
        load: loads it with its labels; None for a kind that has none.
        list: lists its images without reading them, from the source and the name of an array in it; None for a kind
            that is not predicted.
        has_arrays: an array in it can be chosen by its name.
    """

    name: str
    accepts: Callable[[Any], bool]
    load: Callable[[Any, Request], Splits] | None = None
    list: Callable[[Any, str | None], Unlabelled] | None = None
    has_arrays: bool = False


def as_path(source: object) -> Path | None:
    """The path that a text or a path names; None for anything else."""
    return Path(source).expanduser() if isinstance(source, str | Path) else None


def is_file(source: object, *suffixes: str) -> bool:
    """Say whether a source is a file with one of these suffixes, in lower case."""
    path = as_path(source)
    return path is not None and path.suffix.lower() in suffixes and path.is_file()


def check_stored(shape: tuple[int, ...], kind: np.dtype[Any], what: str) -> None:
    """Check an array of images on disk before it is read.

    Raises:
        ValueError: a shape or a dtype that is none of images.
    """
    try:
        check_header(shape, kind)
    except ValueError as error:
        raise ValueError(f"{what} is {shape} {kind}: {error}") from error
