"""A Hugging Face ``Dataset`` of images and labels, or a ``DatasetDict`` of its splits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from filelock import FileLock
from PIL import Image as Opened

from zoo.data.cells import as_label_texts, as_text, as_texts, class_names
from zoo.data.class_codes import ClassCodes, are_numbers
from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind
from zoo.data.tables.columns import Columns, find_columns, parse_columns
from zoo.data.tables.labelled_files import LabelledFiles, as_splits, load_files
from zoo.data.tables.table import Table
from zoo.data.tables.table_rows import as_class_names, split_words
from zoo.utils.files import replacing

WHERE = "the Hugging Face dataset"
ENCODED = "encoded"  # the folder of pictures while they are decoded
STORED, NUMBERS = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), ("I", "F")  # Pillow's modes that PNG has, and TIFF


def load_hugging_face(source: Any, request: Request) -> Splits:
    """Load images as files are, with the classes' names in the order of the label feature.

    Raises:
        UnreadableImagesError: images that cannot be read.
        ValueError: features that are no images or labels, other splits, or rows without a label.
    """
    given: dict[str, Any] = dict(source) if isinstance(source, Mapping) else {"": source}
    parts = {name: part.with_format(None) for name, part in given.items()}  # without a transform of the user's
    first, *others = parts.values()
    columns = _columns(first, request)
    for other in others:
        _check_alike(first, other, columns)
    splits = as_splits(list(parts), WHERE) if "" not in parts else [""]
    labels = [_labels(part, columns.label[0], request.classes) for part in parts.values()]
    named = _own_names(first, columns.label[0])
    own = named or class_names([label for found in labels for label in found])
    listed = LabelledFiles(
        where=WHERE,
        paths=(),
        names=(),
        labels=as_class_names([label for found in labels for label in found], request.classes, WHERE),
        splits=_owners(parts, splits, columns),
        groups=columns.group and as_texts(cell for part in parts.values() for cell in part[columns.group]),
        codes=ClassCodes(numbered=not named and are_numbers(tuple(request.classes or own))),
        remedy=f"Leave these rows out: dataset.filter(lambda row: row[{columns.image!r}] is not None)",
    )
    return _decoded(listed, parts, columns.image, request.classes or own, request)


def _decoded(
    listed: LabelledFiles, parts: Mapping[str, Any], column: str, classes: Sequence[str], request: Request
) -> Splits:
    """Decode the pictures, of which encoded ones are written out, and removed at the end."""
    folder = request.folder / ENCODED
    with FileLock(folder.with_suffix(".lock")):  # another load of the same pictures would remove these too early
        files = [_files(part, column, folder, name) for name, part in parts.items()]
        paths = [path for found, _ in files for path in found]
        names = [name for _, found in files for name in found]
        try:
            return load_files(replace(listed, paths=paths, names=names), classes, request)
        finally:
            for path in paths:
                if path is not None and path.parent == folder:
                    path.unlink(missing_ok=True)


def _columns(dataset: Any, request: Request) -> Columns:
    """The columns by the kinds of their features, or else by their names."""
    given = parse_columns(request.columns)
    kinds = {name: type(feature).__name__ for name, feature in dataset.features.items()}
    for role, kind in (("image", "Image"), ("label", "ClassLabel")):
        found = [name for name, own in kinds.items() if own == kind]
        if role not in given and len(found) == 1:
            given[role] = (found[0],)
    names = Table({name: [] for name in dataset.column_names}, WHERE, [], Path())
    columns = find_columns(names, {role: names or None for role, names in given.items()})
    if len(columns.label) > 1:
        raise ValueError(f"Expected one column of labels in {WHERE}; received {', '.join(columns.label)}. Name one.")
    if kinds[columns.image] != "Image":
        raise ValueError(
            f"Expected a feature Image in {WHERE}; {columns.image!r} is {kinds[columns.image]}. "
            f"Make it one: dataset.cast_column({columns.image!r}, datasets.Image())."
        )
    return columns


def _own_names(dataset: Any, column: str) -> tuple[str, ...] | None:
    names = getattr(dataset.features[column], "names", None)
    return None if names is None else tuple(names)


def _labels(dataset: Any, column: str, classes: Sequence[str] | None) -> list[str]:
    """The labels as names of classes; -1 is none, as in test sets whose labels are kept back."""
    names, cells = _own_names(dataset, column), list(dataset[column])
    if names is not None:
        cells = [None if cell is None or cell < 0 else names[cell] for cell in cells]
    texts = as_label_texts(cells, classes or names)
    empty = [row for row, text in enumerate(texts) if not text]
    if empty:
        raise ValueError(
            f"Expected a label in every row of {WHERE}; {len(empty)} of {len(texts)} have none. "
            "Leave them out: dataset.filter(...), or leave the split out."
        )
    return texts


def _owners(parts: Mapping[str, Any], splits: Sequence[str], columns: Columns) -> list[str] | None:
    """The split of each row: by the part that it is in, or by a column."""
    if "" not in parts:
        return [split for part, split in zip(parts.values(), splits, strict=True) for _ in range(len(part))]
    names = [*columns.flags] if columns.split is None else [columns.split]
    whole: dict[str, Sequence[Any]] = {name: list(parts[""][name]) for name in names}
    lines = [f"row {row}" for row in range(len(parts[""]))]
    return split_words(Table(whole, WHERE, lines, Path()), columns)


def _files(dataset: Any, column: str, folder: Path, split: str) -> tuple[list[Path | None], list[str]]:
    """The files of the pictures, encoded ones written out, None of a row without a picture; and their names."""
    from datasets import Image

    folder.mkdir(exist_ok=True)
    feature = dataset.features[column]
    raw = dataset.cast_column(column, Image(decode=False))
    paths: list[Path | None] = []
    names = []
    for row, picture in enumerate(raw[column]):
        name = as_text((picture or {}).get("path"))
        names.append(f"{split} row {row}".strip() + (f" ({name})" if name else ""))
        shown = picture and _in_mode(picture, feature.mode)
        kept = shown and shown.get("bytes")
        paths.append(_written(shown, folder, f"{split}_{row}") if kept else Path(name) if name else None)
    return paths, names


def _in_mode(picture: Mapping[str, Any], mode: str | None) -> Mapping[str, Any]:
    """The picture as its feature shows it; as it is where that has no mode, or where it is one that cannot be read."""
    from datasets import Image

    if mode is None:
        return picture
    try:
        if _mode_of(picture) == mode:
            return picture
        shown = Image(mode=mode).decode_example(dict(picture))
        return {"bytes": _encoded(shown), "path": None}
    except Exception:  # Pillow's decoders raise whatever a broken picture leads them into; decoding lists it
        return picture


def _mode_of(picture: Mapping[str, Any]) -> str:
    content = picture.get("bytes")
    with Opened.open(BytesIO(content) if content else as_text(picture.get("path"))) as opened:
        return opened.mode


def _encoded(image: Opened.Image) -> bytes:
    """A file of the same pixels; of modes that none has, such as HSV, of the same colours."""
    buffer = BytesIO()
    form = "TIFF" if image.mode in NUMBERS else "PNG"
    (image if image.mode in (*NUMBERS, *STORED) else image.convert("RGB")).save(buffer, form)
    return buffer.getvalue()


def _written(picture: Mapping[str, Any], folder: Path, name: str) -> Path:
    """Write an encoded picture under its content."""
    content = picture["bytes"]
    suffix = Path(as_text(picture.get("path"))).suffix
    path = folder / f"{hashlib.blake2b(content, digest_size=16).hexdigest()}_{name}{suffix}"
    with replacing(path) as beside:
        beside.write_bytes(content)
    return path


def _check_alike(first: Any, other: Any, columns: Columns) -> None:
    names = [_own_names(part, columns.label[0]) for part in (first, other)]
    if first.column_names != other.column_names or names[0] != names[1]:
        raise ValueError(f"Expected the same features in every split of {WHERE}; received others. Cast them alike.")


def _is_hugging_face(source: object) -> bool:
    """Recognise one without importing the package."""
    kinds = {kind.__name__ for kind in type(source).__mro__ if kind.__module__.split(".")[0] == "datasets"}
    return bool(kinds & {"Dataset", "DatasetDict"})


SOURCE = SourceKind(
    name="a Hugging Face Dataset",
    typed=False,
    accepts=_is_hugging_face,
    load=load_hugging_face,
    options=frozenset({"columns"}),
)
