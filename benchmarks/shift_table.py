"""The same members under four recipes: balanced accuracy on clean and on shifted images, with the spread over seeds.

Plain fine-tuning without augmentation, the two reports' styles (their configurations' recipes and heads, on networks
that two CPU cores can train), and ours (configs/robust.toml's recipe). ``shifted`` is the mean over all corruptions,
``bank`` over the bank of shifts that reports (``banks.py``), of which no recipe has a relative. What is trained is kept
in ``--out`` and found again, so the run can be stopped and started.

python benchmarks/shift_table.py --data FOLDER --weights-dir FOLDER --out runs/shift
"""

from __future__ import annotations

import argparse
import csv
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from banks import bank_scores
from options import chooser_and_scored, on_real_images

import zoo
from zoo.config import read_config
from zoo.data import Images, Splits, drop_duplicates
from zoo.data.splits import limit
from zoo.evaluation.robustness import ShiftScores, shift_scores
from zoo.members.parallel_training import run
from zoo.members.store import Store
from zoo.members.task import Task
from zoo.utils.logging import listen

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
RATE = 6e-4  # of ours, on 3,000 images: robust.toml's is for four times the steps
MEMBERS = {"mobilenet_025": 3, "mobilenet_v2_035": 3, "mobilenet_v2": 1}  # and how many seeds


@dataclass(frozen=True)
class Style:
    """How members are trained."""

    recipe: zoo.Recipe
    head: zoo.Head


@dataclass(frozen=True)
class Data:
    """Images to train on, to choose the best epoch with, and to score with."""

    train: Images
    chooser: Images
    scored: Images


@dataclass(frozen=True)
class Scores:
    """Balanced accuracies: of the suite, and of the bank that reports."""

    suite: ShiftScores
    bank: float


def main() -> None:
    options = on_real_images(__doc__, images=3000)
    options.add_argument("--out", required=True)
    options.add_argument("--epochs", type=int, default=20, help="of fine-tuning, for plain and ours")
    options.add_argument("--shifted", type=int, help="corrupt so many of the scored images; by default all")
    options.add_argument("--style", action="append", help="of plain, hyperbee, nopainnotrain, ours; by default all")
    given = options.parse_args()
    listen(logging.INFO)
    splits, _ = drop_duplicates(zoo.load(given.data, decoded=Path(given.out) / "decoded"))
    data = Data(limit(splits.train, given.images), *chooser_and_scored(splits.to_validate()))
    known = styles(given.epochs)
    chosen = {name: style for name, style in known.items() if name in (given.style or known)}
    rows = []
    for name, style in chosen.items():
        for member, seeds in MEMBERS.items():
            scores = [score(style, member, seed, data, given) for seed in range(seeds)]
            rows.append(row(name, member, scores))
            print(" ".join(f"{value:>20}" for value in rows[-1].values()), flush=True)
    with (Path(given.out) / "shift_table.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def styles(epochs: int) -> dict[str, Style]:
    """The second report's high-pass filter is left out: it belongs to the members, which are to be the same."""
    files = {name: read_config(CONFIGS / f"{name}.toml") for name in ("hyperbee", "nopainnotrain", "robust")}
    robust = files.pop("robust")
    ours = Style(replace(robust.recipe, epochs=epochs, learning_rate=RATE), robust.head)
    reports = {name: Style(replace(file.recipe, precision="float32"), file.head) for name, file in files.items()}
    unaugmented = replace(robust.recipe, epochs=epochs, augment="none", operations=None, validate="clean")
    plain = Style(unaugmented, robust.head)
    return {"plain": plain, **reports, "ours": ours}


def score(style: Style, member: str, seed: int, data: Data, given: argparse.Namespace) -> Scores:
    """Train a member, or find it, and score it."""
    plan = zoo.Plan(backbone=member, weights_dir=given.weights_dir, head=style.head, seed=seed)
    store = Store(given.out)
    completed = plan.completed(len(data.train.classes), data.train.image_size)
    (outcome,) = run([Task(completed, style.recipe, Splits(data.train, data.chooser))], store)
    if outcome.reason:
        raise RuntimeError(outcome.reason)
    trained = store.member(outcome.key)

    def answers(images: Images) -> np.ndarray:
        return store.logits(outcome.key, images, trained)

    bank = bank_scores(trained.logits, data.scored, "report")["bank"]
    return Scores(shift_scores(answers, data.scored, limit=given.shifted), bank)


def row(style: str, member: str, scores: list[Scores]) -> dict[str, str]:
    return {
        "style": style,
        "member": member,
        "clean": spread([score.suite.clean for score in scores]),
        "shifted": spread([score.suite.shifted for score in scores]),
        "bank": spread([score.bank for score in scores]),
        "worst": f"{np.mean([score.suite.worst for score in scores]):.3f}",
        "worst_kind": scores[0].suite.worst_kind,
    }


def spread(values: list[float]) -> str:
    lowest, highest = min(values), max(values)
    return f"{np.mean(values):.4f}" + (f" ({lowest:.3f}-{highest:.3f})" if len(values) > 1 else "")


if __name__ == "__main__":
    main()
