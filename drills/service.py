"""Ten thousand requests from 32 clients, bad ones among them, with a worker killed on the way.

Every answer is compared with what the graph alone predicts for that picture, so that none is mixed up with another's.
Meanwhile one client sends a byte at a time, and one leaves in the middle of its request or before its answer. It loses
if an answer is wrong, a good picture is refused or a bad one answered, the server ends, or its memory grows.
"""

from __future__ import annotations

import http.client
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from drills.clients import CLOSE, Tally, ask, leaving, slow
from drills.outcome import Outcome
from drills.processes import child_pids, command_line, resident_bytes

CLIENTS, WORKERS = 32, 2
PICTURES = 200
STOP = 180  # seconds that the server may take to stop: a worker that just started opens its model first
GROWTH = 1.25  # of the memory, from a quarter of the requests to the kill
NEEDS = ("fastapi", "uvicorn", "prometheus_client")


def drill(rounds: int, seed: int) -> Outcome:
    """Run the drill with so many requests."""
    outcome = Outcome("service")
    lacking = [name for name in NEEDS if find_spec(name) is None]
    if lacking:
        outcome.skip(f"{', '.join(lacking)} missing: pip install 'ensemble-zoo[serve]'")
        return outcome
    with tempfile.TemporaryDirectory(prefix="drill-service-") as folder:
        export, bodies, expected = _prepare(Path(folder))
        with _served(export, Path(folder) / "log.txt") as (process, port):
            apart = np.abs(expected[:, None] - expected[None]).max(axis=-1) > 2 * CLOSE
            outcome.notes.append(f"{apart.mean():.1%} of the pairs of pictures have answers that are told apart")
            _attack(outcome, process, port, bodies, expected, rounds, seed)
        if process.returncode not in (0, -signal.SIGTERM):
            outcome.lose("bad end", f"the server ended with {process.returncode} when it was told to stop")
    return outcome


def _prepare(folder: Path) -> tuple[Path, list[bytes], np.ndarray]:
    """Export a small ensemble; pictures as files' bytes, and the probabilities that the graph alone has for them."""
    from drills.workspace import fit_small, pictures
    from zoo import load_saved_model

    images, _ = pictures(PICTURES, seed=3)
    export = fit_small(folder / "run").export(folder / "export", uncertainty=True)
    expected = load_saved_model(export).predict_proba(images)
    bodies = []
    for image in images:
        written = io.BytesIO()
        Image.fromarray(image).save(written, "PNG")
        bodies.append(written.getvalue())
    return export, bodies, expected


@contextmanager
def _served(export: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    command = [sys.executable, "-m", "zoo", "serve", str(export), "--port", "0", "--workers", str(WORKERS)]
    with log.open("wb") as file:
        process = subprocess.Popen([*command, "--timeout", "20"], stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process, _port(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP)
        process.kill()
        process.wait()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the server answers that it is ready; its port."""
    until = time.monotonic() + 300
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"http://[^:]+:(\d+)", log.read_text(errors="replace"))
        if found and _status(int(found[1]), "GET", "/readyz") == 200:
            return int(found[1])
        time.sleep(0.2)
    raise RuntimeError(f"Expected a server that gets ready; its log:\n{log.read_text(errors='replace')[-2000:]}")


def _status(port: int, method: str, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def _attack(
    outcome: Outcome,
    process: subprocess.Popen[bytes],
    port: int,
    bodies: list[bytes],
    expected: np.ndarray,
    rounds: int,
    seed: int,
) -> None:
    """Let clients ask, and others misbehave, until all requests are answered."""
    tally, numbers, stop = Tally(outcome), iter(range(rounds)), threading.Event()
    lock = threading.Lock()

    def take() -> int | None:
        with lock:
            return next(numbers, None)

    asking = [
        threading.Thread(target=ask, args=(tally, port, bodies, expected, Random(f"{seed} {client}"), take))
        for client in range(CLIENTS)
    ]
    others = [threading.Thread(target=rude, args=(port, bodies[0], stop)) for rude in (slow, leaving)]
    started = time.monotonic()
    for thread in (*asking, *others):
        thread.start()
    memory = _watch(tally, process, rounds)
    for thread in asking:
        thread.join()
    stop.set()
    seconds = time.monotonic() - started
    for thread in others:
        thread.join()
    if process.poll() is not None or _status(port, "GET", "/healthz") != 200:
        tally.lose("bad end", "the server does not answer any more")
    _judge(outcome, tally.seconds, memory, seconds)


def _watch(tally: Tally, process: subprocess.Popen[bytes], rounds: int) -> list[int]:
    """Note the memory while requests are answered, and kill a worker when three quarters are."""
    memory: list[int] = []
    while tally.outcome.tried < rounds * 0.75 and process.poll() is None:
        if tally.outcome.tried > rounds * 0.25:
            memory.append(resident_bytes(process.pid))
        time.sleep(0.25)
    workers = [pid for pid in child_pids(process.pid) if b"spawn_main" in command_line(pid)]
    if workers:
        os.kill(workers[0], signal.SIGKILL)
        tally.outcome.notes.append("a worker was killed when three quarters of the requests were answered")
    else:
        tally.lose("no worker", "there was no worker to kill")
    return memory


def _judge(outcome: Outcome, seconds: list[float], memory: list[int], whole: float) -> None:
    """Note latencies and memory, and whether that grew."""
    if seconds:
        p50, p95, p99 = (1000 * float(np.quantile(seconds, share)) for share in (0.5, 0.95, 0.99))
        outcome.notes.append(f"{outcome.tried / whole:.0f} requests/s; p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms")
    if memory:
        outcome.notes.append(f"memory {memory[0] / 1e6:.0f} MB at first, {max(memory) / 1e6:.0f} MB at most")
        if max(memory) > GROWTH * memory[0]:
            outcome.lose("memory grew", f"from {memory[0] / 1e6:.0f} to {max(memory) / 1e6:.0f} MB")
