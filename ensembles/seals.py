"""Sealed records: JSON values with the format that they are in and a digest of their contents.

A disk or a hand that changes a character of a record would change answers in silence. What is changed is refused, and
so is what a newer version wrote. A seal is no signature: who writes a record can seal it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

FORMAT, SEAL = "format", "seal"
REMEDY = "Copy it again, or have it made again"


def sealed(record: Mapping[str, Any], own_format: int, key: str = FORMAT) -> dict[str, Any]:
    """Add the format and the seal to JSON values.

    Args:
        record: The values.
        own_format: The format of the record.
        key: The format's name in the record.

    Examples:
        >>> sorted(sealed({"weights": [0.5, 0.5]}, 1))
        ['format', 'seal', 'weights']
    """
    whole = {key: own_format, **record}
    return {**whole, SEAL: _digest(whole)}


def unsealed(record: Any, newest: int, what: str, *, first: int, key: str = FORMAT, oldest: int = 1) -> dict[str, Any]:
    """Check the format and the seal of a record, and return it without the seal.

    Args:
        record: What was read.
        newest: The format that this version writes.
        what: What the record is, for messages.
        first: The first format that had a seal; earlier ones are taken without.
        key: The format's name in the record.
        oldest: The first format that can be read; 0 for records that were once written without one.

    Raises:
        ValueError: No JSON object, another format, or contents that were changed since they were sealed.

    Examples:
        >>> record = sealed({"weights": [0.5, 0.5]}, 1)
        >>> unsealed(record, 1, "a rule", first=1)["weights"]
        [0.5, 0.5]
        >>> unsealed(record | {"weights": [0.5, 0.4]}, 1, "a rule", first=1)
        Traceback (most recent call last):
        ...
        ValueError: Expected a rule as it was written; received one that was changed: its seal does not match. Copy \
it again, or have it made again.
    """
    if not isinstance(record, dict):
        raise ValueError(f"Expected {what} as a JSON object; received JSON of another kind. {REMEDY}.")
    own_format = check_format(record.get(key, 0), newest, what, oldest)
    content = {name: value for name, value in record.items() if name != SEAL}
    if (own_format >= first or SEAL in record) and record.get(SEAL) != _digest(content):
        raise ValueError(
            f"Expected {what} as it was written; received one that was changed: its seal does not match. {REMEDY}."
        )
    return content


def check_format(found: Any, newest: int, what: str, oldest: int = 1) -> int:
    """Return the format that a record names.

    Raises:
        ValueError: None, or one that no version wrote, or one of a newer version: the message says to upgrade.
    """
    if isinstance(found, bool) or not isinstance(found, int) or found < oldest:
        expected = str(newest) if oldest == newest else f"{oldest} to {newest}"
        raise ValueError(f"Expected {what} of format {expected}; received {found!r}. {REMEDY}.")
    if found > newest:
        raise ValueError(
            f"Expected {what} of format {newest} at most; received {found}, which a newer version wrote. Upgrade: pip "
            "install --upgrade ensemble-zoo."
        )
    return found


def _digest(record: Mapping[str, Any]) -> str:
    plain = json.loads(json.dumps(record))  # as a reader has it: numbers that are names become text
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
