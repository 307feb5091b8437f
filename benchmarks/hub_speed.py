"""Images a second of ViT-tiny: the exported SavedModel and ONNX file, and timm's network in PyTorch, in turn.

    python benchmarks/hub_speed.py --torch /path/to/a/python/with/timm --side 96

Each runs in a process of its own that stays up, and takes its turn: a round is one batch each. Random weights. On a
busy machine compare the CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

BATCH, ROUNDS, THREADS = 32, 8, 2
# glibc gives large blocks back to the system, and PyTorch's are then faulted in again at every batch.
KEPT = {**os.environ, "MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**32)}

SAVED = """
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads({threads})
tf.config.threading.set_inter_op_parallelism_threads(1)
serve = tf.saved_model.load({path!r}).signatures["serving_default"]
run = lambda: serve(images=tf.constant(images))["logits"].numpy()
"""
ONNX = """
import onnxruntime as ort
options = ort.SessionOptions()
options.intra_op_num_threads = {threads}
options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # it would disturb whose turn is next
session = ort.InferenceSession({path!r} + "/model.onnx", options, providers=["CPUExecutionProvider"])
run = lambda: session.run(["logits"], {{"images": images}})
"""
TIMM = """
import timm, torch
torch.set_num_threads({threads})
model = timm.create_model("vit_tiny_patch16_224", num_classes=4, img_size={side}).eval()
@torch.inference_mode()
def run():
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
    return model(pixels).numpy()
"""
LOOP = """
import sys, time
import numpy as np
images = np.random.default_rng(0).integers(0, 256, ({batch}, {side}, {side}, 3)).astype(np.uint8)
{what}
run(); run()
print("ready", flush=True)
for _ in sys.stdin:
    begun, used = time.perf_counter(), time.process_time()
    run()
    print(time.perf_counter() - begun, time.process_time() - used, flush=True)
"""


def main() -> None:
    """Export, start the three and let them take turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", required=True)
    parser.add_argument("--side", type=int, default=96)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        saved, onnx = _exported(Path(folder), options.side)
        ways = {
            "SavedModel": (sys.executable, SAVED.format(path=str(saved), threads=THREADS)),
            "ONNX Runtime": (sys.executable, ONNX.format(path=str(onnx), threads=THREADS)),
            "timm": (options.torch, TIMM.format(side=options.side, threads=THREADS)),
        }
        running = {name: _started(*way, options.side) for name, way in ways.items()}
        seconds: dict[str, list[list[float]]] = {name: [] for name in running}
        for _ in range(ROUNDS):
            for name, process in running.items():
                process.stdin.write("\n")  # type: ignore[union-attr]
                process.stdin.flush()  # type: ignore[union-attr]
                seconds[name].append([float(part) for part in process.stdout.readline().split()])  # type: ignore[union-attr]
        for process in running.values():
            process.terminate()
    for column, clock in enumerate(("second", "CPU second")):
        theirs = [round_[column] for round_ in seconds["timm"]]
        for name, taken in seconds.items():
            own = [round_[column] for round_ in taken]
            ratios = sorted(other / mine for mine, other in zip(own, theirs, strict=True))
            speed, ratio = BATCH / statistics.median(own), statistics.median(ratios)
            print(f"{name}: {speed:.0f} images a {clock}, {ratio:.2f} of timm ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def _exported(folder: Path, side: int) -> tuple[Path, Path]:
    from zoo import Ensemble, Recipe, build
    from zoo.data import as_images

    pixels = np.random.default_rng(0).integers(0, 256, (16, side, side, 3)).astype(np.uint8)
    data = as_images(pixels, np.arange(16) % 4, tuple("abcd"))
    member = build("vit_tiny", 4, image_size=side, weights=None)
    recipe = Recipe(head_epochs=0, epochs=1, augment="none", learning_rate=1e-9, head_learning_rate=1e-9)
    ensemble = Ensemble([member], method="soft", recipe=recipe, store=folder / "run").fit(data, data)
    return Path(ensemble.export(folder / "saved")), Path(ensemble.export(folder / "onnx", format="onnx"))


def _started(python: str, what: str, side: int) -> subprocess.Popen[str]:
    code = LOOP.format(batch=BATCH, side=side, what=what)
    process = subprocess.Popen([python, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=KEPT)
    while process.stdout and process.stdout.readline().strip() != "ready":
        pass
    return process


if __name__ == "__main__":
    main()
