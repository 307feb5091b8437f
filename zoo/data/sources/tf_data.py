"""``tf.data`` datasets of (image, label)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from zoo.data.images import Splits
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.source import SourceKind, is_dataset
from zoo.data.sources.arrays import in_size
from zoo.data.streams import Ending, load_stream
from zoo.utils.text import Size

REMEDY = "If there are N elements, say so: dataset.apply(tf.data.experimental.assert_cardinality(N))."
UNKNOWN = -2  # tf.data.UNKNOWN_CARDINALITY
CALLED_BACK = ("FlatMap", "Interleave", "Generator")  # in the names of datasets whose elements a function makes


def load_dataset(
    dataset: Any,
    decoded: Path,
    classes: Sequence[str] | None,
    image_size: Size | None,
    reading: PixelReading = PLAIN,
    *,
    own: Sequence[str] | None = None,
) -> Splits:
    """Load a ``tf.data.Dataset`` of (image, label), batched or not; see :func:`zoo.data.streams.load_stream`.

    Args:
        dataset: of pairs.
        decoded: folder to keep the pixels in.
        classes: the names that were asked for, in the order of the class ids.
        image_size: to resize to; None keeps theirs.
        reading: how pixels of other kinds are read.
        own: the names in the order of the dataset's labels; by default its ``class_names``.

    Raises:
        ValueError: an endless dataset, elements that are no pairs, images of mixed sizes, or ids that a dataset
            without names may count in another order than the classes.
    """
    _check_dataset(dataset)
    with closing(_elements(dataset)) as elements:
        images = load_stream(elements, decoded, classes, own or names_of(dataset), ending_of(dataset), reading)
    return Splits(in_size(images, image_size))


def names_of(dataset: Any) -> Sequence[str] | None:
    """The names of a dataset's classes, in the order of its labels, as Keras attaches them; None without."""
    names: Sequence[str] | None = getattr(dataset, "class_names", None)
    return names


def _elements(dataset: Any) -> Generator[Any]:
    """The dataset's elements; closed, it lets go of TensorFlow's iterator, which may hang an exit of the process."""
    yield from dataset.as_numpy_iterator()


def ending_of(dataset: Any) -> Ending:
    """Say whether a dataset ends: one of known length, or what is made of such without a function in between."""
    count = int(dataset.cardinality())
    return Ending(batches=count if count >= 0 else None, certain=_ends(dataset), remedy=REMEDY)


def _ends(dataset: Any) -> bool:
    count = int(dataset.cardinality())
    if count != UNKNOWN:
        return count >= 0
    inputs = dataset._inputs()  # filtered and unbatched datasets have an unknown length, and end as these do
    called_back = any(word in type(dataset).__name__ for word in CALLED_BACK)
    return bool(inputs) and not called_back and all(map(_ends, inputs))


def _check_dataset(dataset: Any) -> None:
    import tensorflow as tf

    spec = dataset.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2 or not all(isinstance(part, tf.TensorSpec) for part in spec):
        raise ValueError(
            f"Expected a dataset of (image, label) pairs of plain tensors; received {_described(spec)}. "
            f"Make them so: {_mapping(spec)}."
        )
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError("Expected a dataset that ends; received one that repeats for ever. Remove .repeat().")


def _described(spec: Any) -> str:
    if isinstance(spec, dict):
        return f"dicts of {', '.join(map(repr, spec))}"
    if isinstance(spec, tuple):
        return f"{len(spec)} parts, {', '.join(type(part).__name__ for part in spec)}"
    return f"{type(spec).__name__} alone, without labels"


def _mapping(spec: Any) -> str:
    if isinstance(spec, dict) and {"image", "label"} <= set(spec):
        return "dataset.map(lambda row: (row['image'], row['label']))"
    if isinstance(spec, tuple) and len(spec) > 2:
        return "dataset.map(lambda image, label, *others: (image, label))"
    return "dataset.map(lambda element: (image, label))"


SOURCE = SourceKind(
    name="a tf.data.Dataset of (image, label)",
    typed=False,
    accepts=is_dataset,
    load=lambda source, request: load_dataset(
        source, request.folder, request.classes, request.image_size, request.reading
    ),
)
