"""The content of a user's code as JSON values, equal only for equal code: instructions, and all that they refer to.

Code of installed packages, of Python and of this library counts by its name: their versions are recorded elsewhere.
"""

from __future__ import annotations

import dis
import functools
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from zoo.utils.hashing import hash_file, short_hash

OURS = ("zoo", "ensembles")


class UnknownContentError(TypeError):
    """Something that has no content which could be compared."""


@dataclass(frozen=True)
class CodeReader:
    """Describes values, functions and classes.

    Attributes:
        strict: a thing of which nothing is known is an error; else it counts by its type.
    """

    strict: bool = True

    def content(self, value: Any, within: tuple[Any, ...] = ()) -> Any:
        """Describe anything.

        Args:
            value: what is described.
            within: the values around it, so that one that holds itself ends.

        Raises:
            UnknownContentError: a thing of another kind.
        """
        if value is None or isinstance(value, bool | int | float | str):
            return value if not isinstance(value, float) else repr(value)
        if isinstance(value, bytes | complex | PurePath | np.generic | np.dtype | range):
            return [type(value).__name__, repr(value)]
        if isinstance(value, np.ndarray) and value.dtype != object:
            return [value.dtype.str, list(value.shape), short_hash(value.tobytes().hex())]
        if isinstance(value, types.ModuleType):
            return _module(value)
        if any(value is other for other in within):
            return "itself"
        return self._composed(value, (*within, value))

    def code_of_class(self, kind: type) -> list[Any]:
        """Describe a class and those of the user that it is made from; raises as :meth:`content`."""
        return [self._members(one, ()) for one in kind.__mro__ if is_users(one)]

    def referred(self, function: types.FunctionType, within: tuple[Any, ...] = ()) -> Any:
        """Describe what a function refers to: its closure, and the globals that it, or code in it, names."""
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        try:
            closed = {name: cell.cell_contents for name, cell in cells}
        except ValueError as error:  # a variable that has no value yet
            raise UnknownContentError(f"{function.__name__}: {error}") from error
        named = {name for name in _names(function.__code__) if name in function.__globals__}
        return self.content({name: function.__globals__[name] for name in named} | closed, within)

    def _composed(self, value: Any, within: tuple[Any, ...]) -> Any:
        for kinds, parts in READERS:
            if isinstance(value, kinds):
                read = [self.content(part, within) for part in parts(value)]
                unordered = isinstance(value, dict | set | frozenset)
                return [type(value).__name__, *(sorted(read, key=repr) if unordered else read)]
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
            return self._defined(value, within)
        if self.strict:
            raise UnknownContentError(f"a {type(value).__name__}")
        return [type(value).__module__, type(value).__qualname__]

    def _defined(self, value: Any, within: tuple[Any, ...]) -> Any:
        """The user's own functions and classes by their code, all others by name."""
        if isinstance(value, types.BuiltinFunctionType) or not is_users(value):
            return [value.__module__, value.__qualname__]
        if isinstance(value, types.FunctionType):
            defaults = self.content([value.__defaults__, value.__kwdefaults__], within)
            return [_bytecode(value.__code__), self.referred(value, within), defaults]
        return [value.__qualname__, self._members(value, within)]

    def _members(self, kind: type, within: tuple[Any, ...]) -> dict[str, Any]:
        """The attributes and methods of a class, but for where it was written and its documentation."""
        own = {name: value for name, value in vars(kind).items() if callable(value) or not name.startswith("__")}
        return {name: self.content(own[name], within) for name in sorted(own)}


READERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (dict, lambda value: value.items()),
    ((list, tuple, set, frozenset), lambda value: value),
    ((staticmethod, classmethod), lambda value: (value.__func__,)),
    (property, lambda value: (value.fget, value.fset)),
    (functools.partial, lambda value: (value.func, value.args, value.keywords)),
    (types.MethodType, lambda value: (value.__self__, value.__func__)),
)


def is_users(value: Any) -> bool:
    """Whether a module, a class or a function is the user's own: neither this library's nor that of a package."""
    name = value.__name__ if isinstance(value, types.ModuleType) else value.__module__
    if str(name).partition(".")[0] in (*OURS, "builtins"):
        return False
    try:
        path = inspect.getfile(value)
    except (TypeError, OSError):
        return name in ("__main__", "__mp_main__")
    return "site-packages" not in path and "dist-packages" not in path and not path.startswith(_STANDARD)


_STANDARD = inspect.getfile(inspect).removesuffix("inspect.py")


def _module(module: types.ModuleType) -> list[str]:
    """A module of the user's by its file, as it may be edited; any other by its name."""
    file = getattr(module, "__file__", None)
    return ["module", module.__name__, *([hash_file(Path(file))] if file and is_users(module) else [])]


def _names(code: types.CodeType) -> Iterator[str]:
    """The globals that some code reads, and those of the comprehensions, lambdas and functions in it."""
    yield from (step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from _names(one)


def _bytecode(code: types.CodeType) -> list[Any]:
    constants = [_bytecode(one) if isinstance(one, types.CodeType) else _constant(one) for one in code.co_consts]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames), list(code.co_freevars)]


def _constant(value: Any) -> str:
    """A constant as text; sets have another order in every process."""
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value)
