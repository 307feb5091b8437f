"""Starts commands in processes that are forked from one that has imported everything."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, Any

LONGEST = 600  # seconds that a command may take


@dataclass
class Starter:
    """A process that forks for commands, one at a time.

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

    def start(self, command: str, work: Path, jobs: int = 1, **conditions: Any) -> int:
        """Start a command under some conditions; returns its process id."""
        work.mkdir(parents=True, exist_ok=True)
        scratch = work.parent / "tmp"
        scratch.mkdir(exist_ok=True)
        scratch.chmod(0o777)
        asked = {"command": command, "inputs": str(self.inputs), "work": str(work), "jobs": jobs, "log": str(self.log)}
        print(json.dumps(asked | {"conditions": conditions}), file=self.pipe, flush=True)
        return int(self.told.readline().split()[1])

    def wait(self) -> int:
        """Wait for the command to end; returns its exit status, negative for a signal."""
        return int(self.told.readline().split()[1])

    def run(self, command: str, work: Path, jobs: int = 1, **conditions: Any) -> tuple[int, str]:
        """Start a command and wait for it: its exit status and what it printed; one that never ends is killed."""
        before = self.log.stat().st_size if self.log.exists() else 0
        child = self.start(command, work, jobs, **conditions)
        timer = Timer(LONGEST, os.kill, (child, signal.SIGKILL))
        timer.start()
        status = self.wait()
        timer.cancel()
        with self.log.open("rb") as file:
            file.seek(before)
            return status, file.read().decode(errors="replace")


@contextmanager
def starter(folder: Path, inputs: Path | None = None) -> Iterator[Starter]:
    """Make the inputs, unless some are given, and start the process that forks.

    Args:
        folder: of the log, and of the inputs.
        inputs: of another starter.
    """
    command = [sys.executable, "-m", "drills.commands"]
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    folder.mkdir(parents=True, exist_ok=True)
    if inputs is None:
        inputs = folder / "inputs"
        inputs.mkdir()
        subprocess.run([*command, str(inputs)], check=True, env=quiet, stderr=subprocess.DEVNULL)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=quiet
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"The process that starts commands ended. Run {' '.join(command)} to see why.")
        yield Starter(process.stdin, process.stdout, inputs, folder / "log.txt")
        process.stdin.close()
