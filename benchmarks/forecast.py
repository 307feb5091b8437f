"""Predicted against true time of small runs: each plan in a process of its own, by CPU seconds or by the clock.

python benchmarks/forecast.py --shared ../shared --cpu
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLANS = {  # name: members, images, how many, options of the ensemble, options of the recipe
    "simple_cnn, drawn": (["simple_cnn"], "demo", 1200, {}, {"head_epochs": 2, "epochs": 4}),
    "two, rand, drawn": (
        ["simple_cnn", "simple_cnn_regularized"],
        "demo",
        600,
        {},
        {"head_epochs": 2, "epochs": 3, "augment": "rand", "batch_size": 16},
    ),
    "simple_cnn, blood": (["simple_cnn"], "blood96", 600, {}, {"head_epochs": 2, "epochs": 3}),
    "folds, drawn": (["simple_cnn"], "demo", 600, {"folds": 3}, {"head_epochs": 1, "epochs": 3}),
    "mobilenet_v2, blood": (["mobilenet_v2"], "blood96", 600, {}, {"head_epochs": 3, "epochs": 3}),
    "mobilenet_v2 frozen": (["mobilenet_v2"], "blood96", 800, {}, {"head_epochs": 8, "epochs": 0}),
}


def main() -> None:
    """Run all plans, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", default="../shared", help="folder of data/blood96 and weights")
    parser.add_argument("--cpu", action="store_true", help="count the process's CPU seconds, not the clock's")
    parser.add_argument("--plan", choices=PLANS, help="this one, in this process")
    asked = parser.parse_args()
    if asked.plan:
        print(json.dumps(one(asked.plan, asked.shared, cpu=asked.cpu)))
        return
    clock = "CPU" if asked.cpu else "the clock"
    print(f"{'plan':24} {'measuring':>9} {'predicted':>9} {'true':>7} {'ratio':>6}  seconds of {clock}")
    for name in PLANS:
        command = [
            sys.executable,
            __file__,
            "--shared",
            asked.shared,
            "--plan",
            name,
            *(["--cpu"] if asked.cpu else []),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        took, ahead, true, stages = json.loads(done.stdout.splitlines()[-1])
        print(f"{name:24} {took:9.1f} {ahead:9.1f} {true:7.1f} {ahead / true:6.2f}  {stages}", flush=True)


def one(name: str, shared: str, *, cpu: bool) -> tuple[float, float, float, dict[str, float]]:
    """Forecast a plan and run it: seconds of the forecast itself, forecast and true seconds, and stages."""
    if cpu:  # everything that measures looks at this clock
        time.perf_counter = time.process_time
    from zoo import Ensemble, Recipe
    from zoo.data import limit, split
    from zoo.data.loading import load
    from zoo.utils.logging import quiet_tensorflow

    quiet_tensorflow()
    members, data, count, options, recipe = PLANS[name]
    images = load("demo") if data == "demo" else load(*some(Path(shared, "data", data), count), image_size=96)
    splits = split(limit(images.train, count, seed=0), validation=0.2)
    with tempfile.TemporaryDirectory() as store:
        made = Recipe(patience=None, **recipe)
        ensemble = Ensemble(members, store=store, recipe=made, weights_dir=Path(shared, "weights"), **options)
        begun = time.perf_counter()
        ahead = ensemble.plan(splits)
        planned = time.perf_counter()
        ensemble.fit(splits)
        over = time.perf_counter()
    stages = {stage: round(own, 1) for stage, own in ahead.seconds.items()}
    trained = sum(member.seconds for member in ensemble.members_)
    return planned - begun, ahead.total, over - planned, {**stages, "trained": round(trained, 1)}


def some(folder: Path, count: int) -> tuple[list[Path], list[str]]:
    """List files and their classes, about so many, without decoding the others."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md")
    chosen = files[:: max(1, len(files) // count)]
    return chosen, [path.parent.name for path in chosen]


if __name__ == "__main__":
    main()
