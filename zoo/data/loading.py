"""``load`` and ``list_images``: one function each for whatever people have their images in, with labels and without."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from zoo.data.checks import as_array, check_every_class
from zoo.data.groups import with_groups
from zoo.data.images import Images, Splits
from zoo.data.labels import as_names
from zoo.data.source import Request, as_path
from zoo.data.sources import SOURCES, kind_of
from zoo.data.sources.arrays import in_size
from zoo.data.splits import hold_out
from zoo.data.unlabelled import Unlabelled
from zoo.utils.text import AnySize, Size, as_size

if TYPE_CHECKING:
    import tensorflow as tf

    Source: TypeAlias = str | Path | Splits | Images | np.ndarray | tuple[np.ndarray, np.ndarray] | tf.data.Dataset


def load(
    source: Source,
    labels: np.ndarray | None = None,
    *,
    classes: Sequence[str] | None = None,
    image_size: AnySize | None = None,
    decoded: str | Path | None = None,
    skip_unreadable: bool = False,
    whole: bool = True,
    group_from: str | None = None,
) -> Splits:
    """Load labelled images, decoded once into uint8, and check them.

    Args:
        source: a folder of class folders (also under ``train/``, ``val/``, ``test/``), an ``.npz`` file (``images``
            and ``labels``, or MedMNIST's keys), arrays (with ``labels``, or a pair), a ``tf.data.Dataset`` of
            (image, label; brought into an order of its content), or ``"demo"``: drawn blood smears. What ``load``
            returned passes through, resized where ``image_size`` is another; it was decoded and checked before.
        labels: ``(N,)`` for images given as an array; nothing else takes them.
        classes: names, in the order of the labels. A folder's have to be the names of its class folders,
            and those of what was loaded before the same.
        image_size: side or ``(height, width)`` in pixels; by default the source's own, or the commonest of it.
        decoded: folder to keep decoded images in for the next run; by default they go with the process.
        skip_unreadable: leave files that cannot be read out, with a warning, instead of raising.
        whole: every class must have images, as for training; False for images to score, with ``classes``.
        group_from: a regular expression that finds in a file's path what it shows, such as a patient: images of one
            group stay together in splits and folds, and intervals count groups; see :mod:`zoo.data.groups`.

    Raises:
        FileNotFoundError: a path that does not exist.
        TypeError: a source of another kind, or labels for one that has its own.
        ValueError: images or labels that fail a check; the message names the remedy.
    """
    size = as_size(image_size, "image_size")
    _check_labels(source, labels)
    if isinstance(source, Splits | Images):
        known = _reload(source if isinstance(source, Splits) else Splits(source), classes, size)
        return known if group_from is None else with_groups(known, group_from)
    if labels is not None and isinstance(source, list):
        source = as_array(source, "images")
    kind = kind_of(source)
    if kind is None or kind.load is None:
        raise _unknown(source, [known.name for known in SOURCES if known.load])
    how = Request(labels=labels, classes=classes, image_size=size, decoded=decoded, skip_unreadable=skip_unreadable)
    splits = kind.load(source, how)
    if group_from is not None:
        splits = with_groups(splits, group_from)
    if whole:
        check_every_class(splits.train)
    return splits


def with_validation(train: Source, validation: Source | None, *, seed: int) -> Splits:
    """Load images to train on with images to validate with, given or held out; those take the classes and the size
    of the training images, and may lack some classes."""
    images = load(train)
    if validation is None:
        return hold_out(images, seed=seed)
    first = images.train
    given = load(validation, classes=first.classes, image_size=first.image_size, whole=False)
    return hold_out(images, given, seed=seed)


def _reload(splits: Splits, classes: Sequence[str] | None, size: Size | None) -> Splits:
    if classes is not None and as_names(classes) != splits.classes:
        raise ValueError(
            f"Expected the classes of the images, {', '.join(splits.classes)}; received {', '.join(classes)}. "
            "Leave classes out, or name them where the images are first loaded."
        )
    return splits if size is None else Splits(**{name: in_size(images, size) for name, images in splits.items()})


def list_images(data: Any, key: str | None = None) -> Unlabelled:
    """List images to predict, in the order of the predictions; none of them is read.

    Args:
        data: a folder with images at any depth, in natural order; one image file; a ``.txt`` with a path a line,
            relative to its own folder; an ``.npy`` or an array in memory, ``(N, H, W, 3)`` uint8; an ``.npz``.
        key: the array of an ``.npz``.

    Raises:
        FileNotFoundError: nothing there.
        TypeError: data of another kind.
        ValueError: no images, arrays of another shape or dtype, or a key where there is nothing to choose.
    """
    kind = kind_of(data)
    if kind is None or kind.list is None:
        raise _unknown(data, [known.name for known in SOURCES if known.list])
    if key is not None and not kind.has_arrays:
        raise ValueError(f"Expected an .npz to choose {key!r} from; received {kind.name}. Leave the key out.")
    return kind.list(data, key)


def _unknown(source: Any, known: Sequence[str]) -> Exception:
    """The error for something that is no source: a path to nothing, a file of another kind, or an object."""
    path = as_path(source)
    listed = f"Expected {', '.join(known[:-1])} or {known[-1]}"
    if path is None:
        return TypeError(f"{listed}; received {type(source).__name__}.")
    if not path.exists():
        return FileNotFoundError(f"{listed}; there is nothing at {path}.")
    return ValueError(f"{listed}; received {path}.")


def _check_labels(source: Any, labels: Any) -> None:
    own = isinstance(source, str | Path | Splits | Images | tuple) or hasattr(source, "element_spec")
    if labels is not None and own:
        raise TypeError(
            f"Expected labels with an array of images only; a {type(source).__name__} has its own. Leave labels out."
        )
