"""``tf.data`` datasets of (image, label), written into one memory-mapped array."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.array_kinds import is_deep
from zoo.data.checks import as_images, as_pixels
from zoo.data.images import Images, Splits, digest
from zoo.data.pixel_checks import check_brightness
from zoo.data.pixel_reading import PLAIN, PixelReading
from zoo.data.source import SourceKind
from zoo.data.sources.arrays import in_size
from zoo.utils.text import Size


def load_dataset(
    dataset: Iterable[Any],
    decoded: Path,
    classes: Sequence[str] | None,
    image_size: Size | None,
    reading: PixelReading = PLAIN,
) -> Splits:
    """Load a ``tf.data.Dataset`` of (image, label), batched or not, into one memory-mapped array.

    Rows are brought into the order of their content, by a hash of the pixels and then by label, and not that of
    the dataset: one that is shuffled, as ``keras.utils.image_dataset_from_directory`` does by default, would
    be other data at every reading, and whatever is kept by its fingerprint would be made again.

    Raises:
        ValueError: an endless dataset, elements that are no pairs, or images of mixed sizes.
    """
    _check_dataset(dataset)
    classes = classes or getattr(dataset, "class_names", None)
    beside = decoded / f".{uuid.uuid4().hex}.raw"
    try:
        keys, shape, labels = _write(beside, dataset, reading)
        path = decoded / f"{_name(keys)}.raw"  # by its content, so that the same data is kept once
        if not path.exists():
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    pixels = np.memmap(path, np.uint8, "r", shape=(len(labels), *shape))
    ordered = replace(_in_content_order(pixels, keys, labels, classes), reading=reading)
    return Splits(in_size(ordered, image_size))


def _name(keys: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(sorted(keys))).hexdigest()[:16]


def _in_content_order(
    pixels: np.ndarray, keys: Sequence[bytes], labels: np.ndarray, classes: Sequence[str] | None
) -> Images:
    """Sort by digest and label what ``_write`` read.

    The file may be of an earlier reading in another order. Sorted, its pictures are the same ones all the same, so
    that the sorted labels belong to them.
    """
    kept = [digest(picture) for picture in pixels]
    rows = np.array(sorted(range(len(kept)), key=kept.__getitem__))
    aligned = np.empty_like(labels)
    aligned[rows] = labels[sorted(range(len(keys)), key=lambda row: (keys[row], labels[row]))]
    return as_images(pixels, aligned, classes, whole=False, dark=True).subset(rows)


def _write(path: Path, dataset: Any, reading: PixelReading) -> tuple[list[bytes], tuple[int, ...], np.ndarray]:
    """Write the pixels one after another; returns their digests, the shape of an image, and the labels."""
    shape: tuple[int, ...] = ()
    keys: list[bytes] = []
    labels, brightest = [], 0.0
    with path.open("wb") as file:
        for image, label in dataset.as_numpy_iterator():
            images = image if np.ndim(image) == 4 else np.asarray(image)[None]
            batch = as_pixels(images, reading, dark=True)
            shape = shape or batch.shape[1:]
            _check_same(shape, batch.shape[1:])
            labels.append(_labels(label, len(batch), np.shape(image)))
            brightest = max(brightest, float(batch.max() if is_deep(images, reading) else images.max()))
            keys += [digest(picture) for picture in batch]
            file.write(batch.tobytes())
    if not labels:
        raise ValueError("Expected a dataset of images; received an empty one.")
    check_brightness(images.dtype, brightest)
    return keys, shape, np.concatenate(labels)


def _labels(label: Any, count: int, image: tuple[int, ...]) -> np.ndarray:
    """The labels of one element, ``(n,)``, whether it is a batch or one image."""
    labels = np.asarray(label)
    if labels.size == count and labels.ndim <= 2:
        return labels.reshape(count)
    raise ValueError(
        f"Expected one integer label an image; received labels of shape {labels.shape} for images {image}. "
        "If they are one-hot: dataset.map(lambda image, label: (image, tf.argmax(label, -1)))."
    )


def _check_dataset(dataset: Any) -> None:
    import tensorflow as tf

    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2 or not all(isinstance(part, tf.TensorSpec) for part in spec):
        raise ValueError(
            f"Expected a dataset of (image, label) pairs of plain tensors; received {spec}. "
            "Make them so: dataset.map(lambda element: (image, label))."
        )
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("Expected a dataset that ends; received one that repeats for ever. Remove .repeat().")


def _check_same(expected: tuple[int, ...], received: tuple[int, ...]) -> None:
    if expected != received:
        raise ValueError(
            f"Expected images of one size; received {expected} and {received}. Resize them in the dataset."
        )


SOURCE = SourceKind(
    name="a tf.data.Dataset of (image, label)",
    accepts=lambda source: hasattr(source, "element_spec"),
    load=lambda source, request: load_dataset(
        source, request.folder, request.classes, request.image_size, request.reading
    ),
)
