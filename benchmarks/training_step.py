"""A training step, backward pass included: the library's, stock Keras', PyTorch's with timm; a process each, in turn.

The library trains a member as `zoo fit` does, and Keras the network that `keras.applications` builds by
`keras.Model.fit` on arrays. PyTorch trains timm's network of the same architecture, as it is and by `torch.compile`.
All have the same optimizer, clipping, images, batches and threads. An epoch and a step go before what is measured.
The library's network and Keras' are also compared by their logits on the same weights.

python benchmarks/training_step.py                                             without PyTorch
python benchmarks/training_step.py --torch /elsewhere/bin/python               that has torch and timm
python benchmarks/training_step.py --member convnext_tiny --batch 8 --trains head
KERAS_BACKEND=jax python benchmarks/training_step.py --batch 64                where JAX and a GPU are there
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from compare import told_ratios

MEMBERS = ("simple_cnn", "mobilenet_v2", "efficientnet_v2_b0", "convnext_tiny")
OURS, KERAS, EAGER, COMPILED = "zoo", "keras.Model.fit", "PyTorch", "torch.compile"
THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
NO_TORCH = "PyTorch is left out: give --torch the Python of an environment with `pip install torch timm`"
HERE = Path(__file__).parent
Counters = dict[str, float]


def main() -> None:
    given = options().parse_args()
    os.environ.update(dict.fromkeys(THREADS, str(given.threads)))  # which every process here inherits
    if not given.torch:
        print(NO_TORCH)
    for member in given.member or MEMBERS:
        how = f"{given.size} px, batches of {given.batch}, threads {given.threads}, {given.trains} trains"
        print(f"{member}, {how}; {logits(member, given)}", flush=True)
        measure({way: command(way, member, given) for way in ways(given)}, given)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--member", action="append", help=f"by default {', '.join(MEMBERS)}")
    parser.add_argument("--trains", choices=("all", "all-but-norms", "head"), default="all")
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=10, help="that are measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="of a step; 1 is the surest on a busy machine"
    )
    parser.add_argument("--torch", metavar="PYTHON", help="the Python of an environment that has torch and timm")
    return parser


def ways(given: argparse.Namespace) -> list[str]:
    return [OURS, KERAS] + ([EAGER, COMPILED] if given.torch else [])


def command(way: str, member: str, given: argparse.Namespace) -> list[str]:
    of_torch = way in (EAGER, COMPILED)
    python, script = (given.torch, "steps_torch.py") if of_torch else (sys.executable, "steps_keras.py")
    how = ["--compile"] if way == COMPILED else ["--stock"] if way == KERAS else []
    numbers = ["--size", given.size, "--batch", given.batch, "--steps", given.steps]
    return [python, str(HERE / script), member, "--trains", given.trains, *map(str, numbers), *how]


def logits(member: str, given: argparse.Namespace) -> str:
    asked = [sys.executable, str(HERE / "steps_keras.py"), member, "--size", str(given.size), "--difference"]
    return f"logits of zoo and Keras differ by {answer(asked):.1e} at most"


def measure(commands: dict[str, list[str]], given: argparse.Namespace) -> None:
    """Run all ways in turn, and print what each used, and how many times as fast the library is."""
    used: dict[str, list[Counters]] = {way: [] for way in commands}
    loads = []
    for _ in range(given.rounds):
        for way, asked in commands.items():
            loads.append(os.getloadavg()[0])
            used[way].append(answer(asked))
    print(f"  {os.cpu_count()} cores, of which other work and this took {min(loads):.1f} to {max(loads):.1f}")
    for way, rounds in used.items():
        print(f"  {way:16} {told(rounds, given)}", flush=True)
    for way in [way for way in used if way != OURS]:
        print(f"  zoo against {way:16} {ratios(used[OURS], used[way])}", flush=True)


def answer(asked: Sequence[str]) -> Any:
    """What a process prints last, as JSON; ends where it fails."""
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(asked)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def told(rounds: Sequence[Counters], given: argparse.Namespace) -> str:
    """Medians, and the range of images/s."""
    speeds = sorted(given.batch * given.steps / one["seconds"] for one in rounds)
    step = {name: statistics.median(one[name] for one in rounds) / given.steps for name in rounds[0]}
    return (
        f"{statistics.median(speeds):6.1f} images/s ({speeds[0]:.1f} to {speeds[-1]:.1f}); a step: "
        f"{step['user'] + step['system']:6.3f} CPU s, {step['system']:.3f} of them the system's, "
        f"{step['faults']:,.0f} faults; peak memory {step['peak'] * given.steps / 1e9:.2f} GB"
    )


def ratios(ours: Sequence[Counters], theirs: Sequence[Counters]) -> str:
    by_clock = told_ratios([one["seconds"] for one in ours], [one["seconds"] for one in theirs])
    by_cpu = told_ratios(list(map(cpu, ours)), list(map(cpu, theirs)))
    return f"by CPU seconds {by_cpu}; by the clock {by_clock}"


def cpu(used: Counters) -> float:
    return used["user"] + used["system"]


if __name__ == "__main__":
    main()
