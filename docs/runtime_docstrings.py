"""An extension of Griffe, which reads the source files for the reference: what only an import shows, and links.

- Options of ``Recipe``, ``Ensemble`` and others are fields that carry their help; ``documented`` writes it into the
  docstring when Python makes the class. The sources have ``{options}`` there, and ``option(3, help=...)`` as defaults.
- Docstrings name other objects as Sphinx does, ``:func:`zoo.build```: they become links where the object is on a page.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import griffe

from zoo.utils.logging import quietly

ROLE = re.compile(r":(?:func|meth|class|data|attr|mod|exc|obj):`~?([^`]+)`")
DECLARED = "option("


class RuntimeDocstrings(griffe.Extension):
    """Completes a package after it was read; Griffe's own extension for dataclasses has to come before."""

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        for own in _objects(pkg):
            if own.is_class:
                _complete(own)
            if own.docstring is not None:
                own.docstring.value = ROLE.sub(_link_from(own), own.docstring.value)


def _objects(parent: Any) -> Iterator[Any]:
    yield parent
    for member in parent.members.values():
        if not member.is_alias:
            yield from _objects(member)


def _complete(own: Any) -> None:
    """Take the docstring and the signature of a class with options from the class itself."""
    made = own.members.get("__init__")
    declares = made is not None and any(str(one.default).startswith(DECLARED) for one in made.parameters)
    if declares or "{options}" in (own.docstring.value if own.docstring else ""):
        with quietly():  # TensorFlow's own messages would stand among the site's warnings
            kind = getattr(import_module(own.module.path), own.name)
        own.docstring.value = inspect.cleandoc(kind.__doc__)
        made.parameters = griffe.Parameters(*_parameters(kind, made.parameters))


def _parameters(kind: type, read: Any) -> Iterator[griffe.Parameter]:
    """Parameters in Python's order and with its defaults, their annotations as the sources have them."""
    yield read["self"]
    for name, true in inspect.signature(kind).parameters.items():
        default = None if true.default is true.empty else repr(true.default)
        how = griffe.ParameterKind[true.kind.name.lower()]
        yield griffe.Parameter(name, annotation=read[name].annotation, kind=how, default=default)


def _link_from(own: Any) -> Any:
    """Make links of roles in the docstring of an object: names without a path are members of its class."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        parent = own if own.is_class else own.parent
        path = name if "." in name or parent is None else f"{parent.path}.{name}"
        return f'<autoref identifier="{path}" optional><code>{name}</code></autoref>'

    return link
