"""The content of a user's code as JSON values, equal only for equal code: instructions, and all that they refer to.

Code of installed packages, of Python and of this library counts by its name: their versions are recorded elsewhere.
"""

from __future__ import annotations

import argparse
import collections
import dis
import enum
import functools
import logging
import re
import types
from abc import ABC
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Generic, Protocol

import numpy as np

from zoo.utils.hashing import short_hash
from zoo.utils.user_code import file_of, is_users, module_files, resolved, users_file

REPRESENTED = (float, bytes, complex, PurePath, np.generic, np.dtype, range, slice)
WRAPPED = ("__wrapped__", "registry", "python_function", "pyfunc")
"""Where decorators of Python and of packages keep the functions that they were given."""

PLAIN_BASES = (object, ABC, Generic, Protocol)
"""Bases of classes whose instances hold nothing but what the user put there."""


class UnknownContentError(TypeError):
    """Something that has no content which could be compared."""


@dataclass
class CodeReader:
    """Describes values, functions and classes, each function and class once: afterwards by its number.

    Attributes:
        strict: a thing of which nothing is known is an error; else it counts by its type.
    """

    strict: bool = True
    _met: list[Any] = field(default_factory=list, init=False, repr=False)
    _numbers: dict[int, int] = field(default_factory=dict, init=False, repr=False)

    def content(self, value: Any, within: tuple[Any, ...] = ()) -> Any:
        """Describe anything.

        Args:
            value: what is described.
            within: the values around it, so that one that holds itself ends.

        Raises:
            UnknownContentError: a thing of another kind.
        """
        if value is None or (isinstance(value, bool | int | str) and not isinstance(value, enum.Enum)):
            return value
        if isinstance(value, REPRESENTED):
            return [type(value).__name__, repr(value)]
        if isinstance(value, np.ndarray) and value.dtype != object:
            return [value.dtype.str, list(value.shape), short_hash(value.tobytes().hex())]
        if isinstance(value, types.ModuleType):
            return ["module", value.__name__, module_files(value.__name__, file_of(value))]
        if any(value is other for other in within):
            return "itself"
        return self._composed(value, (*within, value))

    def code_of_class(self, kind: type) -> list[Any]:
        """Describe a class and those of the user that it is made from; raises as :meth:`content`."""
        return [self._members(one) for one in kind.__mro__ if is_users(one)]

    def referred(self, function: types.FunctionType) -> Any:
        """Describe what a function refers to: its closure, what it imports, and the globals that code in it names."""
        code, known = function.__code__, function.__globals__
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        try:
            closed = {name: cell.cell_contents for name, cell in cells}
        except ValueError as error:  # a variable that has no value yet
            raise UnknownContentError(f"{function.__name__}: {error}") from error
        named = {name: known[name] for one in _codes(code) for name in _names(one) if name in known}
        imported = {name for one in _codes(code) for name in _imports(one, known.get("__package__") or "")}
        files = {name: module_files(name, users_file(name)) for name in sorted(imported)}
        return [self.content(named | closed), {name: own for name, own in files.items() if own}]

    def _composed(self, value: Any, within: tuple[Any, ...]) -> Any:
        for kinds, parts in READERS:
            if isinstance(value, kinds):
                read = [self.content(part, within) for part in parts(value)]
                kind = type(value)
                return [self.content(kind) if is_users(kind) else kind.__name__, *read]
        if isinstance(value, types.FunctionType | types.BuiltinFunctionType | type):
            return self._once(value)
        if callable(value) and (wrapped := _wrapped(value)):
            return [type(value).__name__, self.content(wrapped, within)]
        if is_users(type(value)):
            return self._instance(value, within)
        return self._unknown(value)

    def _once(self, value: Any) -> Any:
        """The user's own functions and classes by their code, all others by name, with what these wrap."""
        if isinstance(value, types.BuiltinFunctionType) or not is_users(value):
            return [value.__module__, value.__qualname__, *map(self.content, _wrapped(value))]
        if id(value) in self._numbers:
            return ["met", self._numbers[id(value)]]
        self._numbers[id(value)] = len(self._met)
        self._met.append(value)  # which keeps its identity its own
        if isinstance(value, types.FunctionType):
            defaults = self.content([value.__defaults__, value.__kwdefaults__])
            return [_bytecode(value.__code__), self.referred(value), defaults]
        return [value.__qualname__, self.code_of_class(value)]

    def _instance(self, value: Any, within: tuple[Any, ...]) -> Any:
        """An object of a user's class by its code and its attributes, if no package's class adds some of its own."""
        kind = type(value)
        if not all(is_users(base) or base in PLAIN_BASES for base in kind.__mro__):
            return [*self._unknown(value), self.content(kind)]
        slots = {name: getattr(value, name) for name in _slots(kind) if hasattr(value, name)}
        return [self.content(kind), self.content(slots | getattr(value, "__dict__", {}), within)]

    def _unknown(self, value: Any) -> list[Any]:
        if self.strict and type(value).__module__ != "dataclasses":  # whose marks of what is missing hold nothing
            raise UnknownContentError(f"a {type(value).__name__}")
        return [type(value).__module__, type(value).__qualname__]

    def _members(self, kind: type) -> dict[str, Any]:
        """The attributes and methods of a class, but for where it was written and its documentation."""
        own = {name: value for name, value in vars(kind).items() if callable(value) or not name.startswith("__")}
        own.pop("_abc_impl", None)  # the cache of an abstract class
        if issubclass(kind, enum.Enum):
            own = {name: value for name, value in own.items() if isinstance(value, types.FunctionType | property)}
            own |= {member.name: member.value for member in kind}
        return {name: self.content(own[name]) for name in sorted(own)}


READERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (enum.Enum, lambda value: (value.name, value.value)),
    ((dict, types.MappingProxyType), lambda value: sorted(value.items(), key=lambda item: _place(item[0]))),
    ((set, frozenset), lambda value: sorted(value, key=_place)),
    ((list, tuple, collections.deque), lambda value: value),
    (np.ndarray, lambda value: (value.shape, value.tolist())),
    (re.Pattern, lambda value: (value.pattern, value.flags)),
    (logging.Logger, lambda value: (value.name,)),
    ((types.SimpleNamespace, argparse.Namespace), lambda value: (vars(value),)),
    ((staticmethod, classmethod), lambda value: (value.__func__,)),
    (property, lambda value: (value.fget, value.fset)),
    (functools.cached_property, lambda value: (value.func,)),
    ((functools.partial, functools.partialmethod), lambda value: (value.func, value.args, value.keywords)),
    (functools.singledispatchmethod, lambda value: (value.dispatcher,)),
    (types.MethodType, lambda value: (value.__self__, value.__func__)),
    ((types.MemberDescriptorType, types.GetSetDescriptorType), lambda value: (value.__name__,)),
)


def _place(value: Any) -> str:
    """What sorts the parts of a collection without order: alike in every process, as an address in memory is not."""
    return str(getattr(value, "__qualname__", None) or repr(value))


def _slots(kind: type) -> list[str]:
    found = [vars(one).get("__slots__", ()) for one in kind.__mro__]
    return [name for names in found for name in ([names] if isinstance(names, str) else names)]


def _wrapped(value: Any) -> list[Any]:
    return [getattr(value, name) for name in WRAPPED if hasattr(value, name)]


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Some code, and that of the comprehensions, lambdas and functions in it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from _codes(one)


def _names(code: types.CodeType) -> Iterator[str]:
    """The globals that some code reads."""
    yield from (step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"))


def _imports(code: types.CodeType, package: str) -> Iterator[str]:
    """The modules that some code imports when it runs."""
    steps = list(dis.get_instructions(code))
    for place, step in enumerate(steps):
        if step.opname == "IMPORT_NAME":  # after how many packages up it is looked for, and the names taken from it
            name = resolved(step.argval, steps[place - 2].argval, package)
            yield from (name, *(f"{name}.{one}" for one in steps[place - 1].argval or ()))


def _bytecode(code: types.CodeType) -> list[Any]:
    constants = [_bytecode(one) if isinstance(one, types.CodeType) else _constant(one) for one in code.co_consts]
    names = [list(each) for each in (code.co_names, code.co_varnames, code.co_freevars)]
    counts = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags]
    return [code.co_code.hex(), code.co_exceptiontable.hex(), constants, *names, *counts]


def _constant(value: Any) -> str:
    """A constant as text; sets have another order in every process."""
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value)
