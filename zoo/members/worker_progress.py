"""Progress of worker processes: each writes how far it is into a file of a folder, which the parent reads.

Files, because they are what every backend of joblib shares: processes here, and machines with a common disk.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zoo.utils import progress
from zoo.utils.progress import Counter
from zoo.utils.ticker import ticking

SECONDS = 1.0  # between two writings, and two readings


class Sender:
    """Writes the phases of this process.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.phases: list[Counter] = []
        self.finished: list[str] = []

    def begin(self, counter: Counter) -> None:
        """Write of this phase from now on."""
        self.phases.append(counter)

    def end(self, counter: Counter) -> None:
        """And no longer."""
        if counter in self.phases:
            self.phases.remove(counter)

    def finish(self, owner: str) -> None:
        """Write of a network that is done."""
        self.finished.append(owner)

    def write(self) -> None:
        """Write all, or nothing where the disk is full: it is no more than a bar."""
        running = [(one.owner, one.name, one.total, one.unit, one.done, one.note) for one in [*self.phases]]
        beside = self.path.with_suffix(".part")
        with suppress(OSError):
            beside.write_text(json.dumps({"running": running, "finished": self.finished}))
            beside.replace(self.path)


@contextmanager
def sending(folder: Path | None) -> Iterator[None]:
    """Write the progress of a block into a folder; None writes nothing."""
    if folder is None or not folder.is_dir():
        yield
        return
    sender = Sender(folder / f"{platform.node()}-{os.getpid()}.json")
    with progress.watched(sender), ticking(sender.write, SECONDS):
        yield


@contextmanager
def receiving(folder: Path) -> Iterator[Path | None]:
    """Give a folder for workers to write in, and show what they write to who watches; None where nobody does."""
    if not progress.is_watched():
        yield None
        return
    with TemporaryDirectory(dir=folder, prefix=".progress-") as scratch:
        receiver = _Receiver(Path(scratch))
        with ticking(receiver.read, SECONDS):
            yield Path(scratch)
        receiver.show({}, [])


class _Receiver:
    """Keeps a counter for each phase of a worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counters: dict[tuple[str, str, str], Counter] = {}
        self.finished: set[str] = set()

    def read(self) -> None:
        """Read all files, and show what is new."""
        running: dict[tuple[str, str, str], Any] = {}
        finished: list[str] = []
        for path in sorted(self.folder.glob("*.json")):
            with suppress(OSError, ValueError, KeyError):
                told = json.loads(path.read_text())
                running |= {(path.name, owner, name): rest for owner, name, *rest in told["running"]}
                finished += told["finished"]
        self.show(running, finished)

    def show(self, running: dict[tuple[str, str, str], Any], finished: list[str]) -> None:
        """Begin, move and end counters until they are those of the workers."""
        for key in [key for key in self.counters if key not in running]:
            progress.end(self.counters.pop(key))
        for key, (total, unit, done, note) in running.items():
            if key not in self.counters:
                self.counters[key] = progress.begin(Counter(key[2], total, unit, key[1]))
                self.counters[key].start_at(done)
            self.counters[key].reach(done)
            self.counters[key].note = note
        for owner in set(finished) - self.finished:
            self.finished.add(owner)
            progress.finish(owner)
