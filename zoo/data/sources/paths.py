"""Paths of image files, in a list or an array, with a label for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.cells import as_label_texts, as_texts, class_names
from zoo.data.class_codes import ClassCodes, are_numbers
from zoo.data.images import Splits
from zoo.data.labels import as_labels
from zoo.data.source import Request, SourceKind, are_paths, is_path_pair
from zoo.data.tables.labelled_files import LabelledFiles, load_files
from zoo.data.tables.locating import Locator
from zoo.data.unlabelled import Files

WHERE = "the list of paths"


def load_paths(paths: Sequence[Any], labels: Any, request: Request) -> Splits:
    """Load files by their paths, relative to ``images_dir`` or the working folder.

    Whole numbers are names of classes, or with ``classes`` their ids, as of an array of images.

    Raises:
        UnreadableImagesError: files that cannot be read.
        ValueError: another number of labels, a missing one, or files that are not there.
    """
    names, given = as_texts(paths), np.asarray(labels)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    if request.classes is not None and given.dtype.kind in "iu":
        ids, classes = as_labels(given, len(names), request.classes)
        texts = [classes[number] for number in ids.tolist()]
    else:
        texts = _as_texts(given, len(names), request.classes)
    root = _root(request)
    locator = Locator(root)
    found = locator.find_all(names)
    classes = class_names(texts, request.classes)
    codes = ClassCodes(numbered=given.dtype.kind in "iu" and are_numbers(classes))
    files = LabelledFiles(where=WHERE, paths=found, names=names, labels=texts, codes=codes)
    return load_files(files, classes, request)


def _as_texts(labels: np.ndarray, count: int, classes: Sequence[str] | None) -> list[str]:
    if labels.shape != (count,):
        raise ValueError(f"Expected one label a path; received {count} paths and labels of shape {labels.shape}.")
    texts = as_label_texts(labels.tolist(), classes)
    empty = [row for row, text in enumerate(texts) if not text]
    if empty:
        raise ValueError(
            f"Expected a label for every path; {len(empty)} have none, such as row {empty[0]} "
            f"({labels[empty[0]]!r}). Leave these paths out; if that is a class, name all classes: classes=[...]."
        )
    return texts


def _root(request: Request) -> Path:
    return Path() if request.images_dir is None else Path(request.images_dir).expanduser()


def _load(source: Any, request: Request) -> Splits:
    paths, labels = source if isinstance(source, tuple) else (source, request.labels)
    if labels is None:
        raise TypeError("Expected labels with the paths; received none. Call load(paths, labels).")
    return load_paths(paths, labels, request)


def _list(source: Any, request: Request) -> Files:
    return Files(_root(request), as_texts(source))


SOURCE = SourceKind(
    name="paths with labels",
    typed=False,
    accepts=lambda source: are_paths(source) or is_path_pair(source),
    load=_load,
    list_rows=_list,
    options=frozenset({"labels", "images_dir"}),
)
