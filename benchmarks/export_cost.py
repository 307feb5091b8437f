"""What an export costs: seconds, bytes, peak memory, seconds to load; ours against ``keras.Model.export``.

The same networks and weights, each way in a fresh process, in turn: from what was saved to what is exported, reading
included, and of ours its check in another process too. Memory is what the process held at most above what it held once
TensorFlow was imported, in multiples of the float32 weights.

python benchmarks/export_cost.py                        the trio of the second report
python benchmarks/export_cost.py --member mobilenet_v2
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from networks import TRIO, twins

from zoo.utils.logging import quiet_tensorflow

WAYS = ("ours", "keras")
MEGABYTE = 1e6
BEGIN = """
import sys, time
import keras, tensorflow as tf
from zoo import Ensemble
from zoo.utils.timing import peak_memory
source, target = sys.argv[1:]
before = peak_memory()
"""
END = """
print(time.perf_counter() - start, peak_memory() - before)
"""
EXPORT = {
    "ours": """
start = time.perf_counter()
Ensemble.load(source).export(target)
""",
    "keras": """
start = time.perf_counter()
keras.saving.load_model(source).export(target, verbose=False)
""",
}
LOAD = "start = time.perf_counter()\nloaded = tf.saved_model.load(source)"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--member", action="append", help="of the ensemble, instead of the trio")
    options.add_argument("--size", type=int, default=96)
    options.add_argument("--rounds", type=int, default=2)
    given = options.parse_args()
    quiet_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pair = twins(given.member or TRIO, given.size, place / "store")
        weights = 4 * sum(member.parameters for member in pair.ensemble.members_)
        sources = {"ours": pair.ensemble.save(place / "ensemble"), "keras": place / "stock.keras"}
        pair.stock.save(sources["keras"])
        rounds = [
            {way: once(way, sources[way], place / f"{way}_{number}", weights) for way in WAYS}
            for number in range(given.rounds)
        ]
    print(f"{weights / MEGABYTE:.0f} MB of float32 weights, medians of {given.rounds}")
    for name in rounds[0]["ours"]:
        own, other = (statistics.median(figures[way][name] for figures in rounds) for way in WAYS)
        print(f"{name:24} ours {own:8.2f}   keras {other:8.2f}   ours : keras {own / other:.2f}")


def once(way: str, source: Path, target: Path, weights: int) -> dict[str, float]:
    """Export in one fresh process and load in another."""
    seconds, memory = in_fresh_process(EXPORT[way], source, target)
    stored = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    to_load, _ = in_fresh_process(LOAD, target, target)
    return {
        "seconds to export": seconds,
        "bytes : weights": stored / weights,
        "peak memory : weights": memory / weights,
        "seconds to load": to_load,
    }


def in_fresh_process(work: str, source: Path, target: Path) -> tuple[float, float]:
    """Seconds and bytes of some work."""
    command = [sys.executable, "-c", BEGIN + work + END, str(source), str(target)]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1]
    seconds, memory = map(float, told.split())
    return seconds, memory


if __name__ == "__main__":
    main()
