"""Which code is the user's own, and the files that a module of theirs is made from.

Packages, Python and this library are not: their versions are recorded elsewhere.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.utils.hashing import hash_file

OURS = ("zoo", "ensembles", "builtins")
_STANDARD = inspect.getfile(inspect).removesuffix("inspect.py")
_FROZEN = "<frozen "  # modules of Python that it holds itself


def is_users(value: Any) -> bool:
    """Whether a module, a class or a function is the user's own: neither this library's nor that of a package."""
    name = value.__name__ if isinstance(value, types.ModuleType) else value.__module__
    if str(name).partition(".")[0] in OURS:
        return False
    if name in ("__main__", "__mp_main__") and not isinstance(value, types.FunctionType):
        return True  # a decorator's function has the name of another module, and the file of its own
    try:
        return _is_users_path(inspect.getfile(value))
    except (TypeError, OSError):
        return False


def module_files(name: str, path: Path | None) -> dict[str, str]:
    """Hashes of the files of a module of the user's and of all of theirs that it imports, by the modules' names."""
    found: dict[str, str] = {}
    waiting = [(name, path)]
    while waiting:
        name, path = waiting.pop()
        if name not in found and path is not None and path.is_file():
            found[name] = hash_file(path)
            waiting += [(one, users_file(one)) for one in _imports(path, name)]
    return dict(sorted(found.items()))


def users_file(name: str) -> Path | None:
    """The file of a module by its name; None where it is no Python file of the user's, or is not there."""
    if name.partition(".")[0] in OURS:
        return None
    if name in sys.modules:
        return file_of(sys.modules[name])
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return None
    return _python(spec.origin) if spec else None


def resolved(name: str, level: int, package: str) -> str:
    """The whole name of what is imported relative to a package, ``level`` packages up; `name` itself where none are."""
    return importlib.util.resolve_name("." * level + name, package) if level else name


def file_of(module: types.ModuleType) -> Path | None:
    """The file of a module; None where it is no Python file of the user's."""
    return _python(getattr(module, "__file__", None))


def _python(path: str | None) -> Path | None:
    return Path(path) if path and path.endswith(".py") and _is_users_path(path) else None


def _is_users_path(path: str) -> bool:
    installed = "site-packages" in path or "dist-packages" in path
    return not installed and not path.startswith((_STANDARD, _FROZEN))


def _imports(path: Path, name: str) -> Iterator[str]:
    """The names of modules that a module may import, wherever it does; some of them are those of functions."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:  # it is being edited; its hash is another one
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            base = resolved(node.module or "", node.level, package)
            yield from (*_with_packages(base), *(f"{base}.{alias.name}" for alias in node.names))


def _with_packages(name: str) -> Iterator[str]:
    """A module's name after those of the packages around it, which are run before it."""
    parts = name.split(".")
    yield from (".".join(parts[:count]) for count in range(1, len(parts) + 1))
