"""Seconds and memory of every rule on 20 members x 100,000 rows x 10 classes, and greedy against AutoGluon's selection.

python benchmarks/rules_speed.py
python benchmarks/rules_speed.py --bars [--data FOLDER]

The second prints CPU seconds of what people wait for: `auto` on many rows and on few, and, with a folder of images by
class, a fit of three members that has nothing to do, and `zoo diversity` (`unchanged_fit.py`).

Each rule runs in a process of its own, so that its peak is its own. AutoGluon is heavy and needed for nothing else, so
it has an environment of its own, to which this folder lends ``ensembles``:

python3.11 -m venv autogluon && autogluon/bin/pip install autogluon.core numpy scipy scikit-learn
PYTHONPATH=. autogluon/bin/python benchmarks/rules_speed.py
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from apart import done_apart
from compare import compare
from simulated import Simulation
from unchanged_fit import unchanged

from ensembles import RULES, Greedy, Rule, make_rule
from ensembles.metrics import log_loss, softmax
from zoo.utils.timing import peak_memory

MEMBERS, ROWS, CLASSES = 20, 100_000, 10
ROUNDS = 25
MEGABYTE = 1e6
LIBRARIES = ("scipy.optimize", "scipy.stats", "sklearn.linear_model", "sklearn.model_selection")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rule", action="append", choices=RULES, help="by default all")
    options.add_argument("--rows", type=int, default=ROWS, help=f"{ROWS:,} by default")
    options.add_argument("--alone", choices=[*RULES, "autogluon"], help=argparse.SUPPRESS)
    options.add_argument("--bars", action="store_true", help="print four rows, and leave the others out")
    options.add_argument("--data", help="with --bars: a folder of images by class")
    given = options.parse_args()
    if given.bars:
        print_bars(given.data)
    elif given.alone == "autogluon":
        against_autogluon(*arrays(given.rows))
    elif given.alone:
        print(cost_of(make_rule(given.alone), given.rows))
    else:
        every_rule(given.rule or RULES, given.rows)


def print_bars(data: str | None) -> None:
    """Print CPU seconds, each of a process of its own, and what is allowed."""
    for shape, allowed in ((MEMBERS, ROWS, CLASSES), 10), ((10, 1000, 8), 2):
        seconds = done_apart(seconds_of_auto, *shape)
        print(f"auto, {shape[0]} members x {shape[1]:,} rows x {shape[2]} classes: {seconds:.2f} s, allowed {allowed}")
    if data is None:
        print("no --data: an unchanged fit and diversity are left out")
        return
    for name, seconds in unchanged(Path(data)).items():
        print(f"{name}: {seconds:.2f} s above importing TensorFlow, allowed 3", flush=True)


def seconds_of_auto(members: int, rows: int, classes: int) -> float:
    """CPU seconds of `auto`, with SciPy and scikit-learn imported before."""
    for library in LIBRARIES:
        import_module(library)
    logits, labels = arrays(rows, members, classes)
    before = time.process_time()
    make_rule("auto").fit(logits, labels)
    return time.process_time() - before


def every_rule(names: list[str], rows: int) -> None:
    """Start a process for each rule, and one for the comparison, where it can be made."""
    size = MEMBERS * rows * CLASSES * 4 / MEGABYTE
    print(f"{MEMBERS} members x {rows:,} rows x {CLASSES} classes, float32: {size:.0f} MB")
    print(f"{'rule':<10}{'fit':>10}{'combine':>10}{'peak':>10}{'above the arrays and libraries':>34}")
    for name in names:
        print(f"{name:<10}{_alone(name, rows)}", flush=True)
    if find_spec("autogluon"):
        print(_alone("autogluon", rows))
    else:
        print(f"no AutoGluon to compare with in this environment; see {sys.argv[0]} --help")


def arrays(rows: int, members: int = MEMBERS, classes: int = CLASSES) -> tuple[np.ndarray, np.ndarray]:
    """Logits (members, rows, classes) float32 of members of different skill, and labels."""
    simulation = Simulation(skills=np.linspace(1, 2.5, members), classes=classes)
    return simulation.draw(rows, np.random.default_rng(0))


def cost_of(rule: Rule, rows: int) -> str:
    """Fit and combine; the memory that arrays and libraries had taken before is told apart."""
    for library in LIBRARIES:
        import_module(library)
    logits, labels = arrays(rows)
    before, start = peak_memory(), time.perf_counter()
    rule.fit(logits, labels)
    fitted = time.perf_counter()
    rule.combine(logits)
    combined, peak = time.perf_counter(), peak_memory()
    memory = f"{peak / MEGABYTE:>7.0f} MB{(peak - before) / MEGABYTE:>31.0f} MB" if peak and before else ""
    return f"{fitted - start:>8.2f} s{combined - fitted:>8.2f} s{memory}"


def against_autogluon(logits: np.ndarray, labels: np.ndarray) -> None:
    """Time and compare: the same selection, over probabilities from an empty start, and ours as it comes."""
    from autogluon.core.metrics import log_loss as scorer
    from autogluon.core.models.greedy_ensemble.ensemble_selection import EnsembleSelection

    answers = list(softmax(logits))

    def theirs() -> EnsembleSelection:
        return EnsembleSelection(ROUNDS, "multiclass", scorer).fit(answers, labels)

    ours = {
        "greedy, their way": Greedy(rounds=ROUNDS, over="probabilities", sorted_start=False),
        "greedy, as it comes": Greedy(rounds=ROUNDS),
    }
    for name, rule in ours.items():
        compare(f"{name} : AutoGluon", lambda rule=rule: rule.fit(logits, labels), theirs, rounds=3)
    weights = theirs().weights_
    mean = np.log(np.tensordot(weights, answers, axes=1))
    print(f"log loss: AutoGluon {log_loss(mean, labels):.7f}")
    for name, rule in ours.items():
        apart = np.abs(rule.weights_ - weights).max()
        print(f"  {name}: {log_loss(rule.combine(logits), labels):.7f}; weights differ by {apart:.3f} at most")


def _alone(name: str, rows: int) -> str:
    command = [sys.executable, __file__, "--alone", name, "--rows", str(rows)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip()


if __name__ == "__main__":
    main()
