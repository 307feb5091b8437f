"""SIGKILL a training at random moments and start it again each time; its weights against an undisturbed run's.

python benchmarks/kill_resume.py --data FOLDER --weights-dir FOLDER
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from options import on_real_images

RUN = """
import hashlib, sys, keras, zoo
from zoo.data.splits import limit
data, weights, place, images, member = sys.argv[1:]
splits = zoo.load(data, decoded=place + "/decoded")
train, validation = limit(splits.train, int(images)), limit(splits.to_validate(), int(images) // 4)
recipe = zoo.Recipe(head_epochs=2, epochs=18, ema=0.9, patience=None, precision="float32")
member = zoo.build(member, len(train.classes), image_size=train.image_size, weights_dir=weights)
told = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: print("EPOCH", flush=True))
member.fit(train, validation, recipe, place=place, callbacks=[told])
digest = hashlib.sha256(b"".join(array.tobytes() for array in member.model.get_weights())).hexdigest()
print(f"HASH {digest} {len(member.history)} epochs")
"""


EPOCHS = 20  # of the recipe
LET = (0, 1, 2)  # epochs that pass before a moment is drawn, 10 of the 20 in all if ten kills are average


def main() -> None:
    options = on_real_images(__doc__, images=1000)
    options.add_argument("--member", default="mobilenet_v2_035")
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=0, help="of the moments")
    given = options.parse_args()
    arguments = (given.data, given.weights_dir, given.images, given.member)
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        process = started(arguments, first)
        wait_for_epochs(process, 1)
        start = time.perf_counter()
        undisturbed = result(process.communicate()[0])
        seconds = (time.perf_counter() - start) / (EPOCHS - 1)
        print(f"undisturbed: {undisturbed}, {seconds:.1f} s an epoch")
        killed = result(kill_and_finish(arguments, second, seconds, given.kills, random.Random(given.seed)))
        print(f"killed and started again: {killed}")
    same = undisturbed == killed
    print("the same weights, to the last bit" if same else "OTHER WEIGHTS")
    sys.exit(not same)


def kill_and_finish(arguments: tuple, folder: str, seconds: float, kills: int, moments: random.Random) -> str:
    """Kill while it imports, computes features, trains or writes, early and late; then let it finish."""
    for number in range(kills):
        process = started(arguments, folder)
        wait_for_epochs(process, moments.choice(LET))
        moment = moments.uniform(0, 1.5) * seconds
        try:
            printed, _ = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        else:
            print(f"  kill {number + 1} came too late: it had finished")
            return printed
        states = sorted(path.stat().st_size for path in Path(folder).glob("progress/*.npz"))
        print(f"  kill {number + 1}, {moment:.1f} s later; progress files: {states}", flush=True)
    return started(arguments, folder).communicate()[0]


def started(arguments: tuple, folder: str) -> subprocess.Popen:
    data, weights, images, member = arguments
    command = [sys.executable, "-c", RUN, data, weights, folder, str(images), member]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for_epochs(process: subprocess.Popen, count: int) -> None:
    """Wait until so many epochs of this start are over."""
    while count and (line := process.stdout.readline()):
        count -= line.startswith("EPOCH")


def result(printed: str) -> str:
    lines = [line for line in printed.splitlines() if line.startswith("HASH")]
    if not lines:
        raise RuntimeError(f"Expected the run to end with its hash; it printed {printed!r}.")
    return lines[-1].strip()


if __name__ == "__main__":
    main()
