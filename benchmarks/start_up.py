"""Seconds until a fresh process has imported the library, or listed its backbones, beside importing Keras.

python benchmarks/start_up.py [--rounds 11]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import zoo": ["-c", "import zoo"],
    "zoo list": ["-m", "zoo.cli.main", "list"],
    "import keras": ["-c", "import keras"],
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=11, help="in turn, after one that does not count")
    given = options.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(1 + given.rounds):
        for name, command in COMMANDS.items():
            seconds[name].append(timed([sys.executable, *command]))
    keras = seconds["import keras"][1:]
    for name, own in seconds.items():
        ratios = sorted(a / b for a, b in zip(keras, own[1:], strict=True))
        spread = f"{statistics.median(ratios):.1f} times as fast as import keras ({ratios[0]:.1f} to {ratios[-1]:.1f})"
        print(f"{name:16} {statistics.median(own[1:]):.3f} s   {spread}")


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
