"""``zoo serve`` against the bare graph: a round trip of one client, and pictures a second of many.

python benchmarks/serve_speed.py SAVED_MODEL --data FOLDER

With --litserve PYTHON, of an environment that has LitServe too, the same graph behind LitServe is measured as well.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import numpy as np

from zoo.data.pictures.image_io import read
from zoo.export.loading import assume_frozen_weights

PORT = 8765
HEAD = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
LITSERVE = Path(__file__).with_name("serve_litserve.py")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", help="what `zoo export` wrote")
    options.add_argument("--data", required=True, help="a folder of pictures, at any depth")
    options.add_argument("--pictures", type=int, default=512, help="of the folder, that are sent")
    options.add_argument("--clients", type=int, default=32)
    options.add_argument("--batch", type=int, default=32, help="of the bare graph, and the most of the server")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--litserve", help="a Python with LitServe")
    given = options.parse_args()
    assume_frozen_weights()
    from zoo.inference.graphs import open_graph

    graph = open_graph(given.model)
    paths = sorted(path for path in Path(given.data).rglob("*") if path.is_file())
    paths = [paths[row] for row in np.linspace(0, len(paths) - 1, min(given.pictures, len(paths))).astype(int)]
    files = [path.read_bytes() for path in paths]
    images = np.stack([read(file, graph.image_size, graph.reading) for file in files])
    names = {"zoo serve": [sys.executable, "-m", "zoo", "serve", given.model, "--batch", str(given.batch)]}
    if given.litserve:
        names["LitServe"] = [given.litserve, str(LITSERVE), given.model, str(given.batch)]
    for name, command in names.items():
        requests = [_as_json(file) if name == "LitServe" else _as_file(file) for file in files]
        with _server([*command, "--port", str(PORT)]):
            _measured(name, graph.answer, images, requests, given)


def _as_file(file: bytes) -> bytes:
    return HEAD % (b"image/jpeg", len(file)) + file


def _as_json(file: bytes) -> bytes:
    body = b'{"image": "%s"}' % base64.b64encode(file)
    return HEAD % (b"application/json", len(body)) + body


def _measured(
    name: str, answer: Callable, images: np.ndarray, requests: list[bytes], given: argparse.Namespace
) -> None:
    """Print one server's figures, in turn with the bare graph's."""
    few = min(len(requests), 200)
    spans = [slice(start, start + given.batch) for start in range(0, len(images), given.batch)]
    _trips(requests[:50]), _together(requests, given.clients), [answer(images[span]) for span in spans[:2]]  # warm up
    alone, trips, bare, served = [], [], [], []
    for _ in range(given.rounds):
        alone.append(statistics.median(_seconds(answer, images[row : row + 1]) for row in range(few)))
        trips.append(statistics.median(_trips(requests[:few])))
        bare.append(len(images) / sum(_seconds(answer, images[span]) for span in spans))
        served.append(len(requests) / _together(requests, given.clients))
    more = sorted(1000 * (trip - own) for trip, own in zip(trips, alone, strict=True))
    shares = sorted(own / other for own, other in zip(served, bare, strict=True))
    spread = f"{statistics.median(more):.1f} ms more ({more[0]:.1f} to {more[-1]:.1f})"
    print(
        f"{name}, one client: p50 {1000 * statistics.median(trips):.1f} ms, the bare graph "
        f"{1000 * statistics.median(alone):.1f} ms: {spread}"
    )
    print(
        f"{name}, {given.clients} clients: {statistics.median(served):,.0f} pictures/s, the bare graph in batches of "
        f"{given.batch} {statistics.median(bare):,.0f}: {statistics.median(shares):.2f} of it "
        f"({shares[0]:.2f} to {shares[-1]:.2f})"
    )


def _seconds(answer: Callable, images: np.ndarray) -> float:
    start = time.perf_counter()
    answer(images)
    return time.perf_counter() - start


def _trips(requests: list[bytes]) -> list[float]:
    """Seconds of each request, on one connection; by a bare socket, as a client costs time of the same processors."""
    seconds = []
    with socket.create_connection(("127.0.0.1", PORT)) as connection:
        for request in requests:
            start = time.perf_counter()
            connection.sendall(request)
            _read(connection)
            seconds.append(time.perf_counter() - start)
    return seconds


def _read(connection: socket.socket) -> None:
    """Read one response to its end."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += connection.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), found
    left = int(head.lower().partition(b"content-length:")[2].split()[0]) - len(body)
    while left:
        left -= len(connection.recv(65536))


def _together(requests: list[bytes], clients: int) -> float:
    """Seconds in which some clients at once have all requests answered."""
    threads = [threading.Thread(target=_trips, args=(requests[start::clients],)) for start in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


@contextlib.contextmanager
def _server(command: list[str]) -> Iterator[None]:
    """A server in a process of its own, once it answers."""
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **silent, start_new_session=True)  # LitServe's workers outlive it otherwise
    try:
        while not _is_there():
            assert process.poll() is None, f"it ended: {' '.join(command)}"
            time.sleep(0.5)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _is_there() -> bool:
    for path in ("readyz", "health"):  # ours, LitServe's
        with contextlib.suppress(OSError):
            return bool(urlopen(f"http://127.0.0.1:{PORT}/{path}", timeout=5))
    return False


if __name__ == "__main__":
    main()
