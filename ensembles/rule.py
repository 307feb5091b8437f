"""What every rule promises, and the checks of the arrays that a user passes in."""

from inspect import Parameter, signature
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ensembles.checks import as_array, check_finite
from ensembles.input_warnings import warn_of_rows

Array = NDArray[Any]

_AXES = {2: "(samples, classes)", 3: "(members, samples, classes)"}


class NotFittedError(RuntimeError):
    """Raised where something that learns is used before `fit`."""


@runtime_checkable
class Rule(Protocol):
    """Combines the logits of many members into one prediction a row.

    A rule is a dataclass. Fields of its constructor are its options; what `fit` learned are fields whose names end in
    `_`, and `ensembles.serialization` writes both. Every fitted rule has `shape_`, the (members, classes) of its fit.

    A rule may also have:

    - `with_fixed_hyperparameters()`: an unfitted rule with the hyper-parameters that `fit` chose by cross-validation;
      see `ensembles.crossval`.
    - `write_layers(member_logits, name)`: the fitted rule as stock Keras layers; see `ensembles.layers`.
    - `check_options()`, `check_members(count)`, `check_labels(labels, classes)`: what can be refused before there are
      logits; see `ensembles.beforehand`.

    A file in `ensembles/rules/` with a class under `ensembles.registry.register` is all that a new rule needs.
    """

    name: ClassVar[str]
    """The rule's key in `ensembles.RULES` and in saved files."""

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from rows that no member was trained on; return the rule itself.

        A rule of the user's own may leave `groups` out: see `fit_rule`.

        Args:
            logits: The members' logits, (members, samples, classes) floating-point and finite.
            labels: The class ids, (samples,) integers in range(classes).
            groups: What each row is of, (samples,), such as a patient: a rule that cross-validates keeps groups whole.
                None where each row is by itself. Rules that choose nothing by cross-validation learn the same with it.

        Raises:
            ValueError: Shapes or values are not those above.
            TypeError: Dtypes are not those above.
        """
        ...

    def combine(self, logits: ArrayLike) -> Array:
        """Combine logits (members, samples, classes) into logits (samples, classes) float32.

        Raises:
            NotFittedError: The rule has not been fitted.
            ValueError: Members or classes are not those of `fit`, or values are not finite.
            TypeError: Logits are not floating-point.
        """
        ...


def fit_rule(rule: Rule, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Rule:
    """Fit a rule, with groups if there are some and its `fit` takes them; return the rule."""
    if groups is None or not _takes_groups(rule):
        return rule.fit(logits, labels)
    return rule.fit(logits, labels, groups=groups)


def _takes_groups(rule: Rule) -> bool:
    taken = signature(rule.fit).parameters.values()
    return any(one.name == "groups" or one.kind is Parameter.VAR_KEYWORD for one in taken)


def check_logits(logits: ArrayLike, axes: int = 3) -> Array:
    """Return the logits as a finite floating-point array with this number of axes; the dtype is kept.

    Raises:
        ValueError: The number of axes is another, one is empty, there is one class only, or values are not finite.
        TypeError: Logits are not floating-point.
    """
    array = as_array(logits, "logits")
    if array.ndim != axes:
        raise ValueError(f"Expected logits {_AXES[axes]}; received shape {array.shape}.{_axes_advice(array, axes)}")
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"Expected floating-point logits; received {array.dtype}. Pass the numbers from before the softmax."
        )
    if array.shape[-1] < 2 or (axes == 3 and array.shape[0] < 1):
        raise ValueError(
            f"Expected at least 1 member and 2 classes; received logits of shape {array.shape}. "
            f"Pass them as {_AXES[axes]}."
        )
    # Member by member: one mask over a memory-mapped array would need a quarter of its size as memory.
    check_finite(array)
    return array


def check_rows(logits: ArrayLike, labels: ArrayLike, axes: int = 3) -> tuple[Array, Array]:
    """Return logits as `check_logits` does, and labels with one class id in range(classes) for each row.

    Raises:
        ValueError: Shapes or values do not match, or there are no rows.
        TypeError: Labels are not integers, or logits are not floating-point.
    """
    logits, labels = check_logits(logits, axes), as_array(labels, "labels")
    samples, classes = logits.shape[-2:]
    if labels.shape != (samples,):
        advice = _labels_advice(labels, logits.shape)
        raise ValueError(f"Expected labels of shape ({samples},); received shape {labels.shape}. {advice}")
    if samples == 0:
        raise ValueError("Expected at least 1 row; received none. Pass labelled rows.")
    if not np.issubdtype(labels.dtype, np.integer):
        raise TypeError(f"Expected integer labels; received {labels.dtype}. Pass class ids.")
    if labels.min() < 0 or labels.max() >= classes:
        received = f"{labels.min()} to {labels.max()}"
        advice = _range_advice(labels, logits.shape)
        raise ValueError(f"Expected labels in range({classes}); received {received}. {advice}")
    if axes == 3:
        warn_of_rows(logits, labels)
    return logits, labels


def check_rule(rule: object) -> None:
    """Check that an object is a rule.

    Raises:
        TypeError: It is not; for example, it is the name of one.
    """
    if not isinstance(rule, Rule):
        raise TypeError(f"Expected a rule; received {rule!r}. Pass one such as Soft() or make_rule('soft').")


def check_learned(fitted: object, attribute: str) -> None:
    """Check that `fit` has set an attribute.

    Raises:
        NotFittedError: It has not.
    """
    if getattr(fitted, attribute, None) is None:
        raise NotFittedError(f"Expected a fitted {type(fitted).__name__}; received one before fit. Call its fit first.")


def check_fitted(rule: Rule) -> tuple[int, int]:
    """Return the (members, classes) that the rule was fitted on.

    Raises:
        NotFittedError: The rule has not been fitted.
    """
    check_learned(rule, "shape_")
    shape: tuple[int, int] = rule.shape_  # type: ignore[attr-defined]
    return shape


def check_same_members(rule: Rule, logits: ArrayLike) -> Array:
    """Return logits (members, samples, classes) with as many members and classes as the rule was fitted on.

    Raises:
        NotFittedError: The rule has not been fitted.
        ValueError: Members or classes are others, or `check_logits` refuses the logits.
        TypeError: Logits are not floating-point.
    """
    members, classes = check_fitted(rule)
    array = check_logits(logits)
    if (array.shape[0], array.shape[2]) != (members, classes):
        raise ValueError(
            f"Expected {members} members and {classes} classes, as in fit; received {array.shape[0]} members and "
            f"{array.shape[2]} classes. Pass the same members in the same order, or fit again."
        )
    return array


def _labels_advice(labels: Array, shape: tuple[int, ...]) -> str:
    if labels.ndim == 2:
        return "Turn one-hot rows into ids with argmax(-1)."
    if labels.ndim == 1 and len(labels) == shape[0]:
        return "If the samples come first: logits.swapaxes(0, 1)."
    if labels.ndim == 1 and len(labels) == shape[-1]:
        return "If the samples come last: np.moveaxis(logits, -1, -2)."
    return "Pass one class id a row."


def _range_advice(labels: Array, shape: tuple[int, ...]) -> str:
    """What to do about labels that are out of range; their classes may be along the axis of members."""
    from_one = labels.min() == 1 and labels.max() == shape[-1]
    if len(shape) < 3 or from_one or labels.min() < 0 or labels.max() >= shape[0]:
        return "Number the classes from 0."
    return (
        f"Number the classes from 0; or, if {shape} is (classes, samples, members), turn the axes: "
        "logits.swapaxes(0, 2)."
    )


def _axes_advice(array: Array, axes: int) -> str:
    return " Add the axis of members: logits[None]." if (array.ndim, axes) == (2, 3) else ""
