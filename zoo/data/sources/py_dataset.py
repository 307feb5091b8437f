"""A Keras ``PyDataset`` of (images, labels), the older ``Sequence`` and the iterators of ``ImageDataGenerator``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind
from zoo.data.sources.arrays import in_size
from zoo.data.streams import Ending, load_stream

NAMES = ("PyDataset", "Sequence")
REMEDY = "Return the number of batches in its __len__."


def load_py_dataset(source: Any, request: Request) -> Splits:
    """Load every batch once, in the order of its index; see :func:`zoo.data.streams.load_stream`.

    Raises:
        ValueError: no length, batches that are no pairs, or what a stream is refused for.
    """
    count = _count(source)
    ending = Ending(batches=count, certain=True, remedy=REMEDY)
    own = _class_names(source)
    images = load_stream(_batches(source, count), request.folder, request.classes, own, ending, request.reading)
    return Splits(in_size(images, request.image_size))


def _count(source: Any) -> int:
    """The number of batches.

    Raises:
        ValueError: it is unknown or endless.
    """
    try:
        count = source.num_batches if hasattr(source, "num_batches") else len(source)
    except NotImplementedError:
        count = None
    if count is None:
        raise ValueError(f"Expected a PyDataset that ends; {type(source).__name__} has no length. {REMEDY}")
    return int(count)


def _batches(source: Any, count: int) -> Iterator[tuple[Any, Any]]:
    for index in range(count):
        batch = source[index]
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            parts = f"{len(batch)} parts" if isinstance(batch, tuple | list) else type(batch).__name__
            raise ValueError(
                f"Expected batches (images, labels) of {type(source).__name__}; received {parts}. "
                "Return a pair from its __getitem__."
            )
        yield batch[0], batch[1]


def _class_names(source: Any) -> list[str] | None:
    """Its ``class_names``, or the names that ``flow_from_directory`` found, in the order of its labels."""
    named = getattr(source, "class_names", None)
    if named is not None:
        return list(named)
    indices = getattr(source, "class_indices", None)
    return sorted(indices, key=indices.__getitem__) if isinstance(indices, dict) else None


def _is_py_dataset(source: object) -> bool:
    """Recognise one without importing Keras."""
    return any(
        kind.__name__ in NAMES and kind.__module__.startswith(("keras.", "tf_keras.", "tensorflow.python.keras."))
        for kind in type(source).__mro__
    )


SOURCE = SourceKind(name="a Keras PyDataset", typed=False, accepts=_is_py_dataset, load=load_py_dataset)
