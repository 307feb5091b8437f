"""Packages and all that they need, with the versions that are installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import distribution


def pinned(names: Iterable[str]) -> dict[str, str]:
    """Find the installed versions of packages, and of what these need on this machine, by name.

    Raises:
        importlib.metadata.PackageNotFoundError: one is not installed.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(canonicalize_name(name), frozenset()) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        name, extras = one
        installed = distribution(name)
        found[name] = installed.version
        for line in installed.requires or ():
            needed = Requirement(line)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*extras, "")):
                waiting.append((canonicalize_name(needed.name), frozenset(needed.extras)))
    return found
