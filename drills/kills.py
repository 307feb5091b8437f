"""A hundred SIGKILLs at random moments over fit, export, predict and report; the same commands then end as undisturbed.

Kills come in chains: a command is killed, started again, killed again, and at last let go, so that each kill costs
seconds and hits what an earlier one left. Half of the moments are uniform over the command's time, and half are within
milliseconds of a file that appeared, where something is being kept. After a chain weights, rules, held-out predictions,
tables and exports are compared to the last bit with those of an undisturbed run, and so are the names of all files.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO

from drills.contents import differences
from drills.outcome import Outcome

CHAIN = 10  # kills
CHAINS = (("fit", 1), ("finish", 1), ("fit", 2), ("fit", 1), ("finish", 1))  # command and jobs, in turn
MOMENTS = (0.0, 0.002, 0.01, 0.05)  # seconds after a file appeared
LONGEST = 900  # seconds that a command may take


@dataclass
class Starter:
    """A process that forks for commands.

    Attributes:
        pipe: to it.
        told: from it.
        inputs: folder of pictures and configurations.
        log: of what the commands print.
    """

    pipe: IO[str]
    told: IO[str]
    inputs: Path
    log: Path

    def start(self, command: str, work: Path, jobs: int) -> int:
        """Start a command; returns its process id."""
        work.mkdir(parents=True, exist_ok=True)
        (work.parent / "tmp").mkdir(exist_ok=True)
        print(command, self.inputs, work, jobs, self.log, sep="\t", file=self.pipe, flush=True)
        return int(self.told.readline().split()[1])

    def wait(self) -> int:
        """Wait for the command to end; returns its exit status, negative for a signal."""
        return int(self.told.readline().split()[1])


def drill(rounds: int, seed: int) -> Outcome:
    """Run the drill with so many kills."""
    outcome, random = Outcome("kills"), Random(seed)
    with tempfile.TemporaryDirectory(prefix="drill-kills-") as folder, _starter(Path(folder)) as starter:
        whole = Path(folder, "undisturbed", "work")
        seconds = {command: _undisturbed(starter, command, whole) for command in ("fit", "finish")}
        outcome.notes.append(", ".join(f"{name} takes {taken:.1f} s undisturbed" for name, taken in seconds.items()))
        chain = 0
        while outcome.tried < rounds:
            command, jobs = CHAINS[chain % len(CHAINS)]
            work = Path(folder, f"chain{chain}", "work")
            if command == "finish":
                shutil.copytree(whole / "run", work / "run", ignore=shutil.ignore_patterns("report*"))
            before, kills = outcome.tried, min(CHAIN, rounds - outcome.tried)
            _chain(outcome, starter, random, work, whole, command, jobs, kills, seconds[command])
            left = len(list((work.parent / "tmp").iterdir()))
            print(
                f"  chain {chain}: {command}, jobs={jobs}, {outcome.tried - before} kills, {left} left in TMPDIR",
                flush=True,
            )
            shutil.rmtree(work.parent)
            chain += 1
    return outcome


def _undisturbed(starter: Starter, command: str, work: Path) -> float:
    started = time.perf_counter()
    starter.start(command, work, 1)
    if starter.wait() != 0:
        raise RuntimeError(f"Expected {command} to end well undisturbed; its log:\n{starter.log.read_text()[-3000:]}")
    return time.perf_counter() - started


def _chain(
    outcome: Outcome,
    starter: Starter,
    random: Random,
    work: Path,
    whole: Path,
    command: str,
    jobs: int,
    kills: int,
    seconds: float,
) -> None:
    """Kill a command again and again, let it end, and compare."""
    what = f"{command}, jobs={jobs}"
    for _ in range(kills):
        child = starter.start(command, work, jobs)
        _kill_at_random(child, random, work, seconds)
        status = starter.wait()
        if status == 0:  # it had ended before
            break
        if status == -signal.SIGKILL:
            outcome.good(f"killed in {what}")
        else:
            outcome.lose("failed after a kill", f"{what}: exit status {status}: {starter.log.read_text()[-600:]}")
    child = starter.start(command, work, jobs)
    status = _wait_at_most(starter, child)
    if status != 0:
        outcome.lose("did not end", f"{what}: exit status {status}: {starter.log.read_text()[-1500:]}")
        return
    others = list(differences(whole, work, command))
    if others:
        outcome.lose("ended otherwise", f"{what}: {'; '.join(others)}")


def _wait_at_most(starter: Starter, child: int) -> int:
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(LONGEST)
    try:
        return starter.wait()
    finally:
        signal.alarm(0)


def _kill_at_random(child: int, random: Random, work: Path, seconds: float) -> None:
    """Wait for a moment and kill a process, alone or with its children."""
    moment = time.perf_counter() + random.uniform(0, seconds)
    if random.random() < 0.5:
        number = random.randrange(1, 12)  # of the files that appear
        _wait_for_files(child, work, number, time.perf_counter() + seconds)
        moment = time.perf_counter() + random.choice(MOMENTS)
    while time.perf_counter() < moment and _runs(child):
        time.sleep(0.001)
    with suppress(ProcessLookupError):  # it had ended before
        (os.killpg if random.random() < 0.7 else os.kill)(child, signal.SIGKILL)


def _wait_for_files(child: int, work: Path, number: int, until: float) -> None:
    """Wait until so many files have appeared or changed."""
    before, seen = _state(work), 0
    while seen < number and time.perf_counter() < until and _runs(child):
        now = _state(work)
        seen += len(now - before)
        before = now
        time.sleep(0.002)


def _state(work: Path) -> set[tuple[str, int]]:
    found = set()
    for folder, _, files in os.walk(work):
        for name in files:
            try:
                found.add((f"{folder}/{name}", Path(folder, name).stat().st_mtime_ns))
            except OSError:  # it went meanwhile
                continue
    return found


def _runs(child: int) -> bool:
    """Whether a process that another one waits for still runs."""
    try:
        return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@contextmanager
def _starter(folder: Path) -> Iterator[Starter]:
    command = [sys.executable, "-m", "drills.kill_commands"]
    inputs = folder / "inputs"
    inputs.mkdir()
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([*command, str(inputs)], check=True, env=quiet, stderr=subprocess.DEVNULL)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Starter(process.stdin, process.stdout, inputs, folder / "log.txt")
        process.stdin.close()
