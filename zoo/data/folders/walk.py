"""Every entry of a folder, however deep: plain ones first, and then what links lead to, the shortest path first.

Links to folders are followed once from each folder at the top, be it a class or a split, and never to the folder itself
or above it: so a link back ends, and does not go on for ever.
"""

from __future__ import annotations

import heapq
import os
from collections import defaultdict
from itertools import chain, islice
from os.path import realpath
from pathlib import Path

from zoo.data.folders.made import is_made
from zoo.data.inventory import Reason
from zoo.utils.files import LITTER
from zoo.utils.text import by_numbers, natural, nfc

LOOKED_AT = 200  # entries of a folder, by which one of this library is told
LITTER_FOLDERS = frozenset({"__macosx", "__pycache__", "@eadir", "$recycle.bin", "system volume information"})


class Walk:
    """What a folder holds, by paths in it with ``/`` between their parts, in no order.

    Args:
        root: the folder.

    Attributes:
        files: the files that can be looked at.
        targets: of those that links lead to, their real paths.
        folders: the names of the folders in each folder; the root is ``""``.
        left_out: everything else, by reason.

    Raises:
        OSError: the folder itself cannot be opened.
    """

    def __init__(self, root: Path) -> None:
        self.files: list[str] = []
        self.targets: dict[str, str] = {}
        self.folders: dict[str, list[str]] = defaultdict(list)
        self.left_out: dict[Reason, list[str]] = defaultdict(list)
        self._links: list[tuple[int, object, str, str]] = []
        self._reached: set[tuple[str, str]] = set()  # folders that links led to, by the folder at the top
        self._linking = False
        self._real = realpath(root)
        self._enter("", self._real)
        self._linking = True
        while self._links:
            self._follow(*heapq.heappop(self._links)[2:])

    def _enter(self, folder: str, real: str) -> None:
        """Take what is in a folder; by a list, as folders may be deeper than Python's stack."""
        waiting = [(folder, real)]
        while waiting:
            folder, real = waiting.pop()
            try:
                with os.scandir(real) as entries:
                    first = list(islice(entries, LOOKED_AT))
                    if folder and is_made({entry.name for entry in first}):
                        self._leave_made(folder, real)
                        continue
                    waiting += [inner for entry in chain(first, entries) for inner in self._take(folder, entry)]
            except OSError:
                if not folder:
                    raise
                self.left_out[Reason.CLOSED].append(folder)

    def _leave_made(self, folder: str, real: str) -> None:
        """Count the files of a folder that this library wrote, which is none of the folders of data."""
        parent, _, name = folder.rpartition("/")
        self.folders[parent].remove(name)
        self.left_out[Reason.MADE] += _everything(folder, real)

    def _take(self, folder: str, entry: os.DirEntry[str]) -> list[tuple[str, str]]:
        """Take an entry; returns it with its real path if it is a folder to enter."""
        path, is_link = join(folder, entry.name), entry.is_symlink()
        is_folder = not is_link and entry.is_dir()
        if _is_hidden(entry.name, link=is_link, folder=is_folder):
            self.left_out[Reason.HIDDEN] += _everything(path, entry.path) if is_folder else [path]
        elif is_link:
            heapq.heappush(self._links, (path.count("/"), natural_path(path), path, entry.path))
        elif is_folder:
            return self._add_folder(path, entry.path)
        elif entry.is_file():
            self._add_file(path, entry.path)
        else:
            self.left_out[Reason.SPECIAL].append(path)
        return []

    def _follow(self, path: str, link: str) -> None:
        real = realpath(link)
        target = Path(real)
        if target.is_dir():
            for inner in self._add_folder(path, real):
                self._enter(*inner)
        elif target.is_file():
            self._add_file(path, real)
        else:
            self.left_out[Reason.SPECIAL if target.exists() else Reason.BROKEN_LINK].append(path)

    def _add_folder(self, path: str, real: str) -> list[tuple[str, str]]:
        if self._linking and not self._is_new(path, real):
            self.left_out[Reason.REPEATED].append(path)
            return []
        parent, _, name = path.rpartition("/")
        self.folders[parent].append(name)
        return [(path, real)]

    def _add_file(self, path: str, real: str) -> None:
        self.files.append(path)
        if self._linking:
            self.targets[path] = real

    def _is_new(self, path: str, real: str) -> bool:
        """Say whether a folder that a link leads to is to be entered; it will have been."""
        root, target, top = f"{self._real.rstrip('/')}/", f"{real.rstrip('/')}/", path.partition("/")[0]
        inside = target.removeprefix(root).split("/")[:-1] if target.startswith(root) else []
        is_plain = inside[:1] == [top] and not any(_is_hidden(part, link=True) for part in inside)
        if root.startswith(target) or is_plain or (top, real) in self._reached:
            return False
        self._reached.add((top, real))
        return True


def natural_path(path: str) -> tuple[object, ...]:
    """A sort key for paths and names: natural order, in which both Unicode forms of a name stand together."""
    return natural(nfc(path)), path


def sort_paths(paths: list[str]) -> None:
    """Sort by :func:`natural_path`, key by key from the last to the first, so that keys of a million take less room."""
    paths.sort()
    paths.sort(key=nfc)
    paths.sort(key=lambda path: by_numbers(nfc(path)))


def join(folder: str, name: str) -> str:
    """Put a path under a folder; the root is ``""``."""
    return f"{folder}/{name}" if folder else name


def _is_hidden(name: str, *, link: bool, folder: bool = False) -> bool:
    """What desktops, editors and notebooks leave behind; of a link, it is not known what it leads to."""
    lower = name.lower()
    is_litter = ((link or folder) and lower in LITTER_FOLDERS) or (not folder and lower in LITTER)
    return is_litter or name.startswith(".")


def _everything(folder: str, real: str) -> list[str]:
    """The files of a folder that is not read, and the links in it, which are not followed."""
    found = []
    for above, folders, files in os.walk(real):
        inner = f"{folder}{above.removeprefix(real)}"
        links = [name for name in folders if Path(above, name).is_symlink()]
        found += [join(inner, name) for name in [*files, *links]]
    return found
