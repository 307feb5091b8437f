"""Files by what people write for them: ends of paths, other folders in front, suffixes in another case or left out."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import PurePosixPath, PureWindowsPath

from zoo.utils.text import nfc

logger = logging.getLogger(__name__)

COMPARED = 20_000  # names that are looked through for the nearest one


class PathEnds:
    """Paths that are asked for by names.

    Args:
        paths: of the files, as they are listed.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths

    def find(self, name: str) -> list[int]:
        """The rows of the paths that end in a name, whose last part may lack its suffix or have it in another case."""
        return self._ends.get(nfc(name)) or self._ends.get(_plain(name), [])

    def find_behind_folders(self, names: Iterable[str], where: str) -> dict[str, int]:
        """The rows of names that have folders in front of a whole path, or absolute ones in front of the end of one.

        All have to have the same folders in front: other folders would be other images.

        Args:
            names: that are no ends of paths.
            where: what has the names, for messages.
        """
        found = {name: match for name in dict.fromkeys(names) if (match := self._behind(name))}
        if len({front for front, _ in found.values()}) != 1 or len({row for _, row in found.values()}) < len(found):
            return {}
        first, (front, row) = next(iter(found.items()))
        text = "%s: %d files are found without the folders %s in front, such as %s as %s"
        logger.warning(text, where, len(found), front, first, self.paths[row])
        return {name: row for name, (_, row) in found.items()}

    def nearest(self, name: str) -> str:
        """Ask whether the path was meant that is called nearly so; nothing where none is."""
        files = {PurePosixPath(path).name: path for path in self.paths[:COMPARED]}
        near = get_close_matches(PurePosixPath(_plain(name)).name, files, 1)
        return f" Did you mean {files[near[0]]}?" if near else ""

    def _behind(self, name: str) -> tuple[str, int] | None:
        """The folders in front of a path, and its row."""
        parts = PurePosixPath(_plain(name)).parts
        known = self._ends if _is_absolute(name) else self._whole
        for start in range(1, len(parts)):
            rows = known.get("/".join(parts[start:]), [])
            if len(rows) == 1:
                return "/".join(parts[:start]).replace("//", "/"), rows[0]
        return None

    @cached_property
    def _ends(self) -> Mapping[str, list[int]]:
        """The rows of each path, of each end of it, and of these without suffix or with it in lower case."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, path in enumerate(self.paths):
            parts = PurePosixPath(path).parts
            ends = ["/".join(parts[start:]) for start in range(len(parts))]
            for form in dict.fromkeys(form for end in ends for form in _forms(end)):
                found[form].append(row)
        return found

    @cached_property
    def _whole(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for row, path in enumerate(self.paths):
            for form in dict.fromkeys(_forms(path)):
                found[form].append(row)
        return found


def _forms(path: str) -> list[str]:
    path = nfc(path)
    suffix = PurePosixPath(path).suffix
    return [path, path[: -len(suffix)], _plain(path)] if suffix else [path]


def _plain(name: str) -> str:
    """One Unicode form, slashes instead of backslashes, and the suffix in lower case."""
    name = nfc(name).replace("\\", "/")
    suffix = PurePosixPath(name).suffix
    return name[: -len(suffix)] + suffix.lower() if suffix else name


def _is_absolute(name: str) -> bool:
    return PurePosixPath(name).is_absolute() or bool(PureWindowsPath(name).drive)
