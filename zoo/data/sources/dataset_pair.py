"""Two ``tf.data`` datasets, to train on and to validate with, such as Keras makes with ``subset="both"``."""

from __future__ import annotations

from typing import Any

from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind, is_dataset_pair
from zoo.data.sources.tf_data import load_dataset


def load_pair(source: Any, request: Request) -> Splits:
    """Load both; the second takes the classes and the size of the first, and may lack some classes.

    Raises:
        ValueError: what :func:`zoo.data.sources.tf_data.load_dataset` refuses of either.
    """
    first, second = source
    folder = request.folder
    how = request.reading
    train = load_dataset(first, folder, request.classes, request.image_size, how).train
    return Splits(train, load_dataset(second, folder, train.classes, train.image_size, how).train)


SOURCE = SourceKind(
    name="a pair of datasets",
    typed=False,
    accepts=is_dataset_pair,
    load=load_pair,
)
