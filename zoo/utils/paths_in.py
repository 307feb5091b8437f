"""Paths of a folder's files, made when they are asked for: a ``Path`` takes several times the memory of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload


@dataclass(frozen=True)
class PathsIn(Sequence[Path]):
    """The paths of files in a folder.

    Attributes:
        root: the folder.
        names: the files' paths in it.
    """

    root: Path
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: int) -> Path: ...

    @overload
    def __getitem__(self, index: slice) -> PathsIn: ...

    def __getitem__(self, index: int | slice) -> Path | PathsIn:
        if isinstance(index, slice):
            return PathsIn(self.root, self.names[index])
        return self.root / self.names[index]
