"""Warnings of arrays that are taken as they are, and probably mean something else; once, at the user's own line."""

import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ensembles.chance import Guessing, guessing
from ensembles.column_order import Reordered, answers, other_order

LOOKED_AT = 1000  # rows of a member
TOLERANCE = 1e-3  # of sums
SHOWN = 20  # columns of an order that is written out
WHOLES = {1: "probabilities", 100: "percentages"}  # what rows sum to

_WARNED: WeakValueDictionary[int, Any] = WeakValueDictionary()  # by their ids
_SILENT = ContextVar("silent", default=False)


@contextmanager
def without_warnings() -> Iterator[None]:
    """Look at no arrays while the block runs: they are parts of what was looked at already."""
    token = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(token)


def mark_warned(thing: object, *, warned: bool = True) -> None:
    """Record whether a warning was given about a rule or an array; objects without weak references are not recorded."""
    _WARNED.pop(id(thing), None)
    with suppress(TypeError):
        if warned:
            _WARNED[id(thing)] = thing


def was_warned(thing: object) -> bool:
    """Whether something, or the array that it is a view of, was warned of."""
    base = getattr(thing, "base", None)
    return _WARNED.get(id(thing)) is thing or (isinstance(base, np.ndarray) and was_warned(base))


def look_like_probabilities(logits: NDArray[Any]) -> bool:
    """Whether all rows of logits (..., samples, classes) are 0 or more, and sum to 1 or to 100."""
    some = logits[..., :LOOKED_AT, :]
    return bool(some.size) and any(_are_shares(some, whole) for whole in WHOLES)


def warn_of_rows(logits: NDArray[Any], labels: NDArray[Any]) -> None:
    """Warn of logits (members, samples, classes) and labels (samples,) that are probably not what they are taken for.

    Members answer like chance for each of the other reasons too, so that is told where none of them is.
    """
    told = [warn_of_probabilities(logits), warn_of_first_class(labels, logits.shape[-1]), warn_of_order(logits, labels)]
    if not any(told):
        warn_of_chance(logits, labels)


def warn_of_probabilities(logits: NDArray[Any]) -> bool:
    """Warn, and say so, where logits (..., samples, classes) are probabilities.

    Their softmax is almost the same for all classes. They may also be percentages, or have their classes along another
    axis. Zeros and ones alone are votes, and pass.
    """
    some = logits[..., :LOOKED_AT, :]
    if _SILENT.get() or not some.size or was_warned(logits):
        return False
    if not _may_be_shares(some):
        return _warn_of_members(some)
    found = ((axis, whole) for axis in range(-1, -some.ndim - 1, -1) for whole in WHOLES if _sums(some, axis, whole))
    axis, whole = next(found, (0, 0))
    return _warn(_advice(some.ndim, axis, whole)) if whole else _warn_of_members(some)


def _warn_of_members(some: NDArray[Any]) -> bool:
    """Warn, and say so, of members (members, samples, classes) whose rows alone look like probabilities."""
    if some.ndim != 3:
        return False
    found = [(index, whole) for index, member in enumerate(some) for whole in WHOLES if _are_shares(member, whole)]
    names = ", ".join(str(index) for index, _ in found)
    return bool(found) and _warn(
        f"Expected logits of every member; received other values of member {names}: {_advice(2, -1, found[0][1])}"
    )


def _are_shares(member: NDArray[Any], whole: int) -> bool:
    return _may_be_shares(member) and _sums(member, -1, whole)


def _may_be_shares(some: NDArray[Any]) -> bool:
    """Nothing is below 0, and there is more than the zeros and ones of votes."""
    return bool(some.min() >= 0) and not np.all((some == 0) | (some == 1))


def warn_of_first_class(labels: NDArray[Any], classes: int) -> bool:
    """Warn, and say so, where labels (samples,) have every class but 0, of three or more: counted from 1, perhaps."""
    missing = classes > 2 and not _SILENT.get() and np.array_equal(np.unique(labels), np.arange(1, classes))
    return missing and _warn(
        f"Expected labels in range({classes}); received no row of class 0 and some of all others. "
        "If they are counted from 1, pass labels - 1."
    )


def warn_of_order(logits: NDArray[Any], labels: NDArray[Any]) -> bool:
    """Warn, and say so, of members whose columns seem to stand in another order than the labels'."""
    if _SILENT.get():
        return False
    found = {number: other for number, own in enumerate(logits) if (other := other_order(own, labels))}
    return bool(found) and _warn(_of_order(found))


def warn_of_chance(logits: NDArray[Any], labels: NDArray[Any]) -> bool:
    """Warn, and say so, of members (members, samples, classes) that answer like chance."""
    if _SILENT.get():
        return False
    found = {number: seen for number, own in enumerate(logits) if (seen := guessing(*answers(own, labels)))}
    return bool(found) and _warn(_of_chance(found))


def _of_order(found: Mapping[int, Reordered]) -> str:
    number, first = next(iter(found.items()))
    columns = str(first.order.tolist())
    if len(first.order) > SHOWN:
        columns = f"best_order(logits[{number}].argmax(1), labels, {len(first.order)})"  # of ensembles.column_order
    return (
        f"Expected columns in the order of the classes; received member {number}, right on {first.right} of "
        f"{first.rows} rows as its columns stand, and on {first.right_so} in another order. If it learned its "
        f"classes in that order: logits[{number}] = logits[{number}][:, {columns}]; else leave it out.{_also(found)}"
    )


def _of_chance(found: Mapping[int, Guessing]) -> str:
    number, first = next(iter(found.items()))
    return (
        f"Expected members that answer better than chance; received member {number}, right on {first.right} of "
        f"{first.rows} rows, about {first.guessed:.0f} by guessing. Check that its rows and the labels are of the same "
        "images in the same order, that its columns are in the order of the classes, and that its network was trained; "
        f"else leave it out.{_also(found)}"
    )


def _also(found: Mapping[int, object]) -> str:
    return f" The same of members {', '.join(map(str, [*found][1:]))}." if len(found) > 1 else ""


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


def _warn(text: str) -> bool:
    """Warn at the first line outside of this package; True, as it was told."""
    package, level = __name__.partition(".")[0], 1
    frame = sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, UserWarning, stacklevel=level)
    return True
