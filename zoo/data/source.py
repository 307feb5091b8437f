"""What a kind of source is: how it is recognised, loaded with its labels, and listed without.

:mod:`zoo.data.sources` has a module for each kind, with a ``SOURCE``; fit, evaluate and predict read all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from zoo.data.images import Splits
from zoo.data.pictures.pixel_checks import check_header
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.unlabelled import Unlabelled
from zoo.utils.files import folder_or_scratch
from zoo.utils.text import Size

# By role, image, label, split or group, the columns of a table; or the same as one text.
ChosenColumns: TypeAlias = Mapping[str, str | Sequence[str] | None] | str


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
        images_dir: folder of the files that a table or a list names; None for the table's own.
        columns: by role (image, label, split, group) the columns of a table, or ``image=NAME,label=NAME``; None for
            those that are found by their names.
        reading: how pixels of other kinds are read.
        chooses: choose a depth range from these where none is given and they have more than 8 bits; False for images
            that are to be read as others were.
    """

    labels: Any = None
    classes: Sequence[str] | None = None
    image_size: Size | None = None
    decoded: str | Path | None = None
    skip_unreadable: bool = False
    allow_unreadable: float | None = None
    images_dir: str | Path | None = None
    columns: ChosenColumns | None = None
    reading: PixelReading = PLAIN
    chooses: bool = True

    def __post_init__(self) -> None:
        check_allowed(self.allow_unreadable)

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
        list_rows: instead of ``list`` for a table or a list, whose files need the request's folder and columns.
        typed: a path or a word names it, as on the command line; False for objects in memory.
        options: of the request, those that not every kind has: ``labels``, ``images_dir``, ``columns``.
    """

    name: str
    accepts: Callable[[Any], bool]
    load: Callable[[Any, Request], Splits] | None = None
    list: Callable[[Any, str | None], Unlabelled] | None = None
    has_arrays: bool = False
    list_rows: Callable[[Any, Request], Unlabelled] | None = None
    typed: bool = True
    options: frozenset[str] = frozenset()

    def check_options(self, request: Request) -> None:
        """Check that a request has no option that means nothing to this kind.

        Raises:
            TypeError: it has one.
        """
        optional = {
            "labels": "labels",
            "images_dir": "images_dir (zoo: --images)",
            "columns": "columns (zoo: --columns)",
        }
        for name in optional.keys() - self.options:
            if getattr(request, name) is not None:
                raise TypeError(f"Expected no {optional[name]} for {self.name}, which has its own. Leave {name} out.")


def check_allowed(share: float | None) -> None:
    """Check the share of files that may be unreadable, where one is given.

    Raises:
        ValueError: it is not from 0 to 1.
    """
    if share is not None and not 0 <= share <= 1:
        raise ValueError(f"Expected allow_unreadable (zoo: --allow-unreadable) as a share of 0 to 1; received {share}.")


def as_path(source: object) -> Path | None:
    """The path that a text or a path names; None for anything else."""
    return Path(source).expanduser() if isinstance(source, str | Path) else None


def is_file(source: object, *suffixes: str) -> bool:
    """Say whether a source is a file with one of these suffixes, in lower case."""
    path = as_path(source)
    return path is not None and path.suffix.lower() in suffixes and path.is_file()


def are_paths(source: object) -> bool:
    """Say whether something is a list or an array of paths, by its first entry."""
    if hasattr(source, "element_spec") or hasattr(source, "__dataframe__"):
        return False
    if isinstance(source, list):
        return bool(source) and isinstance(source[0], str | Path)
    if not hasattr(source, "__array__") or np.ndim(source) != 1:
        return False
    entries = np.asarray(source)
    return entries.dtype.kind in "UO" and len(entries) > 0 and isinstance(entries[0], str | Path)


def is_path_pair(source: object) -> bool:
    """Say whether something is a pair of paths and their labels."""
    if not isinstance(source, tuple) or len(source) != 2:
        return False
    return are_paths(list(source[0]) if isinstance(source[0], tuple) else source[0])


def is_dataset(source: object) -> bool:
    """Say whether something is a ``tf.data.Dataset``, without importing TensorFlow."""
    return hasattr(source, "element_spec")


def is_dataset_pair(source: object) -> bool:
    """Say whether something is two datasets, such as ``subset="both"`` of Keras gives."""
    return isinstance(source, tuple | list) and len(source) == 2 and all(map(is_dataset, source))


def check_stored(shape: tuple[int, ...], kind: np.dtype[Any], what: str) -> None:
    """Check an array of images on disk before it is read.

    Raises:
        ValueError: a shape or a dtype that images do not have.
    """
    try:
        check_header(shape, kind)
    except ValueError as error:
        raise ValueError(f"{what} is {shape} {kind}: {error}") from error
