"""A thousand mutations of every kind of file that is read.

Each trial copies a part of a small workspace, damages one file, and has the library read it. It loses if the library
ends without a clear error and without the right answer, runs code from the file, writes or reads outside of the folder,
hangs, takes memory without bound, or crashes. Trials run in a worker, which is started again after a crash.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

from drills.forgeries import FORGERIES, make_poisons, poison_graph
from drills.mutators import EVERY, ZIP, Mutator
from drills.outcome import Outcome
from drills.probes import KINDS, Kind, as_text
from drills.workspace import CLASSES, SIZE, make_workspace

SECONDS = 60  # that a trial may take
HANG = 900  # seconds without a line from a worker, which first makes the workspace
MEMORY = 1 << 30  # bytes that it may take
ADDRESSES = 16 << 30  # bytes of addresses of the worker, so that no other process is killed for it
CLEAR = (ValueError, OSError, RuntimeError, ImportError, TypeError)
BARE = (KeyError, AttributeError, IndexError, UnicodeDecodeError, RecursionError, MemoryError, AssertionError)


class TooLongError(Exception):
    """A trial did not end."""


@dataclass(frozen=True)
class Trial:
    """What came of one mutation."""

    number: int
    what: str
    became: str
    lost: str = ""


def drill(rounds: int, seed: int, *, short: bool = False) -> Outcome:
    """Run the drill.

    Args:
        rounds: mutations.
        seed: of what is drawn.
        short: leave out what has a network in it, and run in this process, which a crash would end.
    """
    outcome = Outcome("mutations")
    with tempfile.TemporaryDirectory(prefix="drill-mutations-") as folder:
        place = Path(folder)
        if short:
            prepare(place, networks=False)
            trials: Iterator[Trial] = (trial(place, number, seed) for number in range(rounds))
        else:
            trials = _by_workers(place, rounds, seed)
        for made in trials:
            if (made.number + 1) % 100 == 0:
                print(f"  {made.number + 1} mutations", flush=True)
            if made.lost:
                outcome.lose(made.became, f"#{made.number} {made.what}: {made.lost}")
            else:
                outcome.good(made.became)
    return outcome


def prepare(place: Path, *, networks: bool = True) -> None:
    """Make the workspace, what the forgeries point at, and the answers of undamaged files."""
    template = place / "template"
    template.mkdir()
    make_workspace(template, networks=networks)
    canary = place / "canary"
    make_poisons(place, canary)
    if networks:
        poison_graph(place / "poisoned_graph", canary, (SIZE, SIZE), len(CLASSES))
    answers = {}
    for kind in KINDS:
        for file in files_of(kind, template):
            with _copied(place, kind) as root:
                answers[f"{kind.name} {file}"] = as_text(kind.probe(root, root / file))
    (place / "answers.json").write_text(json.dumps(answers))


def files_of(kind: Kind, template: Path) -> list[Path]:
    """The files of a kind in the workspace, by their paths in its folder."""
    root = template / kind.root
    found = (path for path in sorted(root.glob(kind.pattern)) if path.is_file() and path.suffix != ".lock")
    return [path.relative_to(root) for path in found]


def drawn(place: Path, number: int, seed: int) -> tuple[Kind, Path, Mutator, str, Random]:
    """Draw what a trial damages, and how: kind, file, mutator, these in words, and the generator for the rest."""
    random = Random(f"{seed} {number}")
    kinds = [kind for kind in KINDS if files_of(kind, place / "template")]
    kind = kinds[number % len(kinds)]
    file = random.choice(files_of(kind, place / "template"))
    mutator = random.choice([one for one in (*EVERY, *FORGERIES, *FORGERIES) if one.takes(file)])
    what = f"{kind.name}, {file}, {mutator.name}"
    return kind, file, mutator, what, random


def trial(place: Path, number: int, seed: int) -> Trial:
    """Damage one file, and see what the library says."""
    kind, file, mutator, what, random = drawn(place, number, seed)
    before = _outside(place)
    with _copied(place, kind) as root:
        try:
            mutator.change(root / file, random, place / "canary")
        except Exception as error:  # a mutator that does not fit this file
            return Trial(number, what, "not possible", "" if mutator in FORGERIES else f"{error!r}")
        started = time.perf_counter()
        answer, error, memory = _probed(kind, root, file)
        answers = json.loads((place / "answers.json").read_text())
        right = answer is not None and answer == answers[f"{kind.name} {file}"]
    became, lost = _verdict(kind, mutator, answer, error, right)
    if time.perf_counter() - started > SECONDS:
        lost = lost or "it took too long"
    if memory > MEMORY:
        lost = lost or f"it took {memory >> 20} MB"
    lost = _harm(place, before) or lost
    return Trial(number, what, became, lost)


def _verdict(
    kind: Kind, mutator: Mutator, answer: str | None, error: BaseException | None, right: bool
) -> tuple[str, str]:
    if isinstance(error, TooLongError):
        return "hung", "it did not end"
    if error is not None:
        told = "Expected" in str(error) or getattr(error, "filename", None)  # ours, or the system's of a file
        clear = isinstance(error, CLEAR) and not isinstance(error, BARE) and told
        return ("refused", "") if clear else ("error of another kind", f"{type(error).__name__}: {str(error)[:300]}")
    if right:
        return "right answer", ""
    if kind.may_be_none and answer == "null":
        return "made again", ""
    if not kind.sealed or mutator in (*FORGERIES, *ZIP):  # whose checksums were made anew
        return "other input", ""
    return "altered answer", f"another answer in silence: {str(answer)[:120]}"


def _probed(kind: Kind, root: Path, file: Path) -> tuple[str | None, BaseException | None, int]:
    """Have a file read: the answer or the error, and the bytes of memory that it took."""
    _reset_peak()
    start = _peak()
    with _alarm():
        try:
            answer, error = as_text(kind.probe(root, root / file)), None
        except Exception as raised:
            answer, error = None, raised
    return answer, error, _peak() - start


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise TooLongError

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def _reset_peak() -> None:
    with suppress(OSError):  # not Linux, or not allowed: the highest peak of the process is compared
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


@contextmanager
def _copied(place: Path, kind: Kind) -> Iterator[Path]:
    root = place / "trial" / kind.root
    shutil.rmtree(root.parent, ignore_errors=True)
    root.parent.mkdir()
    shutil.copytree(place / "template" / kind.root, root)
    (root / ".scratch").mkdir()  # marks the folder for mutators
    working = Path.cwd()
    os.chdir(root.parent)
    try:
        yield root
    finally:
        os.chdir(working)


def _outside(place: Path) -> dict[str, tuple[int, int]]:
    """What lies beside the folder of a trial: lengths and times of change."""
    found = (path for path in place.rglob("*") if "trial" not in path.relative_to(place).parts and path.is_file())
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found if path.stem != "aside"}


def _harm(place: Path, before: dict[str, tuple[int, int]]) -> str:
    """Say what a trial did outside of its folder."""
    canary = place / "canary"
    if canary.exists():
        canary.unlink()
        return "code of the file ran"
    after = _outside(place)
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return f"outside of the folder: {', '.join(changed)}" if changed else ""


def _by_workers(place: Path, rounds: int, seed: int) -> Iterator[Trial]:
    """Run trials in a process that is started again where one of them ends it."""
    prepared, next_number, begun = False, 0, ""
    while next_number < rounds:
        command = [sys.executable, "-m", "drills.mutations", str(place), str(rounds), str(seed), str(next_number)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
        for line in _lines(process):
            if line.startswith("{"):
                made = Trial(**json.loads(line))
                next_number = made.number + 1
                yield made
            prepared = prepared or line.startswith("prepared")
            begun = line.removeprefix("begun ").strip() if line.startswith("begun ") else begun
        if process.wait() != 0:
            if not prepared:
                raise RuntimeError(f"The worker could not make the workspace; run {' '.join(command)}.")
            yield Trial(next_number, begun, "crash", f"the process ended: {process.returncode}")
            next_number += 1


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """The lines that a worker prints. One that prints none is killed: no alarm interrupts a runtime's own code."""
    assert process.stdout is not None
    hung = Timer(HANG, process.kill)
    hung.start()
    for line in process.stdout:
        hung.cancel()
        yield line
        hung = Timer(HANG, process.kill)
        hung.start()
    hung.cancel()


def main() -> None:
    """Run the trials of a worker, and print a line of JSON for each."""
    place, rounds, seed, first = Path(sys.argv[1]), *map(int, sys.argv[2:])
    if not (place / "answers.json").exists():
        prepare(place)
    logging.disable()  # what is made again is said a hundred times
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    sys.path.insert(0, str(place))  # where the poisoned module is
    print("prepared", flush=True)
    for number in range(first, rounds):
        print(f"begun {drawn(place, number, seed)[3]}", flush=True)
        print(json.dumps(asdict(trial(place, number, seed))), flush=True)


if __name__ == "__main__":
    main()
