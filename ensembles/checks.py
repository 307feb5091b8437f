"""Checks of arrays and options that are no matter of one rule."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
        raise ValueError(f"Expected finite {what}; received NaN or infinity. Leave those rows out.")
    return array


def check_share(value: object, what: str) -> None:
    """Check a number above 0, below 1.

    Raises:
        ValueError: It is none.
    """
    if not (isinstance(value, Real) and 0 < float(value) < 1):
        raise ValueError(f"Expected {what} above 0, below 1; received {value!r}. Pass a number such as 0.95.")


def check_count(value: object, what: str, least: int = 1) -> None:
    """Check a whole number.

    Raises:
        ValueError: It is none, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"Expected at least {least} {what}, a whole number; received {value!r}.")
