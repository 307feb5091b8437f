"""Keys of fits: hashes of everything that decides what a rule learns."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ensembles.registry import saved_classes
from ensembles.rule import Rule

PACKAGE = __name__.partition(".")[0]
LIBRARIES = ("numpy", "scipy", "scikit-learn")
KEY_LENGTH = 32  # hexadecimal digits


def key_of(kind: str, rule: Rule, *parts: ArrayLike | int | None) -> str | None:
    """Hash a rule's options, the parts that it is fitted on, the code of this package and its libraries' versions.

    Args:
        kind: What is computed, such as "fit".
        rule: The rule; what it has learned does not count.
        parts: Logits, labels, groups and numbers, to the last bit.

    Returns:
        The key; None where nobody can tell that a fit is the same: the code of the rule, of a rule in it, or of one
        that it names is not this package's, or an option is no plain value, such as an estimator.

    Examples:
        >>> from ensembles import Greedy
        >>> logits, labels = np.zeros((2, 3, 2)), np.array([0, 1, 0])
        >>> key_of("fit", Greedy(), logits, labels) == key_of("fit", Greedy(rounds=25), logits, labels)
        True
        >>> key_of("fit", Greedy(), logits, labels) == key_of("fit", Greedy(rounds=24), logits, labels)
        False
    """
    code = code_digest()
    try:
        options = _plain(rule)
    except TypeError:
        return None
    if code is None or _names_others(options):
        return None
    digest = hashlib.sha256(json.dumps([kind, code, options], sort_keys=True).encode())
    for part in parts:
        _add(digest, part)
    return digest.hexdigest()[:KEY_LENGTH]


@cache
def code_digest() -> str | None:
    """Hash this package's code and the versions of NumPy, SciPy and scikit-learn; None where there is no code to read.

    A version that somebody has to raise would be forgotten one day, and fits of other code be taken for these.
    """
    digest, sources = hashlib.sha256(), sorted(_sources(files(PACKAGE)))
    for name, text in sources:
        digest.update(f"{name} {len(text)}\n".encode() + text)
    try:
        digest.update(json.dumps([version(library) for library in LIBRARIES]).encode())
    except PackageNotFoundError:
        return None
    return digest.hexdigest() if sources else None


def _sources(folder: Any, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield prefix + entry.name, entry.read_bytes()


def _add(digest: Any, part: ArrayLike | int | None) -> None:
    if part is None or isinstance(part, int):
        digest.update(repr(part).encode())
        return
    array = np.asarray(part)
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    for row in array if array.ndim > 1 else [array]:  # member by member: no second array of all
        digest.update(np.ascontiguousarray(row).data)


def _plain(value: Any) -> Any:
    """Describe options as JSON values, exactly.

    Raises:
        TypeError: There is something else among them, or code that is not this package's.
    """
    if is_dataclass(value) and not isinstance(value, type):
        if type(value).__module__.partition(".")[0] != PACKAGE:
            raise TypeError(f"Expected a class of {PACKAGE}; received {type(value)}.")
        options = {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.init}
        return [type(value).__qualname__, options]
    if isinstance(value, np.ndarray):
        return [value.dtype.str, value.shape, value.tolist()]
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)  # tells 1, 1.0 and True apart, and infinity, which JSON has not
    raise TypeError(f"Expected plain options; received {value!r}.")


def _names_others(options: Any) -> bool:
    """Whether a text among the options is the name of a registered rule that is not this package's."""
    known = saved_classes().items()
    others = {repr(name) for name, kind in known if kind.__module__.partition(".")[0] != PACKAGE}
    return bool(others) and any(text in others for text in _texts(options))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from _texts(part)
