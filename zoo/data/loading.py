"""``load`` and ``list_images``: one function each for whatever people have their images in, with labels and without."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from zoo.data.checks import check_every_class
from zoo.data.class_names import FittedClasses, warn_of_rare_classes
from zoo.data.duplicates import without_duplicates
from zoo.data.groups import with_groups
from zoo.data.images import Images, Splits
from zoo.data.pictures.pixel_checks import as_array
from zoo.data.pictures.pixel_reading import WHITE, as_reading
from zoo.data.reloading import check_loaded, reload
from zoo.data.source import ChosenColumns, Request, SourceKind, are_paths, as_path
from zoo.data.sources import SOURCES, kind_of
from zoo.data.splits import hold_out, validating
from zoo.data.unlabelled import Unlabelled
from zoo.utils.text import AnySize, as_size

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import tensorflow as tf
    from numpy.typing import ArrayLike

    Source: TypeAlias = str | Path | Splits | Images | np.ndarray | tuple[np.ndarray, np.ndarray] | tf.data.Dataset


PACKED = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


def load(
    source: Source,
    labels: ArrayLike | None = None,
    *,
    classes: Sequence[str] | None = None,
    image_size: AnySize | None = None,
    decoded: str | Path | None = None,
    skip_unreadable: bool = False,
    allow_unreadable: float | None = None,
    images_dir: str | Path | None = None,
    columns: ChosenColumns | None = None,
    background: str | Sequence[int] = WHITE,
    depth_range: Sequence[float] | None = None,
    fit: str | None = None,
    whole: bool = True,
    group_from: str | None = None,
) -> Splits:
    """Load labelled images, decoded once into uint8, and check them.

    Args:
        source: a folder of class folders (also under ``train/``, ``val/``, ``test/``), a table (``.csv``, ``.tsv``,
            ``.parquet``, of pandas or pyarrow) of files and labels, paths (with ``labels``, or a pair), an ``.npz``
            file (``images`` and ``labels``, or MedMNIST's keys), arrays (with ``labels``, or a pair), a Hugging Face
            ``Dataset`` or ``DatasetDict``, a ``tf.data.Dataset`` of (image, label; brought into an order of its
            content), a pair of them to train on and to validate with, a Keras ``PyDataset``, or ``"demo"``: drawn
            blood smears. What ``load`` returned passes through, resized where ``image_size`` is another; it was
            decoded and checked before.
        labels: ``(N,)`` for images given as an array or as paths; nothing else takes them.
        classes: names, in the order of the class ids. Folders, texts and a dataset's ``class_names`` are matched by
            name, and have to be of these classes; those of what was loaded before have to be the same.
        image_size: side or ``(height, width)`` in pixels; by default the source's own. Of files, the usual
            one among them, reduced to about 256x256 pixels where it is larger.
        decoded: folder to keep decoded images in for the next run; by default they go with the process.
        skip_unreadable: leave files that cannot be read out, with a warning, instead of raising, if they are at most
            a tenth of all.
        allow_unreadable: another share of all, 0 to 1; given, it implies ``skip_unreadable``.
        images_dir: folder of the files that a table or a list names; by default the table's own, or the working folder.
        columns: by role the columns of a table, ``{"image": ..., "label": ..., "split": ..., "group": ...}`` or the
            text ``"image=...,label=..."``; by default found by their names. None as a column leaves it out.
        background: a colour that transparent pixels are laid over, by name, as ``#rrggbb`` or as three numbers.
        depth_range: what becomes 0 and 255 of images of more than 8 bits. By default it is chosen from the training
            images: the full range of their bits where they fill it, else their percentiles 0.1 and 99.9.
        fit: what becomes of another aspect: ``squash`` changes it, which is the default, ``pad`` adds borders of the
            background's colour, ``crop`` cuts off what is too long.
        whole: every class must have images, as for training; False for images to score, with ``classes``. These are
            read as the training images were: no depth range is chosen from them.
        group_from: a regular expression that finds in a file's path what it shows, such as a patient: images of one
            group stay together in splits and folds, and intervals count groups; see :mod:`zoo.data.groups`.

    Raises:
        FileNotFoundError: a path that does not exist.
        TypeError: a source of another kind, or labels for one that has its own.
        ValueError: images or labels that fail a check; the message names the remedy.
    """
    size = as_size(image_size, "image_size")
    reading = as_reading(background=background, depth_range=depth_range, fit=fit or "squash")
    _check_labels(source, labels)
    if isinstance(source, Splits | Images):
        whole_splits = source if isinstance(source, Splits) else Splits(source)
        check_loaded(whole_splits, reading, images_dir, columns)
        own = whole_splits.train.reading
        colour = own.background if background == WHITE else reading.background
        resizing = replace(own, fit=fit or own.fit, background=colour)
        known = reload(whole_splits, classes, size, resizing, whole=whole)
        return known if group_from is None else with_groups(known, group_from)
    if labels is not None and isinstance(source, list) and not are_paths(source):
        source = as_array(source, "images")
    kind = kind_of(source)
    if kind is None or kind.load is None:
        raise _unknown(source, [known for known in SOURCES if known.load])
    how = Request(
        labels=labels,
        classes=classes,
        image_size=size,
        decoded=decoded,
        skip_unreadable=skip_unreadable,
        allow_unreadable=allow_unreadable,
        images_dir=images_dir,
        columns=columns,
        reading=reading,
        chooses=whole,
    )
    kind.check_options(how)
    splits = kind.load(source, how)
    if group_from is not None:
        splits = with_groups(splits, group_from)
    if whole:
        check_every_class(splits.train)
        warn_of_rare_classes(splits)
    return splits


def with_validation(
    train: Source,
    validation: Source | None,
    *,
    seed: int,
    classes: FittedClasses | None = None,
    unique: bool = False,
    **reading: Any,
) -> Splits:
    """Load images to train on with images to validate with, given or held out; those take the classes, the size and
    the reading of pixels of the training images, and may lack some classes.

    Args:
        train: anything that :func:`load` takes.
        validation: likewise; None to hold a share of ``train`` out, where it has no split of its own.
        seed: of the choice.
        classes: of an earlier fit; by default the source's own.
        unique: leave exact duplicates out, but of what was loaded before.
        reading: of pixels, as options of :func:`load`.
    """
    images = load(train, classes=classes, **reading)
    unique = unique and not isinstance(train, Splits | Images)
    if validation is None:
        return hold_out(without_duplicates(images) if unique else images, seed=seed)
    if images.validation is not None:
        logger.warning(
            "%d validation images that came with the training images are left out: others were given",
            len(images.validation),
        )
    first = images.train
    own = first.codes
    known = classes or FittedClasses(first.classes, own.labels(first.classes), own.columns)
    how = first.reading.as_dict()
    given = load(validation, classes=known, image_size=first.image_size, whole=False, **how)
    if unique and isinstance(validation, Splits | Images):
        return hold_out(without_duplicates(Splits(first, test=images.test)), given, seed=seed)
    if unique:
        together = without_duplicates(Splits(first, validating(given), images.test))
        return hold_out(Splits(together.train, test=together.test), Splits(together.to_validate()), seed=seed)
    return hold_out(images, given, seed=seed)


def list_images(
    data: Any, key: str | None = None, *, images_dir: str | Path | None = None, columns: ChosenColumns | None = None
) -> Unlabelled:
    """List images to predict, in the order of the predictions; none of them is read.

    Args:
        data: a folder with images at any depth, in natural order; one image file; a ``.txt`` with a path a line,
            relative to its own folder; a table or a list that names files; an ``.npy`` or an array in memory,
            ``(N, H, W, 3)`` uint8; an ``.npz``.
        key: the array of an ``.npz``.
        images_dir: folder of the files that a table or a list names; by default the table's own, or the working folder.
        columns: of a table, ``{"image": NAME}``; by default found by its name.

    Raises:
        FileNotFoundError: nothing there.
        TypeError: data of another kind.
        ValueError: no images, arrays of another shape or dtype, or a key where there is nothing to choose.
    """
    kind = kind_of(data)
    if kind is None or not (kind.list or kind.list_rows):
        raise _unknown(data, [known for known in SOURCES if known.list or known.list_rows])
    if key is not None and not kind.has_arrays:
        raise ValueError(f"Expected an .npz to choose {key!r} from; received {kind.name}. Leave the key out.")
    how = Request(images_dir=images_dir, columns=columns)
    kind.check_options(how)
    return kind.list(data, key) if kind.list else kind.list_rows(data, how)  # type: ignore[misc]


def _unknown(source: Any, kinds: Sequence[SourceKind]) -> Exception:
    """The error for something else than a source: a path to nothing, a file of another kind, or an object."""
    path = as_path(source)
    *known, last = (kind.name for kind in kinds if kind.typed or path is None)
    listed = f"Expected {', '.join(known)} or {last}"
    if path is None:
        remedy = " It may have no end: pass load(images, labels)." if hasattr(source, "__next__") else ""
        return TypeError(f"{listed}; received {type(source).__name__}.{remedy}")
    if "://" in str(source):
        return FileNotFoundError(f"{listed}; received {source}. Download it first.")
    if not path.exists():
        return FileNotFoundError(f"{listed}; there is nothing at {path}.{_nearby(path) or ' Check the path.'}")
    return ValueError(f"{listed}; received {path}.{' Unpack it first.' if path.suffix in PACKED else ''}")


def _nearby(path: Path) -> str:
    """Name what lies beside a path that does not exist and is called nearly as it."""
    folder = path.parent
    near = get_close_matches(path.name, [entry.name for entry in folder.iterdir()]) if folder.is_dir() else []
    return f" Did you mean {' or '.join(str(folder / name) for name in near)}?" if near else ""


def _check_labels(source: Any, labels: Any) -> None:
    own = isinstance(source, str | Path | Splits | Images | tuple) or hasattr(source, "element_spec")
    if labels is not None and own:
        raise TypeError(
            f"Expected labels with an array of images only; a {type(source).__name__} has its own. Leave labels out."
        )
