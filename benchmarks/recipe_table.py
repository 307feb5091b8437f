"""Changes of a recipe against the recipe, on clean and shifted images, paired by seeds.

Members are trained on some training images and scored on others of the training set, with the bank of shifts to choose
by (``banks.py``). ``--report`` scores on the validation images with the bank that reports: once, at the end. What is
trained is kept in ``--out`` and found again.

python benchmarks/recipe_table.py --data FOLDER --weights-dir FOLDER --out runs/recipes \
    --try 'learning_rate=4e-4' --try 'augment="robust", operations=null, learning_rate=4e-4' --seeds 2
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np
from banks import WEIGHTS, bank_scores
from options import chooser_and_scored, on_real_images

import zoo
from ensembles.metrics import balanced_accuracy
from zoo.config import read_config
from zoo.data import Images, Splits, drop_duplicates
from zoo.data.splits import limit
from zoo.evaluation.robustness import shift_scores
from zoo.members.parallel_training import run
from zoo.members.store import Store
from zoo.members.task import Task
from zoo.utils.logging import listen

ROBUST = Path(__file__).resolve().parents[1] / "configs" / "robust.toml"
COLUMNS = ("clean", "suite", *WEIGHTS, "bank")


def main() -> None:
    given = options().parse_args()
    listen(logging.INFO)
    splits, _ = drop_duplicates(zoo.load(given.data, decoded=Path(given.out) / "decoded"))
    train, chooser, scored = divided(splits, given)
    config = read_config(given.config)
    base: dict[str, list[dict[str, float]]] = {}
    print(f"{'recipe':60} {'member':18} {'CPU s':>7} " + " ".join(f"{name:>16}" for name in COLUMNS), flush=True)
    for change in ["", *given.change]:
        recipe = replace(config.recipe, **changes(change))
        for member in given.member:
            rows = [score(recipe, config.head, member, seed, (train, chooser, scored), given) for seed in given.seeds]
            print(line(change or given.config.name, member, rows, base.setdefault(member, rows)), flush=True)


def options() -> argparse.ArgumentParser:
    parser = on_real_images(__doc__, images=3000)
    parser.add_argument("--out", required=True)
    parser.add_argument("--config", type=Path, default=ROBUST, help="the recipe that is changed")
    parser.add_argument("--try", dest="change", action="append", default=[], help="options, as 'a=1, b=\"x\"'")
    parser.add_argument("--member", nargs="+", default=["mobilenet_v2_035"])
    parser.add_argument("--seeds", type=lambda text: range(int(text)), default=range(1), help="how many")
    parser.add_argument("--scored", type=int, default=800, help="images to score on")
    parser.add_argument("--resize", type=int, help="pixels of a side, resized to inside the network")
    parser.add_argument("--report", action="store_true", help="validation images, and the bank that reports")
    return parser


def changes(text: str) -> dict[str, object]:
    """Read ``a=1, b="x"`` as options; values are JSON."""
    if not text:
        return {}
    found: dict[str, object] = {}
    for part in text.split(", "):
        name, value = part.split("=", 1)
        found[name.strip()] = json.loads(value)
    return found


def divided(splits: Splits, given: argparse.Namespace) -> tuple[Images, Images, Images]:
    """Images to train on, to choose the epoch by, and to score on."""
    if given.report:
        chooser, scored = chooser_and_scored(splits.to_validate())
        return limit(splits.train, given.images), chooser, limit(scored, given.scored)
    used = limit(splits.train, given.images, seed=0)
    rest = splits.train.subset(~np.isin(splits.train.origins, used.origins))
    others = limit(rest, given.scored * 3 // 2, seed=1)
    chooser, scored = chooser_and_scored(others)
    return used, chooser, scored


def score(
    recipe: zoo.Recipe,
    head: zoo.Head,
    member: str,
    seed: int,
    data: tuple[Images, Images, Images],
    given: argparse.Namespace,
) -> dict[str, float]:
    """Train a member, or find it, and score it."""
    train, chooser, scored = data
    plan = zoo.Plan(backbone=member, weights_dir=given.weights_dir, head=head, seed=seed, resize=given.resize)
    store = Store(given.out)
    before = process_time()
    (outcome,) = run(
        [Task(plan.completed(len(train.classes), train.image_size), recipe, Splits(train, chooser))], store
    )
    seconds = process_time() - before
    if outcome.reason:
        raise RuntimeError(outcome.reason)
    trained = store.member(outcome.key)
    suite = shift_scores(trained.logits, scored, limit=min(200, len(scored)))
    found = bank_scores(trained.logits, scored, "report" if given.report else "choose")
    clean = balanced_accuracy(trained.logits(scored), scored.labels)
    print(json.dumps({"member": member, "seed": seed, "clean": clean, "suite": suite.shifted, **found}), flush=True)
    return {"seconds": seconds, "clean": clean, "suite": suite.shifted, **found}


def line(name: str, member: str, rows: list[dict[str, float]], base: list[dict[str, float]]) -> str:
    """Means over seeds, each with its difference from the recipe that is changed."""
    cells = []
    for column in COLUMNS:
        mean = np.mean([row[column] for row in rows])
        gain = np.mean([row[column] - other[column] for row, other in zip(rows, base, strict=True)])
        cells.append(f"{mean:.4f}" + (f" ({gain:+.4f})" if rows is not base else ""))
    seconds = np.mean([row["seconds"] for row in rows])
    return f"{name:60} {member:18} {seconds:7.0f} " + " ".join(f"{cell:>16}" for cell in cells)


if __name__ == "__main__":
    main()
