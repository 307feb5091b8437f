"""Page faults and system seconds of training, with freed memory kept for the next step and without; a process each.

python benchmarks/page_faults.py --data FOLDER --weights-dir FOLDER --member simple_cnn --member mobilenet_v2

Where TensorFlow runs its own kernels in place of oneDNN's, as on older processors, the difference is largest:
TF_ENABLE_ONEDNN_OPTS=0 shows it anywhere.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from counters import peak_memory, usage, used_since
from options import on_real_images

import zoo
from zoo.data.splits import limit

EPOCHS = 3
WITHOUT = {"MALLOC_TRIM_THRESHOLD_": "131072"}  # what TensorFlow sets; a user's choice, so the library leaves it


def main() -> None:
    options = on_real_images(__doc__, images=640)
    options.add_argument("--member", action="append")
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--child", help="train this member here, and print the counters")
    given = options.parse_args()
    if given.child:
        print(json.dumps(trained(given.child, given.data, given.weights_dir, given.images)))
        return
    for member in given.member or ("simple_cnn", "mobilenet_v2"):
        for _ in range(given.rounds):
            for title, settings in (("kept", {}), ("returned", WITHOUT)):
                print(f"{member}, freed memory {title}: {told(in_a_process(member, settings))}", flush=True)


def in_a_process(member: str, settings: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, *sys.argv, "--child", member]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def told(counters: dict[str, Any]) -> str:
    return (
        f"{counters['faults']:,} faults, {counters['system']:.2f} s of the system and {counters['user']:.1f} s of its "
        f"own an epoch, {counters['speed']:.0f} images/s, peak memory {counters['peak'] / 1e9:.2f} GB"
    )


def trained(member: str, data: str, weights_dir: str, count: int) -> dict[str, Any]:
    """Train all layers; the counters are of the last epoch, when nothing is traced any more."""
    import keras

    class Counters(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.start = usage()

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.spent = used_since(self.start)

    images = zoo.load(data).train
    learned, watched = limit(images, count), limit(images, 64, seed=1)
    built = zoo.build(member, len(images.classes), image_size=images.image_size, weights_dir=weights_dir)
    epochs = {"head_epochs": 0, "epochs": EPOCHS} if built.pretrained else {"head_epochs": EPOCHS, "epochs": 0}
    counters = Counters()
    built.fit(learned, watched, zoo.Recipe(**epochs), callbacks=[counters])
    spent = counters.spent
    return spent | {"speed": count / spent["seconds"], "peak": peak_memory()}


if __name__ == "__main__":
    main()
