"""Fitted rules as JSON, or as JSON with arrays in files beside it. No file contains anything that can be executed."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ensembles.registry import saved_classes
from ensembles.rule import Array, NotFittedError, Rule, check_fitted, check_rule
from ensembles.seals import REMEDY, sealed, unsealed

RULE_FILE = "rule.json"
FORMAT = 1  # of this file; earlier ones had none, and no seal
NUMBERS = "biuf"  # NumPy's letters of the dtypes that rules learn

WriteArray = Callable[[str, Array], Any]
ReadArray = Callable[[Any], Array]


def to_dict(rule: Rule) -> dict[str, Any]:
    """Describe a fitted rule as a dict that JSON can hold.

    Raises:
        NotFittedError: The rule has not been fitted.
        TypeError: It is not a rule, or it learned what cannot be written, such as a forest.

    Examples:
        >>> from ensembles import Soft
        >>> rule = Soft().fit(np.zeros((2, 3, 2)), np.array([0, 1, 0]))
        >>> described = to_dict(rule)
        >>> described["name"], described["options"], described["learned"]["weights_"]
        ('soft', {'over': 'logits'}, {'array': [0.5, 0.5], 'dtype': '<f8'})
    """
    _check(rule)
    return _describe(rule, "", lambda _, array: array.tolist())


def from_dict(described: Mapping[str, Any]) -> Rule:
    """Make the fitted rule that `to_dict` described; it combines equally to the last bit.

    Raises:
        ValueError: A name is unknown, a key is missing, or arrays have other shapes.

    Examples:
        >>> from ensembles import Soft
        >>> logits = np.arange(12.0).reshape(2, 3, 2)
        >>> rule = Soft().fit(logits, np.array([0, 1, 0]))
        >>> bool((from_dict(to_dict(rule)).combine(logits) == rule.combine(logits)).all())
        True
    """
    return _checked(_restore(described, np.asarray))


def save(rule: Rule, folder: str | Path) -> None:
    """Write a fitted rule to a folder: `rule.json`, and an `.npy` file for each array.

    An earlier rule in the folder stays readable until the new one is complete: files of arrays are named by their
    content, and `rule.json`, which names them, is renamed into place last.

    Raises:
        NotFittedError: The rule has not been fitted.
        TypeError: It is not a rule, or it learned what cannot be written.
    """
    _check(rule)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    earlier = _array_files(folder)

    def write_array(name: str, array: Array) -> str:
        file = f"{name}.{_content(array)}.npy"
        np.save(folder / file, array, allow_pickle=False)
        return file

    temporary = folder / f".{RULE_FILE}"
    described = sealed(_describe(rule, "", write_array), FORMAT)
    temporary.write_text(json.dumps(described, indent=1, allow_nan=False), encoding="utf-8")
    temporary.replace(folder / RULE_FILE)
    for stale in earlier - _array_files(folder):
        stale.unlink(missing_ok=True)


def load(folder: str | Path) -> Rule:
    """Read the fitted rule that `save` wrote.

    Raises:
        FileNotFoundError: The folder has no rule, or lacks an array of it.
        ValueError: As in `from_dict`, or a file is damaged.
    """
    folder = Path(folder)
    try:
        record = json.loads((folder / RULE_FILE).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"Expected a rule in {folder / RULE_FILE}; {error}. {REMEDY}.") from error
    described = unsealed(record, FORMAT, f"a rule in {folder / RULE_FILE}", first=FORMAT, oldest=0)

    def read_array(name: str) -> Array:
        if not isinstance(name, str) or not re.fullmatch(r"[\w.]+\.npy", name):
            raise ValueError(f"Expected the name of a file of {folder}; received {name!r}. {REMEDY}.")
        try:
            array: Array = np.array(np.lib.format.open_memmap(folder / name, mode="r"))
        except OSError:
            raise
        except Exception as error:  # NumPy raises whatever a broken header leads it into
            raise ValueError(f"Expected an array in {folder / name}; the file is damaged. {REMEDY}.") from error
        if _content(array) != name.split(".")[-2]:
            raise ValueError(f"Expected {folder / name} as it was saved; it was changed. {REMEDY}.")
        return array

    return _checked(_restore(described, read_array))


def _content(array: Array) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()[:8]


def _array_files(folder: Path) -> set[Path]:
    """Return the files of arrays that the rule of a folder names; none without a rule."""
    try:
        text = (folder / RULE_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return set()
    return {folder / name for name in re.findall(r'"array": "([^"/]+\.npy)"', text)}


def _check(rule: Rule) -> None:
    check_rule(rule)
    check_fitted(rule)


def _describe(thing: Any, prefix: str, write_array: WriteArray) -> dict[str, Any]:
    """Describe a rule or a part of one; both are dataclasses."""

    def plain(value: Any, name: str) -> Any:
        if isinstance(value, np.ndarray):
            return {"array": write_array(name, value), "dtype": value.dtype.str}
        if is_dataclass(value):
            return _describe(value, f"{name}.", write_array)
        if isinstance(value, Mapping):
            return {"dict": {key: plain(part, f"{name}.{key}") for key, part in value.items()}}
        if isinstance(value, list | tuple):
            return [plain(part, f"{name}.{index}") for index, part in enumerate(value)]
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, float) and not math.isfinite(value):
            return {"float": repr(value)}  # JSON has no infinity
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(
            f"Expected {name} of the rule as numbers, arrays or text; received {value!r}. Such a rule cannot be saved: "
            "use it in this process, or save another."
        )

    given = {one.name: getattr(thing, one.name) for one in fields(thing) if one.init}
    options = {name: repr(value) if _is_estimator(value) else value for name, value in given.items()}
    return {
        "name": thing.name,
        "options": {name: plain(value, f"{prefix}{name}") for name, value in options.items()},
        "learned": {name: plain(getattr(thing, name), f"{prefix}{name}") for name in learned_fields(thing)},
    }


def learned_fields(thing: Any) -> list[str]:
    """Return the fields that `fit` has set: none for an unfitted rule that is an option of another rule."""
    return [one.name for one in fields(thing) if not one.init and hasattr(thing, one.name)]


def _is_estimator(value: Any) -> bool:
    """Recognise scikit-learn's estimators, which are saved as text; the maps that they learned are saved as arrays."""
    return hasattr(value, "get_params")


def _restore(described: Mapping[str, Any], read_array: ReadArray) -> Any:
    def restored(value: Any) -> Any:
        if isinstance(value, list):
            return [restored(part) for part in value]
        if isinstance(value, Mapping) and "array" in value:
            kind = np.dtype(value["dtype"])
            if kind.kind not in NUMBERS:
                raise ValueError(f"Expected what to_dict() returns; received an array of {kind}.")
            return read_array(value["array"]).astype(kind, copy=False)
        if isinstance(value, Mapping) and "float" in value:
            return float(value["float"])
        if isinstance(value, Mapping) and "dict" in value:
            return {key: restored(part) for key, part in value["dict"].items()}
        return _restore(value, read_array) if isinstance(value, Mapping) else value

    known = saved_classes()
    try:
        if described["name"] not in known:
            raise ValueError(f"Expected a rule among {', '.join(known)}; received {described['name']!r}.")
        thing = known[described["name"]](**{name: restored(value) for name, value in described["options"].items()})
        learnt = {one.name for one in fields(thing) if not one.init}
        for name, value in described["learned"].items():
            if name not in learnt:
                raise ValueError(f"Expected what to_dict() returns; {thing.name} does not learn {name!r}.")
            setattr(thing, name, tuple(value) if name == "shape_" else restored(value))
    except KeyError as missing:
        raise ValueError(f"Expected what to_dict() returns; received a dict without {missing}.") from None
    except (TypeError, AttributeError, OverflowError, RecursionError) as error:  # no such option, or other JSON
        raise ValueError(f"Expected what to_dict() returns; {error}.") from error
    return thing


def _checked(rule: Rule) -> Rule:
    """Combine one row, so that arrays that do not match the shape of the fit are refused here, not at the first use."""
    try:
        members, classes = check_fitted(rule)
    except NotFittedError as error:
        raise ValueError("Expected what to_dict() returns of a fitted rule; received nothing learned.") from error
    try:
        combined = rule.combine(np.zeros((members, 1, classes), np.float32))
    except (ValueError, TypeError, IndexError, AttributeError, KeyError) as error:
        raise ValueError(f"Expected arrays of {members} members and {classes} classes; {error}") from error
    if not np.isfinite(combined).all():
        raise ValueError("Expected a rule that gives finite logits; what it learned is not finite.")
    if combined.shape != (1, classes):
        raise ValueError(f"Expected combined logits of shape (1, {classes}); received {combined.shape}.")
    return rule
