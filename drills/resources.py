"""What a machine lacks: disk, the right to write, file handles, memory, a steady clock, fast locks, peace.

Each trial runs a command under a condition. It may end well, or with an error that says what is missing. It loses if it
ends with a bare error or by a signal that the condition does not send, or if the same command without the condition
does not end with what an undisturbed one has.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from drills.conditions import NOBODY
from drills.contents import differences
from drills.kills import undisturbed
from drills.outcome import Outcome
from drills.starter import Starter, starter

CLEAN = (0, 2, 3)  # well, a mistake in one line, members missing
FULL = ("200k", "400k", "700k", "1000k", "1500k")
HANDLES = (24, 40, 64, 100)
MEMORY = (50 << 20, 200 << 20, 600 << 20)  # bytes beside those that the process has


class Drill:
    """The parts of the drill, with what they share.

    Args:
        outcome: takes what becomes of the trials.
        folder: scratch.
        starts: starts commands.
        other: starts commands beside them.
        random: of what is drawn.
    """

    def __init__(self, outcome: Outcome, folder: Path, starts: Starter, other: Starter, random: Random) -> None:
        self.outcome, self.folder, self.starts, self.other, self.random = outcome, folder, starts, other, random
        self.whole = folder / "undisturbed" / "work"
        for command in ("fit", "finish"):
            undisturbed(starts, command, self.whole)

    def judge(self, name: str, status: int, printed: str, *, signals: bool = False) -> bool:
        """Say whether a command that lacked something ended in one of the ways in which it may."""
        starved = signals and (status < 0 or "cannot allocate memory" in printed)
        if status in CLEAN or starved:
            ended = {0: "ended well", 2: "clear error", 3: "members missing"}.get(status, "ended by the system")
            self.outcome.good(ended)
            return True
        self.outcome.lose("bad end", f"{name}: exit status {status}: {printed[-500:]}")
        return False

    def ends(self, name: str, work: Path, command: str = "fit", *, pruned: bool = False) -> None:
        """Run a command that was disturbed again, and compare; what was pruned lacks caches and locks."""
        status, printed = self.starts.run(command, work)  # what was kept for fewer members stays kept
        others = list(differences(self.whole, work, command)) if status == 0 else [printed[-500:]]
        others = [line for line in others if not (line.startswith("rules/") and line.endswith("behind"))]
        if pruned and status == 0:
            others = [line for line in others if re.match(r"(members/\S+|ensemble\.json) is (missing|another)", line)]
        if others:
            self.outcome.lose("ended otherwise", f"{name}: {'; '.join(others)}")
        else:
            self.outcome.good("then as undisturbed")

    def work(self, name: str) -> Path:
        """A fresh folder of work."""
        folder = self.folder / name / "work"
        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def disk_full(self) -> None:
        """Fit, then finish, on disks that are too small; and again when they have grown."""
        for size in FULL:
            work = self.work(f"full-{size}")
            with _mounted(self.outcome, work, size) as grow:
                if grow is None:
                    return
                self.judge(f"fit on a disk of {size}", *self.starts.run("fit", work))
                grow("100m")
                self.ends(f"fit on a disk of {size} that grew", work)

    def read_only(self) -> None:
        """Predict, evaluate and fit where the run's folder cannot be written."""
        base = self.work("readonly").parent
        disk = base / "run"
        disk.mkdir()
        with _mounted(self.outcome, disk, "100m") as change:
            if change is None:
                return
            shutil.copytree(self.whole / "run", disk, dirs_exist_ok=True)
            change("100m,ro")
            for command in ("predict", "evaluate"):
                status, printed = self.starts.run(command, base / "work")
                self.judge(f"{command} with a run that is read-only", status or 0, printed)
                if status:
                    self.outcome.lose("bad end", f"{command} needs no right to write: {printed[-300:]}")
            (base / "again").mkdir()
            (base / "again" / "run").symlink_to(disk)
            self.judge("fit into a run that is read-only", *self.starts.run("fit", base / "again"))
            if (base / "work" / "answers.csv").read_bytes() != (self.whole / "answers.csv").read_bytes():
                self.outcome.lose("ended otherwise", "predictions with a run that is read-only are others")

    def ordinary_user(self) -> None:
        """Predict with somebody else's run, and fit into it."""
        test = [sys.executable, "-c", "import numpy"]
        if os.getuid() != 0:
            self.outcome.skip("another user's run: only root can become another user")
            return
        try:
            subprocess.run(test, user=NOBODY, group=NOBODY, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            self.outcome.skip("another user's run: Python lies where an ordinary user cannot read it")
            return
        work = self.work("nobody")
        shutil.copytree(self.whole / "run", work.parent / "run")
        work.chmod(0o777)
        self.judge("predict with another user's run", *self.starts.run("predict", work, nobody=True))
        (work / "run").symlink_to(work.parent / "run")
        self.judge("fit into another user's run", *self.starts.run("fit", work, nobody=True))

    def handles(self) -> None:
        """Fit with few file handles."""
        for count in HANDLES:
            work = self.work(f"handles-{count}")
            self.judge(f"fit with {count} file handles", *self.starts.run("fit", work, handles=count))
            self.ends(f"fit after one with {count} file handles", work)

    def memory(self) -> None:
        """Fit with little memory: TensorFlow may end the process, and OpenBLAS asks again for ever."""
        for more in MEMORY:
            work = self.work("memory")
            name = f"{more >> 20} MB of memory"
            self.judge(f"fit with {name}", *self.starts.run("fit", work, memory=more), signals=True)
            self.ends(f"fit after one with {name}", work)

    def clock(self) -> None:
        """Fit while the clock jumps, and again over files of the future and of long ago."""
        work = self.work("clock")
        self.judge("fit while the clock jumps", *self.starts.run("fit", work, clock=self.random.randrange(1000)))
        for path in work.rglob("*"):
            moment = self.random.choice((0.0, 4e9))
            os.utime(path, (moment, moment))
        self.ends("fit over files of another time", work)

    def slow_locks(self) -> None:
        """Fit where every lock takes its time."""
        work = self.work("locks")
        self.judge("fit with slow locks", *self.starts.run("fit", work, slow_locks=0.2))
        self.ends("fit after slow locks", work)

    def side_by_side(self) -> None:
        """Two fits of the same members, and of others, in one run at once."""
        for command in ("fit", "fit_others"):
            work = self.work(f"beside-{command}")
            self.other.start(command, work)
            status, printed = self.starts.run("fit", work)
            self.judge(f"fit beside {command}", status, printed)
            beside = self.other.wait()
            self.judge(f"{command} beside fit", beside, self.other.log.read_text())
            if beside or status:
                self.outcome.lose("bad end", f"two fits at once: {status} and {beside}")
            if command == "fit":
                self.ends("two fits of the same members", work)

    def prune_beside_fit(self) -> None:
        """Remove all that can go, again and again, while a fit runs."""
        work = self.work("prune")
        shutil.copytree(self.whole / "run", work / "run", ignore=shutil.ignore_patterns("report*"))
        child = self.starts.start("fit_others", work)
        while Path(f"/proc/{child}").exists():
            status, printed = self.other.run("prune", work)
            self.judge("prune beside fit", status, printed)
        status = self.starts.wait()
        if status:
            self.outcome.lose("bad end", f"fit beside prune: exit status {status}")
        self.ends("fit after prune", work, pruned=True)


PARTS: tuple[Callable[[Drill], None], ...] = (
    Drill.disk_full,
    Drill.read_only,
    Drill.ordinary_user,
    Drill.handles,
    Drill.memory,
    Drill.clock,
    Drill.slow_locks,
    Drill.side_by_side,
    Drill.prune_beside_fit,
)


def drill(rounds: int, seed: int) -> Outcome:
    """Run the drill: the first so many parts of it."""
    outcome = Outcome("resources")
    with tempfile.TemporaryDirectory(prefix="drill-resources-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with starter(folder / "one") as starts, starter(folder / "two", starts.inputs) as other:
            made = Drill(outcome, folder, starts, other, Random(seed))
            for part in PARTS[:rounds]:
                print(f"  {part.__name__}: {' '.join((part.__doc__ or '').split())}", flush=True)
                part(made)
    return outcome


@contextmanager
def _mounted(outcome: Outcome, folder: Path, size: str) -> Iterator[Callable[[str], None] | None]:
    """Mount a small disk in memory; gives a function that mounts it anew with other options, or None if it cannot."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        outcome.skip("a small disk: it cannot be mounted here, which needs root")
        yield None
        return
    try:
        yield lambda other: _run("mount", "-o", f"remount,size={other}", str(folder))
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
