"""``load``: one function for whatever people have their images in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from zoo.data.checks import check_every_class
from zoo.data.images import Images, Splits
from zoo.data.labels import as_names
from zoo.data.sources.arrays import in_size, load_arrays, load_dataset
from zoo.data.sources.folder import load_folder
from zoo.data.sources.npz import load_npz
from zoo.data.splits import hold_out
from zoo.datasets.smears import CLASSES as DEMO_CLASSES
from zoo.datasets.smears import smears
from zoo.utils.files import folder_or_scratch
from zoo.utils.text import AnySize, Size, as_size

if TYPE_CHECKING:
    import tensorflow as tf

    Source: TypeAlias = str | Path | Splits | Images | np.ndarray | tuple[np.ndarray, np.ndarray] | tf.data.Dataset

DEMO = "demo"


def load(
    source: Source,
    labels: np.ndarray | None = None,
    *,
    classes: Sequence[str] | None = None,
    image_size: AnySize | None = None,
    decoded: str | Path | None = None,
    skip_unreadable: bool = False,
    whole: bool = True,
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

    Raises:
        FileNotFoundError: a path that does not exist.
        TypeError: a source of another kind, or labels for one that has its own.
        ValueError: images or labels that fail a check; the message says what to do.
    """
    size = as_size(image_size, "image_size")
    _check_labels(source, labels)
    if isinstance(source, Splits | Images):
        return _reload(source if isinstance(source, Splits) else Splits(source), classes, size)
    splits = _read(source, labels, classes, size, decoded, skip_unreadable)
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


def _read(
    source: Any,
    labels: np.ndarray | None,
    classes: Sequence[str] | None,
    size: Size | None,
    decoded: str | Path | None,
    skip_unreadable: bool,
) -> Splits:
    if isinstance(source, str) and source == DEMO:
        drawn = smears() if size is None else smears(size=size[0])
        return load_arrays(drawn.images, drawn.labels, DEMO_CLASSES, size)
    if isinstance(source, str | Path):
        return _load_path(Path(source).expanduser(), decoded, classes, size, skip_unreadable)
    if hasattr(source, "element_spec"):
        return load_dataset(source, folder_or_scratch(decoded), classes, size)
    images, labels = source if isinstance(source, tuple) and len(source) == 2 else (source, labels)
    if labels is not None:
        return load_arrays(images, labels, classes, size)
    raise TypeError(_unknown(source))


def _load_path(
    path: Path, decoded: str | Path | None, classes: Sequence[str] | None, size: Size | None, skip_unreadable: bool
) -> Splits:
    if path.is_dir():
        return load_folder(
            path, folder_or_scratch(decoded), classes=classes, image_size=size, skip_unreadable=skip_unreadable
        )
    if not path.exists():
        raise FileNotFoundError(f"Expected a folder or an .npz file; there is nothing at {path}.")
    if path.suffix.lower() != ".npz":
        raise ValueError(f"Expected a folder of class folders or an .npz file; received {path}.")
    return load_npz(path, classes, size)


def _check_labels(source: Any, labels: Any) -> None:
    own = isinstance(source, str | Path | Splits | Images | tuple) or hasattr(source, "element_spec")
    if labels is not None and own:
        raise TypeError(
            f"Expected labels with an array of images only; a {type(source).__name__} has its own. Leave labels out."
        )


def _unknown(source: Any) -> str:
    if isinstance(source, np.ndarray):
        return "Expected labels with the array of images; received none. Call load(images, labels)."
    return (
        "Expected a folder, an .npz file, (images, labels), a tf.data.Dataset of (image, label) or 'demo'; "
        f"received {type(source).__name__}."
    )
