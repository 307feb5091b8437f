"""A folder as a tree: its images, its folders, and every other file with the reason why it is not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from os.path import realpath
from pathlib import Path

from zoo.data.folders.walk import Walk, natural_path, sort_paths
from zoo.data.inventory import Inventory, Reason
from zoo.data.pictures.formats import HEIC, has_image_bytes, image_suffixes, suffix_of


@dataclass(frozen=True)
class Tree:
    """What a folder holds, by paths in it with ``/`` between their parts.

    Attributes:
        root: the folder.
        inventory: its images, in natural order, and the other files.
        folders: the names of the folders in each folder, in natural order; the root is ``""``.
        targets: the real paths of those files that links lead to.
    """

    root: Path
    inventory: Inventory
    folders: dict[str, list[str]]
    targets: dict[str, str]

    @property
    def images(self) -> tuple[str, ...]:
        """The images' paths, in natural order."""
        return self.inventory.read

    @cached_property
    def with_images(self) -> frozenset[str]:
        """The folders that have an image, however deep."""
        return frozenset(above for folder in self.with_own_images for above in _upwards(folder))

    @cached_property
    def with_own_images(self) -> frozenset[str]:
        """The folders that have an image themselves, and not only in a deeper one."""
        return frozenset(image.rpartition("/")[0] for image in self.images)

    def target(self, path: str) -> str:
        """The real path of a file, wherever links lead."""
        return self.targets.get(path, f"{self.real_root}/{path}")

    @cached_property
    def real_root(self) -> str:
        """The folder without links on the way to it."""
        return realpath(self.root)

    def once(self, ranks: Mapping[str, int]) -> Tree:
        """Leave out what links repeat: of one file, the path that is no link stays, or else the shortest.

        Args:
            ranks: the images that are to be read; of two as short, the one of lower rank stays.
        """
        if not self.targets:
            return self
        first = dict[str, str]()
        for path in sorted(ranks, key=lambda path: (path in self.targets, path.count("/"), ranks[path])):
            first.setdefault(self.target(path), path)
        kept = set(first.values())
        return replace(
            self, inventory=self.inventory.without({path: Reason.REPEATED for path in ranks if path not in kept})
        )


def survey(root: Path) -> Tree:
    """Look at every file of a folder once; none is decoded.

    Raises:
        OSError: the folder cannot be opened.
    """
    walk, suffixes = Walk(root), image_suffixes()
    images: list[str] = []
    for found in walk.left_out.values():
        sort_paths(found)
    sort_paths(walk.files)
    for path in walk.files:
        reason = _reason(root, path, suffixes)
        (walk.left_out[reason] if reason else images).append(path)
    left_out = {reason: tuple(found) for reason, found in walk.left_out.items() if found}
    folders = {folder: sorted(names, key=natural_path) for folder, names in walk.folders.items()}
    return Tree(root, Inventory(tuple(images), left_out), folders, walk.targets)


def _reason(root: Path, path: str, suffixes: frozenset[str]) -> Reason | None:
    """Why a file is not read; None for an image."""
    suffix = suffix_of(path)
    if suffix in suffixes:
        return None
    if suffix in HEIC:
        return Reason.HEIC
    if not has_image_bytes(f"{root}/{path}"):
        return Reason.NO_IMAGE
    return Reason.MISNAMED if suffix else None


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder
