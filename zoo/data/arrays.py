"""Arrays, ``.npz`` files and ``tf.data`` datasets, checked like everything else."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo.data.checks import as_images, as_pixels
from zoo.data.decode import resized
from zoo.data.images import Images, Splits
from zoo.sizes import Size

logger = logging.getLogger(__name__)

NPZ_SPLITS = {"train": "train", "val": "validation", "validation": "validation", "test": "test"}


def load_arrays(
    images: np.ndarray, labels: np.ndarray, classes: Sequence[str] | None, image_size: Size | None
) -> Splits:
    """Load images and labels that are in memory already."""
    return Splits(_sized(as_images(images, labels, classes), image_size))


def load_npz(path: Path, classes: Sequence[str] | None, image_size: Size | None) -> Splits:
    """Load ``images`` and ``labels``, or ``train_images``, ``train_labels``, ``val_images``, ... (MedMNIST).

    Raises:
        ValueError: other keys, or arrays that only pickle can read.
    """
    with np.load(path, allow_pickle=False) as file:
        if {"images", "labels"} <= set(file.files):
            return load_arrays(_member(file, "images"), _member(file, "labels"), classes, image_size)
        prefixes = [p for p in NPZ_SPLITS if {f"{p}_images", f"{p}_labels"} <= set(file.files)]
        if "train" not in prefixes:
            raise ValueError(
                f"Expected 'images' and 'labels', or 'train_images' and 'train_labels' (and val_, test_), in {path}; "
                f"received {', '.join(file.files) or 'nothing'}."
            )
        arrays = {NPZ_SPLITS[p]: (_member(file, f"{p}_images"), _member(file, f"{p}_labels")) for p in prefixes}
    train = as_images(*arrays["train"], classes)
    others = {name: as_images(*arrays[name], train.classes, whole=False) for name in arrays if name != "train"}
    return Splits(_sized(train, image_size), **{name: _sized(images, image_size) for name, images in others.items()})


def load_dataset(
    dataset: Iterable[Any], decoded: Path, classes: Sequence[str] | None, image_size: Size | None
) -> Splits:
    """Load a ``tf.data.Dataset`` of (image, label), batched or not, into one memory-mapped array.

    Raises:
        ValueError: an endless dataset, elements that are no pairs, or images of mixed sizes.
    """
    classes = classes or getattr(dataset, "class_names", None)
    _check_dataset(dataset)
    path = decoded / f"{uuid.uuid4().hex}.raw"
    labels: list[np.ndarray] = []
    shape: tuple[int, ...] = ()
    with path.open("wb") as file:
        for image, label in dataset.as_numpy_iterator():  # type: ignore[attr-defined]
            batch = as_pixels(image if image.ndim == 4 else image[None])
            shape = shape or batch.shape[1:]
            _check_same(shape, batch.shape[1:])
            labels.append(np.atleast_1d(label) if np.ndim(label) == image.ndim - 3 else _refuse(label, image))
            file.write(np.ascontiguousarray(batch))
    if not labels:
        raise ValueError("Expected a dataset of images; received an empty one.")
    pixels = np.memmap(path, np.uint8, "r", shape=(sum(map(len, labels)), *shape))
    return Splits(_sized(as_images(pixels, np.concatenate(labels), classes), image_size))


def _check_dataset(dataset: Any) -> None:
    import tensorflow as tf

    if not isinstance(dataset.element_spec, tuple) or len(dataset.element_spec) != 2:
        raise ValueError(f"Expected a dataset of (image, label) pairs; received {dataset.element_spec}.")
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("Expected a dataset that ends; received one that repeats for ever. Remove .repeat().")


def _check_same(expected: tuple[int, ...], received: tuple[int, ...]) -> None:
    if expected != received:
        raise ValueError(
            f"Expected images of one size; received {expected} and {received}. Resize them in the dataset."
        )


def _refuse(label: np.ndarray, image: np.ndarray) -> np.ndarray:
    if image.ndim == 4 and label.ndim == 2 and label.shape[1] == 1:
        return label[:, 0]
    raise ValueError(
        f"Expected one integer label an image; received labels of shape {label.shape} for images {image.shape}. "
        "If they are one-hot: dataset.map(lambda image, label: (image, tf.argmax(label, -1)))."
    )


def _member(file: Any, key: str) -> np.ndarray:
    try:
        return np.asarray(file[key])
    except ValueError as error:
        raise ValueError(
            f"Expected plain arrays; {key!r} holds Python objects, which could run code when read. "
            f"Save it again: np.savez(path, {key}=np.stack({key}))."
        ) from error


def _sized(images: Images, size: Size | None) -> Images:
    """Resize arrays whose size is not the one asked for."""
    if size is None or images.image_size == size:
        return images
    logger.info("%d images resized to %dx%d", len(images), size[1], size[0])
    pixels = np.stack([resized(Image.fromarray(picture), size) for picture in images.pixels])
    return Images(pixels, images.labels, images.classes, images.origins)
