"""``zoo predict`` on a folder repeated to many images, killed twice on the way: complete, in order, in bounded memory?

python benchmarks/predict_many.py SAVED_MODEL --data FOLDER
"""

from __future__ import annotations

import argparse
import csv
import signal
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from zoo.data.loading import list_images
from zoo.inference.prediction import ROWS

KILLS = (0.2, 0.6)  # when so large a share is answered


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("model", help="a run, or what `zoo export` wrote")
    options.add_argument("--data", required=True, help="a folder of images")
    options.add_argument("--images", type=int, default=100_000)
    given = options.parse_args()
    root = Path(given.data).resolve()
    paths = [str(root / path) for path in islice(cycle(list_images(root).paths), given.images)]
    with tempfile.TemporaryDirectory() as folder:
        listing, out = Path(folder, "list.txt"), Path(folder, "answers.csv")
        listing.write_text("\n".join(paths))
        command = [sys.executable, "-m", "zoo.cli.main", "predict", given.model, str(listing), "--out", str(out)]
        for share in KILLS:
            kill_at(
                command, out.with_name(f"{out.name}.parts") / "answers" / f"{int(share * given.images / ROWS):06}.npz"
            )
        subprocess.run(command, check=True)
        with out.open(newline="") as file:
            complete = [row["path"] for row in csv.DictReader(file)] == paths
    print(f"{given.images:,} images, killed {len(KILLS)} times: " + ("complete, in order" if complete else "WRONG"))
    sys.exit(not complete)


def kill_at(command: list[str], part: Path) -> None:
    """Start a command, and kill it when a part is there."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not part.exists() and process.poll() is None:
            time.sleep(0.01)
        process.kill()
    if process.returncode != -signal.SIGKILL:
        raise RuntimeError(f"Expected a command to kill; it had ended with {process.returncode}.")


if __name__ == "__main__":
    main()
