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
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random

from drills.contents import differences
from drills.outcome import Outcome
from drills.starter import Starter, starter

CHAIN = 12  # kills
STEP = 0.4  # of a command's time, that a kill comes after its start at most: each goes on where the one before was
CHAINS = (("fit", 1), ("finish", 1), ("fit", 2), ("fit", 1), ("finish", 1))  # command and jobs, in turn
MOMENTS = (0.0, 0.002, 0.01, 0.05)  # seconds after a file appeared
LONGEST = 900  # seconds that a command may take


def drill(rounds: int, seed: int) -> Outcome:
    """Run the drill with so many kills."""
    outcome, random = Outcome("kills"), Random(seed)
    with tempfile.TemporaryDirectory(prefix="drill-kills-") as folder, starter(Path(folder)) as starts:
        whole = Path(folder, "undisturbed", "work")
        seconds = {command: undisturbed(starts, command, whole) for command in ("fit", "finish")}
        outcome.notes.append(", ".join(f"{name} takes {taken:.1f} s undisturbed" for name, taken in seconds.items()))
        chain = 0
        while outcome.tried < rounds:
            command, jobs = CHAINS[chain % len(CHAINS)]
            work = Path(folder, f"chain{chain}", "work")
            if command == "finish":
                shutil.copytree(whole / "run", work / "run", ignore=shutil.ignore_patterns("report*"))
            before, kills = outcome.tried, min(CHAIN, rounds - outcome.tried)
            _chain(outcome, starts, random, work, whole, command, jobs, kills, seconds[command])
            left = len(list((work.parent / "tmp").iterdir()))
            print(
                f"  chain {chain}: {command}, jobs={jobs}, {outcome.tried - before} kills, {left} left in TMPDIR",
                flush=True,
            )
            shutil.rmtree(work.parent)
            chain += 1
    return outcome


def undisturbed(starts: Starter, command: str, work: Path) -> float:
    started = time.perf_counter()
    starts.start(command, work, 1)
    if starts.wait() != 0:
        raise RuntimeError(f"Expected {command} to end well undisturbed; its log:\n{starts.log.read_text()[-3000:]}")
    return time.perf_counter() - started


def _chain(
    outcome: Outcome,
    starts: Starter,
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
        child = starts.start(command, work, jobs)
        _kill_at_random(child, random, work, seconds)
        status = starts.wait()
        if status == 0:  # it had ended before
            break
        if status == -signal.SIGKILL:
            outcome.good(f"killed in {what}")
        else:
            outcome.lose("failed after a kill", f"{what}: exit status {status}: {starts.log.read_text()[-600:]}")
    child = starts.start(command, work, jobs)
    status = _wait_at_most(starts, child)
    if status != 0:
        outcome.lose("did not end", f"{what}: exit status {status}: {starts.log.read_text()[-1500:]}")
        return
    others = list(differences(whole, work, command))
    if others:
        outcome.lose("ended otherwise", f"{what}: {'; '.join(others)}")


def _wait_at_most(starts: Starter, child: int) -> int:
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(LONGEST)
    try:
        return starts.wait()
    finally:
        signal.alarm(0)


def _kill_at_random(child: int, random: Random, work: Path, seconds: float) -> None:
    """Wait for a moment and kill a process, alone or with its children."""
    moment = time.perf_counter() + random.uniform(0, seconds * STEP)
    if random.random() < 0.5:
        number = random.randrange(1, 6)  # of the files that appear
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
