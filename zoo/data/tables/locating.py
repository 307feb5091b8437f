"""Files by the names that a table has for them: paths, names in deeper folders, ids without suffix."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path, PurePath, PurePosixPath

from zoo.data.pictures.formats import image_suffixes, suffix_of
from zoo.data.tables.path_ends import PathEnds
from zoo.utils.files import in_either_form
from zoo.utils.text import listed

logger = logging.getLogger(__name__)

HIDDEN = "."
SHOWN = 3


class Locator:
    """Find files in a folder.

    A name is a path in the folder, or absolute. Where there is no such file, it may lack its suffix, and its folder may
    be a deeper one: it has to be the end of one file's path. The suffix may be in another case, and folders may be in
    front of a file's path, the same for all names.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, name: str) -> Path | None:
        """The file of a name; None where there is none.

        Raises:
            ValueError: several that could be meant.
        """
        for written in dict.fromkeys((name, name.replace("\\", "/"))):
            direct = self.root / in_either_form(self.root, written)
            if name and direct.is_file():
                return direct
        parts = PurePosixPath(name.replace("\\", "/")).parts
        found = self._alike.get(_key(PurePosixPath(*parts)), [])  # before what has the name in a deeper folder
        if parts and not found:
            found = [path for path in self._ending.get(parts[-1], ()) if _ends(path, parts)]
        if parts and not found:
            found = [self.images[row] for row in self.ends.find(name)]
        if len(found) > 1:
            raise ValueError(
                f"Expected one file for {name!r} in {self.root}; found {listed(map(str, found), SHOWN)}. "
                "Write its folder and its suffix into the table."
            )
        return self.root / found[0] if found else None

    @cached_property
    def ends(self) -> PathEnds:
        """The images by ends of their paths."""
        return PathEnds([path.as_posix() for path in self.images])

    @cached_property
    def _ending(self) -> dict[str, list[Path]]:
        """The images of the folder, at any depth, by their names with and without suffix."""
        ending: dict[str, list[Path]] = defaultdict(list)
        for path in self.images:
            for name in dict.fromkeys((path.name, path.stem)):
                ending[name].append(path)
        return ending

    @cached_property
    def _alike(self) -> dict[str, list[Path]]:
        """The images of the folder by their whole paths, the suffix in small letters."""
        alike: dict[str, list[Path]] = defaultdict(list)
        for path in self.images:
            alike[_key(path)].append(path)
        return alike

    @cached_property
    def images(self) -> list[Path]:
        """The images of the folder, at any depth, by their paths in it."""
        suffixes = image_suffixes()
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if suffix_of(path.name) in suffixes)
        return sorted(path for path in found if not any(part.startswith(HIDDEN) for part in path.parts))

    def find_all(self, names: Iterable[str]) -> list[Path | None]:
        """The file of each name, and None where there is none; those in deeper folders than named are logged."""
        wanted = list(names)
        found = [self.find(name) for name in wanted]
        if None in found:
            absent = (name for name, path in zip(wanted, found, strict=True) if path is None and name)
            behind = self.ends.find_behind_folders(absent, str(self.root))
            paths = {name: self.root / self.images[row] for name, row in behind.items()}
            found = [path or paths.get(name) for name, path in zip(wanted, found, strict=True)]
        deeper = [
            path
            for name, path in zip(wanted, found, strict=True)
            if path is not None and path.parent != (self.root / name.replace("\\", "/")).parent
        ]
        if deeper:
            folders = dict.fromkeys(str(path.parent.relative_to(self.root)) for path in deeper)
            logger.info(
                "%d of %d files are found by their names in %s", len(deeper), len(wanted), listed(folders, SHOWN)
            )
        return found

    def nearby(self, names: Sequence[str], paths: Sequence[Path | None]) -> str:
        """Say where the first of the files is looked for that is not there, and which one there is called nearly so."""
        absent = next((name for name, path in zip(names, paths, strict=True) if path is None), None)
        return "" if absent is None else f" Looked for {self.root / absent}.{self.ends.nearest(absent)}"

    def say_unnamed(self, paths: Iterable[Path], where: str, *, everywhere: bool) -> None:
        """Log the images that a table does not name.

        Args:
            paths: that it names.
            where: what the table is.
            everywhere: look at the folder at any depth, and not only into the folders of the named files.
        """
        real = cache(Path.resolve)  # of the folders, which are few
        named = {(real(path.parent), path.name) for path in paths}
        folders = dict(named)
        every = [self.root / path for path in self.images] if everywhere else _images_beside(folders)
        unnamed = [path for path in every if (real(path.parent), path.name) not in named]
        if unnamed:
            logger.warning(
                "%s does not name %d of %d images, such as %s; they are not read",
                where,
                len(unnamed),
                len(every),
                unnamed[0],
            )


def _key(path: PurePath) -> str:
    return path.with_suffix(path.suffix.casefold()).as_posix() if path.name else ""


def _ends(path: Path, parts: Sequence[str]) -> bool:
    """Say whether a path ends in the parts of a name, whose last one may lack the suffix."""
    own = path.parts[-len(parts) :]
    return own[:-1] == tuple(parts[:-1]) and parts[-1] in (path.name, path.stem)


def _images_beside(folders: Iterable[Path]) -> list[Path]:
    suffixes = image_suffixes()
    every = (path for folder in folders for path in folder.iterdir())
    return sorted(path for path in every if suffix_of(path.name) in suffixes and not path.name.startswith(HIDDEN))
