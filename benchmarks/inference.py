"""Images/s of one ensemble, in turn: Keras' ``predict``, Keras' export, ours, ours as ``zoo predict`` asks it, ONNX
Runtime, PyTorch.

The networks and weights are the same, and so are the answers: the largest difference of a probability is printed. Each
way is asked in a process of its own. PyTorch runs timm's networks of the same names, with weights of their own. ONNX
Runtime needs the extra, pip install 'ensemble-zoo[onnx]', PyTorch needs pip install torch timm; what is not there is
left out.

python benchmarks/inference.py                               the trio of the second report
python benchmarks/inference.py --families                    one network of each family, alone
python benchmarks/inference.py --member mobilenet_v2 --size 224 --batch 1 --batch 8
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from apart import Ask, apart, done_apart
from networks import TRIO, noise_images
from ways import OURS, TORCH, export_all, ways_to_ask

FAMILIES = (
    "convnext_tiny",
    "efficientnet_v2_s",
    "resnet50_v2",
    "densenet121",
    "mobilenet_v2",
    "inception_resnet_v2",
    "nasnet_mobile",
)
PAUSE = 0.3  # seconds before each turn: threads that wait by spinning would disturb the next one
TURN = 0.5  # seconds, or one call


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--member", action="append", help="of the ensemble, instead of the trio")
    options.add_argument("--families", action="store_true", help="one network of each family, alone")
    options.add_argument("--size", type=int, default=96)
    options.add_argument("--batch", type=int, action="append", help="by default 32")
    options.add_argument("--keep", help="a folder for what is exported; with it a second run exports nothing")
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()
    groups = [(name,) for name in FAMILIES] if given.families else [tuple(given.member or TRIO)]
    for names in groups:
        with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
            folder = Path(given.keep or scratch, f"{'-'.join(names)}-{given.size}")
            done_apart(export_all, names, given.size, folder)
            ways = {way: stack.enter_context(apart(open_way)) for way, open_way in ways_to_ask(names, folder).items()}
            for batch in given.batch or [32]:
                measure(" + ".join(names), ways, noise_images(batch, given.size), given.rounds)


def measure(name: str, ways: dict[str, Ask], images: np.ndarray, rounds: int) -> None:
    """Ask in turn, and print images/s of each, and how many times as fast ours is."""
    answers = {way: ask(images) for way, ask in ways.items()}
    difference = max(float(np.abs(answer - answers[OURS]).max()) for way, answer in answers.items() if way != TORCH)
    speeds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, ask in ways.items():
            speeds[way].append(images_per_second(ask, images))
    size = images.shape[1]
    print(f"{name}, {size} px, batch {len(images)}: probabilities differ by {difference:.1e} at most", flush=True)
    for way, own in speeds.items():
        print(f"  {way:14} {statistics.median(own):8.1f} images/s   {_ratio(speeds[OURS], own)}", flush=True)


def images_per_second(ask: Ask, images: np.ndarray) -> float:
    """Ask again and again for a while; the first call, which wakes threads up, does not count."""
    time.sleep(PAUSE)
    ask(images)
    calls, start = 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < TURN:
        ask(images)
        calls += 1
    return calls * len(images) / seconds


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    ratios = sorted(own / other for own, other in zip(ours, theirs, strict=True))
    return f"ours {statistics.median(ratios):5.2f} times as fast ({ratios[0]:.2f} to {ratios[-1]:.2f})"


if __name__ == "__main__":
    main()
