"""``load``: one function for whatever people have their images in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.arrays import load_arrays, load_dataset, load_npz
from zoo.data.folder import load_folder
from zoo.data.images import Images, Splits
from zoo.data.samples import CLASSES as DEMO_CLASSES
from zoo.data.samples import smears
from zoo.scratch import folder_or_scratch
from zoo.sizes import AnySize, Size, as_size

if TYPE_CHECKING:
    import tensorflow as tf

    Source = str | Path | Splits | Images | np.ndarray | tuple[np.ndarray, np.ndarray] | tf.data.Dataset

DEMO = "demo"


def load(
    source: Source,
    labels: np.ndarray | None = None,
    *,
    classes: Sequence[str] | None = None,
    image_size: AnySize | None = None,
    decoded: str | Path | None = None,
    skip_unreadable: bool = False,
) -> Splits:
    """Load labelled images, decoded once into uint8, and check them.

    Args:
        source: a folder of class folders (also under ``train/``, ``val/``, ``test/``), an ``.npz`` file (``images``
            and ``labels``, or MedMNIST's keys), arrays (with ``labels``, or a pair), a ``tf.data.Dataset`` of
            (image, label), or ``"demo"``: drawn blood smears. What ``load`` returned passes through.
        labels: ``(N,)`` for images given as an array.
        classes: names, in the order of the labels, where the source has none.
        image_size: side or ``(height, width)`` in pixels; by default the source's own, or the commonest of it.
        decoded: folder to keep decoded images in for the next run; by default they go with the process.
        skip_unreadable: leave files that cannot be read out, with a warning, instead of raising.

    Raises:
        FileNotFoundError: a path that does not exist.
        TypeError: a source of another kind.
        ValueError: images or labels that fail a check; the message says what to do.
    """
    size = as_size(image_size, "image_size")
    if isinstance(source, Splits | Images):
        return source if isinstance(source, Splits) else Splits(source)
    if isinstance(source, str) and source == DEMO:
        drawn = smears() if size is None else smears(size=size[0])
        return load_arrays(drawn.images, drawn.labels, DEMO_CLASSES, size)
    if isinstance(source, str | Path):
        return _load_path(Path(source).expanduser(), decoded, classes, size, skip_unreadable)
    images, labels = source if isinstance(source, tuple) and len(source) == 2 else (source, labels)
    if labels is not None:
        return load_arrays(np.asarray(images), np.asarray(labels), classes, size)
    if hasattr(source, "element_spec"):
        return load_dataset(source, folder_or_scratch(decoded), classes, size)
    raise TypeError(_unknown(source))


def _load_path(
    path: Path, decoded: str | Path | None, classes: Sequence[str] | None, size: Size | None, skip_unreadable: bool
) -> Splits:
    if path.is_dir():
        return load_folder(path, folder_or_scratch(decoded), image_size=size, skip_unreadable=skip_unreadable)
    if not path.exists():
        raise FileNotFoundError(f"Expected a folder or an .npz file; there is nothing at {path}.")
    if path.suffix != ".npz":
        raise ValueError(f"Expected a folder of class folders or an .npz file; received {path}.")
    return load_npz(path, classes, size)


def _unknown(source: Any) -> str:
    if isinstance(source, np.ndarray):
        return "Expected labels with the array of images; received none. Call load(images, labels)."
    return (
        "Expected a folder, an .npz file, (images, labels), a tf.data.Dataset of (image, label) or 'demo'; "
        f"received {type(source).__name__}."
    )
