"""Two ``tf.data`` datasets, to train on and to validate with, such as Keras makes with ``subset="both"``."""

from __future__ import annotations

from typing import Any

from zoo.data.class_names import FittedClasses
from zoo.data.images import Splits
from zoo.data.source import Request, SourceKind, is_dataset_pair
from zoo.data.sources.tf_data import load_dataset, names_of


def load_pair(source: Any, request: Request) -> Splits:
    """Load both; the second takes the classes and the size of the first, and may lack some classes.

    A second one without ``class_names``, which ``map`` drops, counts its labels as the first one does.

    Raises:
        ValueError: what :func:`zoo.data.sources.tf_data.load_dataset` refuses of either, or classes of the second that
            the first has not.
    """
    first, second = source
    folder, how = request.folder, request.reading
    train = load_dataset(first, folder, request.classes, request.image_size, how).train
    own = names_of(second) or names_of(first)
    classes = FittedClasses(train.classes) if own else train.classes
    return Splits(train, load_dataset(second, folder, classes, train.image_size, how, own=own).train)


SOURCE = SourceKind(
    name="a pair of datasets",
    typed=False,
    accepts=is_dataset_pair,
    load=load_pair,
)
