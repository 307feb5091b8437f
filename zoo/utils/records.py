"""Checks of records that were read from a file, before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from zoo.utils.typecheck import fits, words

MISREAD = (KeyError, TypeError, AttributeError, IndexError, OverflowError, ValueError, RecursionError)
REMEDY = "Copy it again, or have it made again"


def check_entries(record: Mapping[str, Any], kinds: Mapping[str, Any], what: str) -> None:
    """Check that entries of a record are there and of the annotated kinds.

    Args:
        record: what was read.
        kinds: annotations by the entries' names; an entry that may be None may be missing.
        what: the record and its file, for messages.

    Raises:
        ValueError: one is missing, or of another kind.
    """
    for name, kind in kinds.items():
        if name not in record and not fits(None, kind):
            raise ValueError(f"Expected {name!r} in {what}; there is none. {REMEDY}.")
        if not fits(record.get(name), kind):
            received = f"{record[name]!r}"[:80]
            raise ValueError(f"Expected {name!r} in {what} as {words(kind)}; received {received}. {REMEDY}.")


@contextmanager
def as_written(what: str) -> Iterator[None]:
    """Say of a record whose entries lead Python into errors of its own that it is not as it was written.

    Args:
        what: the record and its file, for messages.

    Raises:
        ValueError: an entry is missing, of a wrong type or of a value that does not fit.
    """
    try:
        yield
    except MISREAD as error:
        if isinstance(error, ValueError) and str(error).startswith("Expected"):
            raise
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"Expected {what} as it was written; {reason}. {REMEDY}.") from error
