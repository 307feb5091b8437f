"""The engine that ``zoo.predict`` and ``zoo.Predictor`` take, against bare ONNX Runtime and the SavedModel, in turn.

Every way is asked in a process of its own, for single images and for batches of 8 and 32: ``engine="auto"`` of a
SavedModel with a kept ONNX graph; the ONNX file by itself, and on a bare session of ONNX Runtime; LiteRT; and the
SavedModel on TensorFlow, also with one thread an operation (``TF_NUM_INTRAOP_THREADS=1``). What is not installed is
left out.

python benchmarks/engines.py                                 a trio and two families
python benchmarks/engines.py --group mobilenet_v2 --batch 1 --rounds 3
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from apart import Ask, apart, done_apart
from inference import images_per_second
from networks import noise_images, twins
from ways import open_frozen, open_onnx

from zoo.export.loading import assume_frozen_weights
from zoo.inference.graphs import PROBABILITIES, open_graph

GROUPS = ("mobilenet_v2+efficientnet_lite0+simple_cnn", "mobilenet_v2", "efficientnet_v2_s")
BARE, AUTO, ONNX, BEFORE = "onnx runtime, bare", "auto", "onnx file", "saved model"
OURS, ONNX_FOLDER, LITERT = "ours", "onnx", "litert"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--group", action="append", help="members of an ensemble, joined by +")
    options.add_argument("--size", type=int, default=96)
    options.add_argument("--batch", type=int, action="append", help="by default 1, 8 and 32")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--keep", help="a folder for what is exported; with it a second run exports nothing")
    given = options.parse_args()
    for group in given.group or GROUPS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(given.keep or scratch, f"{group}-{given.size}")
            done_apart(export_group, group.split("+"), given.size, folder)
            for batch in given.batch or (1, 8, 32):
                measure(group, folder, noise_images(batch, given.size), given.rounds)


def export_group(names: Sequence[str], size: int, folder: Path) -> None:
    """Write the same networks in each format, and the ONNX graph that ``auto`` finds."""
    if (folder / "done").is_file():
        return
    ensemble = twins(names, size, folder / "store").ensemble
    ensemble.export(folder / OURS)
    for name, needs in ((ONNX_FOLDER, "tf2onnx"), (LITERT, "ai_edge_litert")):
        if find_spec(needs):
            ensemble.export(folder / name, format=name)
    if find_spec("tf2onnx"):
        open_graph(folder / OURS, engine=ONNX_FOLDER)
    (folder / "done").touch()


def ways(folder: Path, batch: int) -> dict[str, Callable[[], Ask]]:
    """How to open each."""
    found: dict[str, Callable[[], Ask]] = {
        AUTO: partial(open_engine, folder / OURS, "auto", batch),
        BEFORE: partial(open_frozen, folder / OURS),
        "saved model, one thread an operation": partial(open_with_one_thread, folder / OURS),
    }
    if (folder / ONNX_FOLDER).is_dir():
        found |= {BARE: partial(open_onnx, folder / ONNX_FOLDER)}
        found |= {ONNX: partial(open_engine, folder / ONNX_FOLDER, "onnx", batch)}
    if (folder / LITERT).is_dir():
        found |= {LITERT: partial(open_engine, folder / LITERT, LITERT, batch)}
    return found


def open_engine(path: Path, engine: str, batch: int) -> Ask:
    """As ``zoo.predict`` opens a model for batches of this size."""
    assume_frozen_weights()
    graph = open_graph(path, engine=engine, batch_size=batch)
    return lambda images: np.asarray(graph.answer(images)[PROBABILITIES])


def open_with_one_thread(folder: Path) -> Ask:
    """The SavedModel where operations run beside each other, and none in several threads."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = "1"
    return open_frozen(folder)


def measure(group: str, folder: Path, images: np.ndarray, rounds: int) -> None:
    """Ask in turn; print images/s of each, and the ratios that count."""
    with ExitStack() as stack:
        opened = {way: stack.enter_context(apart(how)) for way, how in ways(folder, len(images)).items()}
        answers = {way: ask(images) for way, ask in opened.items()}
        difference = max(float(np.abs(answer - answers[BEFORE]).max()) for answer in answers.values())
        speeds: dict[str, list[float]] = {way: [] for way in opened}
        for number in range(rounds):
            for way in turned(list(opened), number):  # else one way would always come after the same other
                speeds[way].append(images_per_second(opened[way], images))
    print(f"{group}, batch {len(images)}: probabilities differ by {difference:.1e} at most", flush=True)
    for way, own in speeds.items():
        ratios = ", ".join(f"{ratio(own, speeds[other])} of {other}" for other in (BARE, BEFORE) if other in speeds)
        print(f"  {way:38} {statistics.median(own):8.1f} images/s   {ratios}", flush=True)


def turned(ways: list[str], places: int) -> list[str]:
    """The same ways in a ring, from another one on."""
    start = places % len(ways)
    return ways[start:] + ways[:start]


def ratio(own: Sequence[float], others: Sequence[float]) -> str:
    """The median ratio of the rounds, and its spread."""
    ratios = sorted(one / other for one, other in zip(own, others, strict=True))
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


if __name__ == "__main__":
    main()
