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
import hashlib, sys, zoo
from zoo.data.splits import limit
data, weights, place, images, member = sys.argv[1:]
splits = zoo.load(data, decoded=place + "/decoded")
train, validation = limit(splits.train, int(images)), limit(splits.to_validate(), int(images) // 4)
recipe = zoo.Recipe(head_epochs=2, epochs=6, ema=0.9, patience=None, precision="float32")
member = zoo.build(member, len(train.classes), image_size=train.image_size, weights_dir=weights)
print("READY", flush=True)
member.fit(train, validation, recipe, place=place)
digest = hashlib.sha256(b"".join(array.tobytes() for array in member.model.get_weights())).hexdigest()
print(f"HASH {digest} {len(member.history)} epochs")
"""


SHARE = 0.12  # of the training that passes between two kills on average, about an epoch


def main() -> None:
    options = on_real_images(__doc__, images=1000)
    options.add_argument("--member", default="mobilenet_v2_035")
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=0, help="of the moments")
    given = options.parse_args()
    arguments = (given.data, given.weights_dir, given.images, given.member)
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        process = ready(arguments, first)
        start = time.perf_counter()
        undisturbed = result(process.communicate()[0])
        seconds = time.perf_counter() - start
        print(f"undisturbed: {undisturbed}, {seconds:.0f} s of training")
        killed = result(kill_and_finish(arguments, second, seconds, given.kills, random.Random(given.seed)))
        print(f"killed and started again: {killed}")
    same = undisturbed == killed
    print("the same weights, to the last bit" if same else "OTHER WEIGHTS")
    sys.exit(not same)


def kill_and_finish(arguments: tuple, folder: str, seconds: float, kills: int, moments: random.Random) -> str:
    """Kill while it computes features, trains or writes, early and late; then let it finish."""
    for number in range(kills):
        process = ready(arguments, folder)
        moment = moments.uniform(0, 2 * SHARE) * seconds
        try:
            printed, _ = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        else:
            print(f"  kill {number + 1} came too late: it had finished")
            return printed
        states = sorted(path.stat().st_size for path in Path(folder).glob("progress/*.npz"))
        print(f"  kill {number + 1} after {moment:.0f} s; progress files: {states}")
    return ready(arguments, folder).communicate()[0]


def ready(arguments: tuple, folder: str) -> subprocess.Popen:
    """Start a training, and wait until it has imported and read all that it needs."""
    data, weights, images, member = arguments
    command = [sys.executable, "-c", RUN, data, weights, folder, str(images), member]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while (line := process.stdout.readline()) and not line.startswith("READY"):
        pass
    return process


def result(printed: str) -> str:
    lines = [line for line in printed.splitlines() if line.startswith("HASH")]
    if not lines:
        raise RuntimeError(f"Expected the run to end with its hash; it printed {printed!r}.")
    return lines[-1].strip()


if __name__ == "__main__":
    main()
