"""Warnings of arrays that are taken as they are, and probably mean something else; once, at the user's own line."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ensembles.column_order import other_order

LOOKED_AT = 1000  # rows of a member
TOLERANCE = 1e-3  # of sums
SHOWN = 20  # columns of an order that is written out
WHOLES = {1: "probabilities", 100: "percentages"}  # what rows sum to

_TOLD: WeakValueDictionary[int, Any] = WeakValueDictionary()  # by their ids
_INSIDE = ContextVar("inside", default=False)


@contextmanager
def inside() -> Iterator[None]:
    """Look at no arrays while the block runs: they are parts of what was looked at already."""
    token = _INSIDE.set(True)
    try:
        yield
    finally:
        _INSIDE.reset(token)


def tell(thing: object, *, told: bool = True) -> None:
    """Note that a rule, or an array, was warned of, or was not; what cannot be referred to weakly is not noted."""
    _TOLD.pop(id(thing), None)
    with suppress(TypeError):
        if told:
            _TOLD[id(thing)] = thing


def is_told(thing: object) -> bool:
    """Whether something, or the array that it is a view of, was warned of."""
    base = getattr(thing, "base", None)
    return _TOLD.get(id(thing)) is thing or (isinstance(base, np.ndarray) and is_told(base))


def look_like_probabilities(logits: NDArray[Any]) -> bool:
    """Whether all rows of logits (..., samples, classes) are 0 or more, and sum to 1 or to 100."""
    some = logits[..., :LOOKED_AT, :]
    return bool(some.size) and any(_are_shares(some, whole) for whole in WHOLES)


def warn_of_probabilities(logits: NDArray[Any]) -> None:
    """Warn where logits (..., samples, classes) are probabilities: their softmax is almost the same for all classes.

    They may also be percentages, or have their classes along another axis. Zeros and ones alone are votes, and pass.
    """
    some = logits[..., :LOOKED_AT, :]
    if _INSIDE.get() or not some.size or is_told(logits):
        return
    if not _may_be_shares(some):
        _warn_of_members(some)
        return
    found = ((axis, whole) for axis in range(-1, -some.ndim - 1, -1) for whole in WHOLES if _sums(some, axis, whole))
    axis, whole = next(found, (0, 0))
    if whole:
        _warn(_advice(some.ndim, axis, whole))
    else:
        _warn_of_members(some)


def _warn_of_members(some: NDArray[Any]) -> None:
    """Warn of members (members, samples, classes) whose rows look like probabilities, where the others' do not."""
    if some.ndim != 3:
        return
    found = [(index, whole) for index, member in enumerate(some) for whole in WHOLES if _are_shares(member, whole)]
    if found:
        names = ", ".join(str(index) for index, _ in found)
        _warn(
            f"Expected logits of every member; received other values of member {names}: {_advice(2, -1, found[0][1])}"
        )


def _are_shares(member: NDArray[Any], whole: int) -> bool:
    return _may_be_shares(member) and _sums(member, -1, whole)


def _may_be_shares(some: NDArray[Any]) -> bool:
    """Nothing is below 0, and there is more than the zeros and ones of votes."""
    return bool(some.min() >= 0) and not np.all((some == 0) | (some == 1))


def warn_of_first_class(labels: NDArray[Any], classes: int) -> None:
    """Warn where labels (samples,) have every class but 0, of three or more: they may be counted from 1."""
    if classes > 2 and not _INSIDE.get() and np.array_equal(np.unique(labels), np.arange(1, classes)):
        _warn(
            f"Expected labels in range({classes}); received no row of class 0 and some of all others. "
            "If they are counted from 1, pass labels - 1."
        )


def warn_of_order(logits: NDArray[Any], labels: NDArray[Any]) -> None:
    """Warn of members (members, samples, classes) whose columns seem to stand in another order than the labels'."""
    if _INSIDE.get():
        return
    found = {number: other for number, own in enumerate(logits) if (other := other_order(own, labels))}
    if found:
        number, first = next(iter(found.items()))
        also = f" The same of members {', '.join(map(str, [*found][1:]))}." if len(found) > 1 else ""
        columns = str(first.order.tolist())
        if len(first.order) > SHOWN:
            columns = f"best_order(logits[{number}].argmax(1), labels, {len(first.order)})"  # of ensembles.column_order
        _warn(
            f"Expected columns in the order of the classes; received member {number}, right on {first.right} of "
            f"{first.rows} rows as its columns stand, and on {first.right_so} in another order. If it learned its "
            f"classes in that order: logits[{number}] = logits[{number}][:, {columns}]; else leave it out.{also}"
        )


def _sums(some: NDArray[Any], axis: int, whole: int) -> bool:
    """Whether values sum to a whole along an axis of several of them."""
    sums = some.sum(axis=axis, dtype=np.float64)
    return some.shape[axis] > 1 and np.allclose(sums, whole, rtol=0, atol=TOLERANCE * whole)


def _advice(axes: int, axis: int, whole: int) -> str:
    name = WHOLES[whole]
    turned, where = name, "rows of 0 or more"
    if axis != -1:
        turned, where = f"{name}.swapaxes({axes + axis}, {axes - 1})", f"values of 0 or more along axis {axes + axis}"
    shares = turned if whole == 1 else f"{turned} / {whole}"
    order = "" if axis == -1 else " with the classes last"
    return (
        f"Expected logits{order}; received {where} that sum to {whole}, which look like {name}. "
        f"Pass their logarithm: np.log(np.maximum({shares}, 1e-7))."
    )


def _warn(text: str) -> None:
    """Warn at the first line outside of this package."""
    package, level = __name__.partition(".")[0], 1
    frame = sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, UserWarning, stacklevel=level)
