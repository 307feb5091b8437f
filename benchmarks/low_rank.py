"""LoRA against full fine-tuning: what trains, memory, seconds, and the merged network against the unmerged one.

    python benchmarks/low_rank.py --member vit_tiny --weights PRESET --side 96

Each way runs in a process of its own, as memory that was freed stays with the process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time

import numpy as np

from zoo import Recipe, build
from zoo.data import as_images
from zoo.data.images import Splits
from zoo.models.assembly import BACKBONE
from zoo.training import train_planned
from zoo.training.freezing import unfreeze
from zoo.training.low_rank import merged_weights
from zoo.training.mixed_precision import in_precision
from zoo.utils.timing import peak_memory

IMAGES, CLASSES, BATCH = 64, 4, 16


def one_way(options: argparse.Namespace) -> dict[str, float]:
    """Fine-tune for an epoch in one way."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (IMAGES, options.side, options.side, 3)).astype(np.uint8)
    data = as_images(pixels, np.arange(IMAGES) % CLASSES, tuple("abcd"))
    member = build(options.member, CLASSES, image_size=options.side, weights=options.weights)
    recipe = Recipe(
        adapt=options.way, head_epochs=0, epochs=1, batch_size=BATCH, augment="none", precision="float32", patience=None
    )
    network, plan = member.model, member.own_plan
    copy = in_precision(network, plan, recipe)
    unfreeze(copy.get_layer(BACKBONE), "all", train_batch_norm=False)
    trained = sum(int(np.prod(weight.shape)) for weight in copy.get_layer(BACKBONE).trainable_variables)
    result = {
        "trained parameters": trained,
        "difference when merged": _difference(copy, network, pixels[:8], options.way),
    }
    del copy
    before, begun = peak_memory(), time.perf_counter()
    train_planned(network, plan, Splits(data, data), recipe, pretrained=True)
    return result | {"MB more at the peak": (peak_memory() - before) / 2**20, "seconds": time.perf_counter() - begun}


def _difference(adapted: object, network: object, pixels: np.ndarray, way: str) -> float:
    """Largest difference of logits, relative to the largest, of an adapted network with sizeable pairs once merged."""
    if way != "lora":
        return 0.0
    random = np.random.default_rng(0)
    for weight in adapted.weights:  # type: ignore[attr-defined]
        if weight.name == "lora_kernel_b":
            weight.assign(random.normal(0, 0.02, weight.shape))
    kept = network.get_weights()  # type: ignore[attr-defined]
    expected = np.asarray(adapted(pixels))  # type: ignore[operator]
    network.set_weights(merged_weights(adapted))  # type: ignore[attr-defined, arg-type]
    found = np.asarray(network(pixels))  # type: ignore[operator]
    network.set_weights(kept)  # type: ignore[attr-defined]
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def main() -> None:
    """Run both ways and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--member", default="vit_tiny")
    parser.add_argument("--weights", required=True)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--way", choices=["full", "lora"])
    options = parser.parse_args()
    if options.way:
        print(json.dumps(one_way(options)))
        return
    for way in ("full", "lora"):
        done = subprocess.run([sys.executable, *sys.argv, "--way", way], capture_output=True, text=True, check=True)
        row = json.loads(done.stdout.splitlines()[-1])
        print(way, *(f"{name} {value:,.7g}" for name, value in row.items()), sep=" | ")


if __name__ == "__main__":
    main()
