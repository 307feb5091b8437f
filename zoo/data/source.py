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
        allow_unreadable: the largest share of them, 0 to 1, which implies ``skip_unreadable``; None for its default.
    """

    labels: Any = None
    classes: Sequence[str] | None = None
    image_size: Size | None = None
    decoded: str | Path | None = None
    skip_unreadable: bool = False
    allow_unreadable: float | None = None

    def __post_init__(self) -> None:
        if self.allow_unreadable is not None and not 0 <= self.allow_unreadable <= 1:
            raise ValueError(
                f"Expected allow_unreadable (zoo: --allow-unreadable) as a share of 0 to 1; "
                f"received {self.allow_unreadable}."
            )

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
    """Check an array of images before it is read: of one on disk, pixels are taken as they are.

    Raises:
        ValueError: another shape than ``(N, H, W, 3)``, or another dtype than uint8.
    """
    if kind != np.uint8 or len(shape) != 4 or shape[-1] != 3 or 0 in shape:
        raise ValueError(
            f"Expected images (N, H, W, 3) uint8 of 0 to 255; {what} is {shape} {kind}. Save it again as that."
        )
