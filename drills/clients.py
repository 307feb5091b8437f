"""Clients of a server: polite ones that check each answer, one that sends a byte at a time, and one that leaves."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np

from drills.outcome import Outcome

BAD = 0.05  # of the requests
CLOSE = 1e-4  # of a probability
PAUSE = 0.33  # seconds between the requests of a client on average: 10,000 of 32 clients take two minutes
ATTEMPTS = 50  # at one picture
BOMB = bytes.fromhex("89504e470d0a1a0a0000000d49484452000f4240000f424008020000003d1f4e0e")  # a million pixels each way
BAD_BODIES = (b"", b"no picture", BOMB, b"\x89PNG\r\n\x1a\n" + b"x" * 200, b"\xff\xd8\xff\xe0" + bytes(100))


@dataclass
class Tally:
    """What the clients saw, from any thread.

    Attributes:
        outcome: of the drill.
        seconds: of the good answers.
        lock: for both.
    """

    outcome: Outcome
    seconds: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def good(self, what: str, seconds: float | None = None) -> None:
        with self.lock:
            self.outcome.good(what)
            self.seconds += [] if seconds is None else [seconds]

    def lose(self, what: str, line: str) -> None:
        with self.lock:
            self.outcome.lose(what, line)


def ask(
    tally: Tally,
    port: int,
    bodies: list[bytes],
    expected: np.ndarray,
    random: Random,
    take: Callable[[], int | None],
) -> None:
    """One client: request after request on one connection, made anew where it broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    while take() is not None:
        time.sleep(random.uniform(0, 2 * PAUSE))
        bad, row = random.random() < BAD, random.randrange(len(bodies))
        body = random.choice(BAD_BODIES) if bad else bodies[row]
        for _ in range(ATTEMPTS):
            started = time.perf_counter()
            try:
                connection.request("POST", "/predict", body, {"Content-Type": "image/png"})
                answer = connection.getresponse()
                status, content = answer.status, answer.read()
            except (OSError, http.client.HTTPException):  # of the worker that was killed
                connection.close()
                time.sleep(0.1)
                continue
            if status != 429:
                _check(tally, bad, status, content, expected[row], time.perf_counter() - started)
                break
            time.sleep(float(answer.headers["Retry-After"]) / 4)
        else:
            tally.lose("never answered", f"{ATTEMPTS} attempts at one picture")
    connection.close()


def _check(tally: Tally, bad: bool, status: int, content: bytes, expected: np.ndarray, seconds: float) -> None:
    """Hold an answer against the graph's own."""
    if bad:
        if 400 <= status < 500:
            tally.good("bad ones refused")
        else:
            tally.lose("bad one answered", f"status {status}: {content[:200]!r}")
        return
    try:
        found = _probabilities(json.loads(content)) if status == 200 else None
    except (ValueError, KeyError, TypeError, IndexError):
        found = None
    if found is None:
        tally.lose("good one refused", f"status {status}: {content[:200]!r}")
    elif np.abs(found - expected).max() > CLOSE:
        tally.lose("mixed up", f"expected {expected.tolist()}; received {found.tolist()}")
    else:
        tally.good("right answers", seconds)


def _probabilities(answer: Any) -> np.ndarray:
    """The probabilities of one answer, wherever the body has it."""
    while "probabilities" not in answer:
        answer = next(part for part in answer.values() if isinstance(part, list) and part)[0]
    return np.array(list(answer["probabilities"].values()))


def slow(port: int, body: bytes, stop: threading.Event) -> None:
    """Send a request a byte at a time."""
    while not stop.is_set():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 60) as client:
            client.sendall(f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            for number in range(len(body)):
                client.sendall(body[number : number + 1])
                if stop.wait(0.2):
                    return


def leaving(port: int, body: bytes, stop: threading.Event) -> None:
    """Leave in the middle of a request, or before its answer."""
    random = Random(0)
    while not stop.wait(0.2):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 60) as client:
            client.sendall(f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            client.sendall(body[: random.choice((10, len(body)))])
