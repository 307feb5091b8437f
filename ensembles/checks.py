"""Checks of arrays and options that are no matter of one rule."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHOWN = 5  # members in a message
NUMBERS = "biuf"  # NumPy's letters of bool, whole and real numbers


def as_array(values: ArrayLike, what: str) -> NDArray[Any]:
    """Make an array of what may be a list.

    Raises:
        ValueError: Rows differ in length.
    """
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(
            f"Expected {what} of one shape; received a ragged list. Give every row, and every member, the same length."
        ) from None


def as_numbers(values: ArrayLike, what: str) -> NDArray[Any]:
    """Return an array of numbers in its own dtype.

    Raises:
        TypeError: It holds something else, or objects.
        ValueError: Rows differ in length.
    """
    array = as_array(values, what)
    if array.dtype.kind not in NUMBERS:
        raise TypeError(f"Expected {what} as numbers; received {array.dtype}. Convert them: np.asarray(values, float).")
    return array


def as_finite(values: ArrayLike, what: str) -> NDArray[Any]:
    """Return an array of finite numbers, float64.

    Raises:
        TypeError: It holds something else than numbers.
        ValueError: Rows differ in length, or values are NaN or infinite.
    """
    array = as_numbers(values, what).astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"Expected finite {what}; received {_not_finite(array)}. Leave those rows out.")
    return array


def check_finite(logits: NDArray[Any]) -> None:
    """Check logits (samples, classes) or (members, samples, classes), member by member.

    Raises:
        ValueError: Values are not finite; the message has the members' numbers, and how many rows of each.
    """
    members = logits if logits.ndim == 3 else logits[None]
    found = {number: told for number, own in enumerate(members) if (told := _not_finite(own))}
    if not found:
        return
    texts = [f"{told} of member {number}" if logits.ndim == 3 else told for number, told in found.items()]
    listed = ", ".join(texts[:SHOWN]) + (f" and of {len(texts) - SHOWN} other members" if len(texts) > SHOWN else "")
    zeros = all(not np.isnan(own).any() and not np.isposinf(own).any() for own in (members[number] for number in found))
    remedy = (
        "If they are logarithms of probabilities, clip these before: np.log(np.clip(p, 1e-7, 1))"
        if zeros
        else "Leave these rows out, or the member that diverged"
    )
    raise ValueError(f"Expected finite logits; received {listed}. {remedy}.")


def _not_finite(values: NDArray[Any]) -> str:
    """Say which values are not finite, and in how many rows; "" where all are."""
    if np.isfinite(values).all():
        return ""
    kinds = {"NaN": np.isnan(values), "infinity": np.isposinf(values), "-infinity": np.isneginf(values)}
    rows = (~np.isfinite(values)).reshape(len(values), -1).any(axis=1) if values.ndim else np.array([True])
    return f"{' and '.join(name for name, mask in kinds.items() if mask.any())} in {rows.sum()} of {len(rows)} rows"


def check_share(value: object, what: str) -> None:
    """Check a number above 0, below 1.

    Raises:
        ValueError: it is not such a number.
    """
    if not (isinstance(value, Real) and 0 < float(value) < 1):
        raise ValueError(f"Expected {what} above 0, below 1; received {value!r}.")


def check_count(value: object, what: str, least: int = 1) -> None:
    """Check a whole number.

    Raises:
        ValueError: It is none, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"Expected at least {least} {what}, a whole number; received {value!r}.")


def is_missing(cell: Any) -> bool:
    """Whether a cell is None, NaN, NaT or pandas' NA: NaN and NaT differ from themselves, and NA has no truth value."""
    if cell is None or isinstance(cell, str):
        return cell is None
    return type(cell).__name__ == "NAType" or bool(np.any(cell != cell))  # noqa: PLR0124
