"""Labels as users have them, and the class ids that networks predict.

A folder or a file names its classes itself. An array of images comes with labels as scikit-learn takes them: numbers
without order or origin, strings, bools. Those are numbered here, and predictions are given in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import is_missing
from zoo.data.class_names import FittedClasses
from zoo.data.images import Images, Splits
from zoo.data.labels import as_labels
from zoo.data.loading import load
from zoo.data.pictures.pixel_checks import as_array
from zoo.data.source import is_dataset_pair
from zoo.data.tables.table import is_frame

if TYPE_CHECKING:
    from zoo.data.loading import Source

    Labels: TypeAlias = ArrayLike

LABEL_DTYPES = "biufU"  # NumPy's letters of dtypes that compare and are plain JSON values


@dataclass(frozen=True, eq=False)
class Targets:
    """The classes of a fit, as the user and as files name them.

    Attributes:
        names: in the order of the class ids, as files, tables and exports have them.
        labels: ``(classes,)``, the different labels that ``fit(images, labels)`` was given, sorted, in their own
            dtype, or the whole numbers of a table; None after a fit on a source that names its classes itself.
        codes: by a further column of a table, one-to-one with its labels, what it has for each class ``(classes,)``.
    """

    names: tuple[str, ...]
    labels: np.ndarray | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def classes(self) -> np.ndarray:
        """``(classes,)`` the user's labels, or else the names."""
        return np.array(self.names) if self.labels is None else self.labels

    def answers(self, ids: np.ndarray) -> np.ndarray:
        """Turn class ids ``(N,)`` into the user's labels, where there are any."""
        return ids if self.labels is None else self.labels[ids]

    @property
    def known(self) -> FittedClasses:
        """The classes as :func:`zoo.load` takes them, to give the labels of another source their class ids."""
        return FittedClasses(self.names, self.labels, self.codes)

    def ids(self, labels: Labels, count: int) -> np.ndarray:
        """Return the class ids ``(N,)`` of the labels of ``count`` images; ``UNSEEN`` for one that is new to the fit.

        Raises:
            ValueError: labels of another kind than the fit's, or all of them new.
        """
        return as_labels(as_array(labels, "labels"), count, self.known, unseen=True)[0]

    def as_dict(self) -> dict[str, Any]:
        """The classes as plain JSON values."""
        plain: dict[str, Any] = {"classes": list(self.names)}
        if self.labels is not None:
            plain["labels"] = {"dtype": self.labels.dtype.str, "values": self.labels.tolist()}
        if self.codes:
            plain["codes"] = {name: list(own) for name, own in self.codes.items()}
        return plain


def targets_from(plain: dict[str, Any]) -> Targets:
    """Make the value of :meth:`Targets.as_dict` again; other keys are left alone."""
    given = plain.get("labels")
    codes = {name: tuple(own) for name, own in plain.get("codes", {}).items()}
    return Targets(tuple(plain["classes"]), given and np.array(given["values"], given["dtype"]), codes)


def is_array(value: object) -> bool:
    """Say whether something is an array, or a list to make one of, and not a source that has its own labels."""
    if is_frame(value) or is_dataset_pair(value):
        return False
    return isinstance(value, list) or hasattr(value, "__array__")


def as_sources(
    train: Source | ArrayLike, second: Source | Labels | None
) -> tuple[Source, Source | None, np.ndarray | None]:
    """Distinguish the two calls of a fit: ``fit(train, validation)`` and ``fit(images, labels)``.

    Args:
        train: a source, or an array of images ``(N, H, W, 3)``, or a list of paths.
        second: another source or nothing, or after an array or a list the labels ``(N,)``: whole numbers of any values,
            strings or bools.

    Returns:
        what to train on, what to validate with, and the different labels, sorted; these only for an array.

    Raises:
        TypeError: an array of images with another source instead of its labels.
        ValueError: no labels, or such as name no classes: continuous ones, several a row, mixed kinds.
    """
    if not is_array(train):
        return train, second, None
    _check_given(second)
    labels, ids = np.unique(_column(second, warn=True), return_inverse=True)
    return load(train, ids, classes=[str(label) for label in labels]), None, labels


def _check_given(labels: Any) -> None:
    if labels is None:
        raise ValueError(
            "Expected labels with an array of images: fit(images, labels) requires y to be passed, but the target y is "
            "None."
        )
    pair = isinstance(labels, tuple) and np.ndim(labels[0]) > 1
    if pair or isinstance(labels, str | Path | Images | Splits) or hasattr(labels, "element_spec"):
        raise TypeError(
            f"Expected one label an image after an array of images; received a {type(labels).__name__}. To validate "
            "with images of your own, pair the arrays: fit((images, labels), validation)."
        )


def _column(labels: Any, *, warn: bool = False) -> np.ndarray:
    """Check labels as scikit-learn does, ``(N,)``, in the dtype that they have; a warning where they are ``(N, 1)``."""
    from sklearn.utils import assert_all_finite, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets

    given = column_or_1d(labels, warn=warn)
    if given.dtype.kind == "T":  # NumPy's strings of any length, which JSON and TensorFlow do not know
        given = given.astype(str)
    missing = np.flatnonzero([is_missing(label) for label in given.tolist()])
    if len(missing):
        raise ValueError(
            f"Expected a label for every image; Input y contains NaN or None: {len(missing)} of {len(given)} are "
            f"missing, such as that of row {missing[0]}. Leave these images out."
        )
    if given.dtype.kind not in LABEL_DTYPES and not all(isinstance(label, str) for label in given):
        remedy = "labels.astype(str)" if given.dtype.kind != "S" else "np.char.decode(labels, 'utf-8')"
        raise ValueError(
            f"Unknown label type: {given.dtype}. Expected whole numbers, strings or bools, all of one kind. "
            f"Convert them, for example by {remedy}."
        )
    assert_all_finite(given, input_name="y")
    check_classification_targets(given)
    return given
