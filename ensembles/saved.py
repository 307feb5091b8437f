"""Fitted rules as JSON, or as JSON with arrays beside it. Nothing in it can run code."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ensembles.rule import Array, NotFittedError, Rule, check_fitted, check_rule

RULE_FILE = "rule.json"

Put = Callable[[str, Array], Any]
Take = Callable[[Any], Array]
Known = Mapping[str, type[Any]]


def as_dict(rule: Rule) -> dict[str, Any]:
    """Describe a fitted rule in what JSON knows.

    Raises:
        NotFittedError: before `fit`.
        TypeError: it is none, or learned what cannot be written, such as a forest.
    """
    _check(rule)
    return _written(rule, "", lambda _, array: array.tolist())


def as_rule(saved: Mapping[str, Any], known: Known) -> Rule:
    """Make the rule that `as_dict` described.

    Raises:
        ValueError: an unknown name, a key missing, or values of the wrong shape.
    """
    return _proved(_read(saved, known, np.asarray))


def write(rule: Rule, folder: Path) -> None:
    """Write `rule.json`, and an `.npy` beside it for each array.

    An earlier rule there stays whole until the new one is: arrays are named after what they hold, and `rule.json`,
    which names them, is renamed into place.
    """
    _check(rule)
    folder.mkdir(parents=True, exist_ok=True)
    earlier = _arrays(folder)

    def put(name: str, array: Array) -> str:
        file = f"{name}.{hashlib.sha256(array.tobytes()).hexdigest()[:8]}.npy"
        np.save(folder / file, array, allow_pickle=False)
        return file

    beside = folder / f".{RULE_FILE}"
    beside.write_text(json.dumps(_written(rule, "", put), indent=1, allow_nan=False), encoding="utf-8")
    beside.replace(folder / RULE_FILE)
    for stale in earlier - _arrays(folder):
        stale.unlink(missing_ok=True)


def read(folder: Path, known: Known) -> Rule:
    """Read what `write` wrote; errors are those of `as_rule`, and FileNotFoundError."""
    saved = json.loads((folder / RULE_FILE).read_text(encoding="utf-8"))

    def take(name: str) -> Array:
        try:
            array: Array = np.load(folder / name, allow_pickle=False)
        except ValueError as error:
            raise ValueError(
                f"expected an array in {folder / name}; the file is damaged: save the rule again"
            ) from error
        return array

    return _proved(_read(saved, known, take))


def _arrays(folder: Path) -> set[Path]:
    """The files of arrays that a folder's rule names."""
    try:
        text = (folder / RULE_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return set()
    return {folder / name for name in re.findall(r'"array": "([^"/]+\.npy)"', text)}


def _check(rule: Rule) -> None:
    check_rule(rule)
    check_fitted(rule)


def _written(thing: Any, prefix: str, put: Put) -> dict[str, Any]:
    """Describe a rule, or a part of one: both are dataclasses."""

    def plain(value: Any, name: str) -> Any:
        if isinstance(value, np.ndarray):
            return {"array": put(name, value), "dtype": value.dtype.str}
        if is_dataclass(value):
            return _written(value, f"{name}.", put)
        if isinstance(value, Mapping):
            return {"dict": {key: plain(part, f"{name}.{key}") for key, part in value.items()}}
        if isinstance(value, list | tuple):
            return [plain(part, f"{name}.{place}") for place, part in enumerate(value)]
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, float) and not math.isfinite(value):
            return {"float": repr(value)}  # JSON has no infinity
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(
            f"expected what JSON and NumPy can hold as {name} of the rule, received {value!r}; such a rule answers in "
            "this process only"
        )

    given = {one.name: getattr(thing, one.name) for one in fields(thing) if one.init}
    options = {name: repr(value) if _is_estimator(value) else value for name, value in given.items()}
    return {
        "name": thing.name,
        "options": {name: plain(value, f"{prefix}{name}") for name, value in options.items()},
        "learned": {name: plain(getattr(thing, name), f"{prefix}{name}") for name in _learned(thing)},
    }


def _learned(thing: Any) -> list[str]:
    """What `fit` set: nothing in a rule that is another one's option."""
    return [one.name for one in fields(thing) if not one.init and hasattr(thing, one.name)]


def _is_estimator(value: Any) -> bool:
    """Of scikit-learn's: what it learned is written, and of itself the description."""
    return hasattr(value, "get_params")


def _read(saved: Mapping[str, Any], known: Known, take: Take) -> Any:
    def restored(value: Any) -> Any:
        if isinstance(value, list):
            return [restored(part) for part in value]
        if isinstance(value, Mapping) and "array" in value:
            return take(value["array"]).astype(value["dtype"], copy=False)
        if isinstance(value, Mapping) and "float" in value:
            return float(value["float"])
        if isinstance(value, Mapping) and "dict" in value:
            return {key: restored(part) for key, part in value["dict"].items()}
        return _read(value, known, take) if isinstance(value, Mapping) else value

    try:
        if saved["name"] not in known:
            raise ValueError(f"expected a rule among {', '.join(known)}, received {saved['name']!r}")
        thing = known[saved["name"]](**{name: restored(value) for name, value in saved["options"].items()})
        for name, value in saved["learned"].items():
            setattr(thing, name, tuple(value) if name == "shape_" else restored(value))
    except KeyError as missing:
        raise ValueError(f"expected what to_dict() returned, received a dict without {missing}") from None
    except TypeError as error:  # a constructor that has no such option
        raise ValueError(f"expected what to_dict() returned; {error}") from error
    return thing


def _proved(rule: Rule) -> Rule:
    """Let it combine one row: arrays of another shape than that of the fit fail here, not in front of a user."""
    try:
        members, classes = check_fitted(rule)
    except NotFittedError as error:
        raise ValueError(
            "expected what to_dict() returned of a fitted rule; it has nothing that was learned"
        ) from error
    try:
        answer = rule.combine(np.zeros((members, 1, classes), np.float32))
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"expected arrays that fit {members} members and {classes} classes: {error}") from error
    if not np.isfinite(answer).all():
        raise ValueError("expected a rule that answers with finite logits; what it learned is not finite")
    if answer.shape != (1, classes):
        raise ValueError(f"expected an answer of shape (1, {classes}), received {answer.shape}")
    return rule
