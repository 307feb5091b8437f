"""What every rule answers to, and the checks of what a user hands in."""

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

_AXES = {2: "(samples, classes)", 3: "(members, samples, classes)"}


class NotFittedError(RuntimeError):
    """Raised where a rule is used before `fit`."""


@runtime_checkable
class Rule(Protocol):
    """Turns the logits of many members into one answer.

    `name` is its key in `ensembles.RULES`. What `fit` learned ends in `_`; every fitted rule has at least
    `shape_`, the (members, classes) that it was fitted on. A rule is a dataclass: its options are fields of the
    constructor, what it learned are the others, and `ensembles.saved` writes both.
    """

    name: ClassVar[str]

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Learn from rows that no member trained on; return the rule itself.

        `logits` (members, samples, classes) floating and finite, `labels` (samples,) integers in
        range(classes).

        Raises:
            ValueError: shapes or values are not those above.
            TypeError: dtypes are not those above.
        """
        ...

    def combine(self, logits: ArrayLike) -> Array:
        """Make one answer: logits (members, samples, classes) in, logits (samples, classes) float32 out.

        Raises:
            NotFittedError: before `fit`.
            ValueError: other members or classes than in `fit`, or values that are not finite.
            TypeError: logits that are not floating.
        """
        ...


def check_logits(logits: ArrayLike, axes: int = 3) -> Array:
    """Return the logits as a floating, finite array of so many axes, in the dtype that they came in.

    Raises:
        ValueError: another number of axes, an empty one, one class only, or values that are not finite.
        TypeError: not floating.
    """
    array = _as_array(logits)
    if array.ndim != axes:
        raise ValueError(f"expected logits {_AXES[axes]}, received shape {array.shape}{_axes_advice(array, axes)}")
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(f"expected floating logits, received {array.dtype}; hand in numbers from before the softmax")
    if array.shape[-1] < 2 or (axes == 3 and array.shape[0] < 1):
        raise ValueError(f"expected at least 1 member and 2 classes, received logits of shape {array.shape}")
    # Member by member: one mask over a memory-mapped array would need a quarter of its size as memory.
    if not all(np.isfinite(member).all() for member in (array if axes == 3 else [array])):
        raise ValueError("expected finite logits, received NaN or infinity; leave out the member that diverged")
    return array


def check_rows(logits: ArrayLike, labels: ArrayLike, axes: int = 3) -> tuple[Array, Array]:
    """Return logits and labels that belong together: `check_logits`, and one label in range(classes) a row.

    Raises:
        ValueError: shapes or values that do not fit together, or no rows.
        TypeError: labels that are not integers, logits that are not floating.
    """
    logits, labels = check_logits(logits, axes), np.asarray(labels)
    samples, classes = logits.shape[-2:]
    if labels.shape != (samples,):
        advice = "; turn one-hot rows into ids with argmax(-1)" if labels.ndim == 2 else ""
        raise ValueError(f"expected labels of shape ({samples},), received shape {labels.shape}{advice}")
    if samples == 0:
        raise ValueError("expected at least 1 row, received none")
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"expected integer labels, received {labels.dtype}; hand in class ids")
    if labels.min() < 0 or labels.max() >= classes:
        received = f"{labels.min()} to {labels.max()}"
        raise ValueError(f"expected labels in range({classes}), received {received}; number the classes from 0")
    return logits, labels


def check_rule(rule: object) -> None:
    """Check that something is a rule.

    Raises:
        TypeError: it is not, such as a name.
    """
    if not isinstance(rule, Rule):
        raise TypeError(f"expected a rule, such as Soft() or make_rule('soft'), received {rule!r}")


def check_fitted(rule: Rule) -> tuple[int, int]:
    """Return the (members, classes) that the rule was fitted on.

    Raises:
        NotFittedError: before `fit`.
    """
    shape: tuple[int, int] | None = getattr(rule, "shape_", None)
    if shape is None:
        name = type(rule).__name__
        raise NotFittedError(f"expected a fitted {name}, received one before fit; call fit(logits, labels) first")
    return shape


def check_same(rule: Rule, logits: ArrayLike) -> Array:
    """Return logits (members, samples, classes) of as many members and classes as the rule was fitted on.

    Raises:
        NotFittedError: before `fit`.
        ValueError: other members or classes, and what `check_logits` raises.
    """
    members, classes = check_fitted(rule)
    array = check_logits(logits)
    if (array.shape[0], array.shape[2]) != (members, classes):
        received = f"{array.shape[0]} members and {array.shape[2]} classes"
        raise ValueError(
            f"expected {members} members and {classes} classes as in fit, received {received}; "
            "hand in the same members in the same order, or fit again"
        )
    return array


def _as_array(logits: ArrayLike) -> Array:
    try:
        return np.asarray(logits)
    except ValueError:
        raise ValueError(
            "expected members of one shape, received a ragged list; give every member the same rows"
        ) from None


def _axes_advice(array: Array, axes: int) -> str:
    return "; add the axis of members: logits[None]" if (array.ndim, axes) == (2, 3) else ""
