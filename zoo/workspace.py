"""Where a training keeps what it computes on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory


@dataclass(frozen=True)
class Workspace:
    """Folders of a training.

    Attributes:
        own: how far this training is, so that a killed one goes on; None keeps no progress.
        shared: features, stored views and balanced images, found by content and shared by all trainings.
    """

    own: Path | None
    shared: Path


@contextmanager
def workspace(place: Workspace | str | Path | None) -> Iterator[Workspace]:
    """Open a workspace: one that is given, both parts in one folder, or, for None, one that goes when it is done."""
    if isinstance(place, Workspace):
        yield place
    elif place is not None:
        root = Path(place).expanduser().resolve()
        yield Workspace(root / "progress", root)
    else:
        with TemporaryDirectory(prefix="zoo-") as folder:
            yield Workspace(None, Path(folder))
