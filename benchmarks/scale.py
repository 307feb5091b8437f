"""What a fit costs beside the members' own steps, stage by stage, up to a million images of 32x32.

Pixels lie in an ``.npy`` that is mapped, and files in class folders that hold links to a few pictures. Every stage runs
in a process of its own. Memory is what a process has allocated (``RssAnon``): pages of a mapped file are the system's.
``fit`` is the whole, of one network of one convolution; it has TensorFlow's own memory, and the steps.

python benchmarks/scale.py                                  1/16, 1/4 and all of a million; needs 10 GB of disk
python benchmarks/scale.py --images 50000 --stage listing
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scale_stages import CLASSES, STAGES

from zoo.utils.files import write_rows

IMAGES = (62_500, 250_000, 1_000_000)
SIDE, CHUNK, PICTURES = 32, 10_000, 500
LINKS = 60_000  # the most names that ext4 gives a file is 65,000
PAUSE = 0.005  # seconds between two looks at the memory
LIMIT = 2e9  # bytes


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--images", type=int, action="append", help="how many; may be repeated")
    options.add_argument("--stage", action="append", choices=[*STAGES], help="may be repeated; by default all")
    options.add_argument("--work", help="folder for the data, on a disk with room; by default a temporary one")
    options.add_argument("--child", help="run this stage here on the data in the folder, and print the counters")
    given = options.parse_args()
    if given.child:
        print(json.dumps(measured(STAGES[given.child](Path(given.work)))))
        return
    print(f"{'images':>10} {'stage':<12} {'seconds':>9} {'CPU s':>9} {'us/image':>9} {'memory before, peak':>20}")
    for images in given.images or IMAGES:
        with tempfile.TemporaryDirectory(dir=given.work, prefix="scale-") as folder:
            make(Path(folder), images)
            for stage in given.stage or STAGES:
                print(f"{images:>10,} {stage:<12} {told(in_a_process(stage, folder), images)}", flush=True)


def make(folder: Path, images: int) -> None:
    """Draw pixels and labels, and link files in class folders."""
    random = np.random.default_rng(0)
    sizes = (min(CHUNK, images - start) for start in range(0, images, CHUNK))
    drawn = (random.integers(0, 256, (size, SIDE, SIDE, 3), np.uint8) for size in sizes)
    write_rows(folder / "images.npy", (images, SIDE, SIDE, 3), "uint8", drawn)
    np.save(folder / "labels.npy", np.arange(images) % CLASSES)
    pictures = folder / "pictures"
    pictures.mkdir()
    count = max(PICTURES, -(-images // LINKS))
    for number in range(count):
        picture = random.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
        Image.fromarray(picture).save(pictures / f"{number}.png")
    for label in range(CLASSES):
        (folder / "files" / f"class {label}").mkdir(parents=True)
    for row in range(images):
        os.link(pictures / f"{row % count}.png", folder / "files" / f"class {row % CLASSES}" / f"image_{row}.png")


def in_a_process(stage: str, folder: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", stage, "--work", folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    counters: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return counters


def measured(work: Callable[[], Any]) -> dict[str, float]:
    """Seconds, CPU seconds of all threads and children, and bytes of memory before and at most."""
    before, start, used = anonymous(), time.perf_counter(), cpu_seconds()
    peak, over = [before], threading.Event()
    watching = threading.Thread(target=watch, args=(peak, over))
    watching.start()
    try:
        work()
    finally:
        over.set()
        watching.join()
    return {
        "seconds": time.perf_counter() - start,
        "cpu": cpu_seconds() - used,
        "before": before,
        "peak": max(peak[0], anonymous()),
    }


def watch(peak: list[int], over: threading.Event) -> None:
    while not over.wait(PAUSE):
        peak[0] = max(peak[0], anonymous())


def anonymous() -> int:
    """Bytes that this process has allocated and that are in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def cpu_seconds() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def told(counters: dict[str, float], images: int) -> str:
    over = "  over 2 GB" if counters["peak"] > LIMIT else ""
    memory = f"{counters['before'] / 1e6:>9,.0f} {counters['peak'] / 1e6:>7,.0f} MB"
    cost = f"{counters['seconds']:>9.1f} {counters['cpu']:>9.1f} {counters['cpu'] / images * 1e6:>9.1f}"
    return f"{cost} {memory}{over}"


if __name__ == "__main__":
    main()
