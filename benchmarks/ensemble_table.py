"""Members, every rule, folds, views at test time and a distilled student, on clean and on shifted images.

Five networks with two seeds each are trained once; what is made of them is scored on the same images, so that
differences are paired. A third of the validation images chooses epochs and fits rules, the others score. What is
trained is kept in ``--out`` and found again, so the run can be stopped and started.

python benchmarks/ensemble_table.py --data FOLDER --weights-dir FOLDER --out runs/table

``--out`` then holds ``members.npz`` for ``auto_safety.py`` and ``answers.npz`` for ``when_not_to_answer.py``.
"""

from __future__ import annotations

import argparse
import csv
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from options import chooser_and_scored, on_real_images
from strange import strangers

import zoo
from ensembles.bootstrap import mean_interval, row_scores
from ensembles.metrics import ece, log_loss
from zoo.augment.corruptions import CORRUPTIONS
from zoo.config import read_config
from zoo.data import Images, Splits, drop_duplicates
from zoo.data.splits import limit
from zoo.evaluation.corrupted_copies import corrupt
from zoo.evaluation.robustness import ShiftScores, score_answers
from zoo.utils.logging import listen

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
NETWORKS = ("mobilenet_025", "mobilenet_v2_035", "mobilenet_v2", "simple_cnn", "simple_cnn_regularized")
SEEDS = 2
RATE = 6e-4  # on 3,000 images: robust.toml's is for four times the steps
STUDENTS = ("mobilenet_025", "mobilenet_v2_035")
SEVERITY = 3  # of the shifted rows in answers.npz
COLUMNS = (
    "name",
    "clean",
    "clean_low",
    "clean_high",
    "shifted",
    "shifted_low",
    "shifted_high",
    "log_loss",
    "ece",
    "d_clean",
    "d_shifted",
)
REFERENCE = "soft"
SHOWN = ("soft", "auto", "best")  # rules of the ensembles with folds and views


@dataclass(frozen=True)
class Data:
    """Images to train on, to choose epochs and fit rules with, and to score with."""

    train: Images
    chooser: Images
    scored: Images

    @property
    def to_fit(self) -> Splits:
        """What an ensemble is fitted on."""
        return Splits(self.train, self.chooser)


def main() -> None:
    given = table_options(__doc__).parse_args()
    listen(logging.INFO)
    splits, _ = drop_duplicates(zoo.load(given.data, decoded=Path(given.out) / "decoded"))
    data = Data(limit(splits.train, given.images), *chooser_and_scored(splits.to_validate()))
    networks = NETWORKS[: given.networks]
    plain = fitted(data, given, networks, SEEDS)
    write_logits(plain, data, Path(given.out))
    others = {
        "folds": fitted(data, given, networks[: given.folded], 1, folds=given.folds),
        "views": fitted(data, given, networks, SEEDS, views="d4"),
    }
    for name, gain in others["views"].gains_.items():
        print(f"views, {name}: {gain}")
    students = {name: plain.distill(zoo.Plan(backbone=name, weights_dir=given.weights_dir)) for name in STUDENTS}
    for distilled in students.values():
        print(f"distilled: {distilled}", flush=True)

    def answers_of(images: Images) -> dict[str, np.ndarray]:
        found = answers(plain)(images)
        for name, ensemble in others.items():
            found |= {f"{name}: {rule}": answer for rule, answer in answers(ensemble)(images).items() if rule in SHOWN}
        for name, distilled in students.items():
            found[f"student: {name}"] = distilled.student.logits(images)
            found[f"alone: {name}"] = distilled.alone.logits(images)
        return found

    kept = limit(data.scored, given.shifted)
    write_table(answers_of(data.scored), score_answers(answers_of, kept), data.scored.labels, Path(given.out))


def answers(ensemble: zoo.Ensemble) -> Callable[[Images], dict[str, np.ndarray]]:
    """Every member's and every rule's logits of images that no rule was fitted on."""

    def of(images: Images) -> dict[str, np.ndarray]:
        logits = ensemble.state_.stored_logits(images)
        own = dict(zip((member.name for member in ensemble.members_), logits, strict=True))
        return own | {name: rule.combine(logits) for name, rule in ensemble.rules_.items()}

    return of


def fitted(data: Data, given: argparse.Namespace, networks: Sequence[str], seeds: int, **how: object) -> zoo.Ensemble:
    file = read_config(CONFIGS / "robust.toml")
    recipe = replace(file.recipe, epochs=given.epochs, learning_rate=RATE)
    ensemble = zoo.Ensemble(
        [f"{name} x{seeds}" for name in networks],
        recipe=recipe,
        head=file.head,
        weights_dir=given.weights_dir,
        store=given.out,
        **how,
    )
    return ensemble.fit(data.to_fit)


def write_logits(ensemble: zoo.Ensemble, data: Data, out: Path) -> None:
    """Keep members' logits for the benchmarks that need no images."""
    fit, test = (ensemble.state_.stored_logits(images) for images in (data.chooser, data.scored))
    labels = np.concatenate([data.chooser.labels, data.scored.labels])
    np.savez(out / "members.npz", logits=np.concatenate([fit, test], axis=1), labels=labels)
    shifted = [ensemble.state_.stored_logits(corrupt(data.scored, kind, SEVERITY)) for kind in CORRUPTIONS]
    np.savez(
        out / "answers.npz",
        logits=fit,
        labels=data.chooser.labels,
        test_logits=test,
        test_labels=data.scored.labels,
        shifted_logits=np.stack(shifted),
        strange_logits=ensemble.member_logits(strangers(data.scored.image_size[0])),
    )


def write_table(
    logits: Mapping[str, np.ndarray], shifted: Mapping[str, ShiftScores], labels: np.ndarray, out: Path
) -> None:
    """Print and keep balanced accuracies with their intervals, and differences from equal weights, which are paired."""
    clean = {name: row_scores(own, labels, "accuracy") for name, own in logits.items()}
    rows = []
    for name, own in clean.items():
        under = shifted[name]
        scores = [mean_interval(own, labels), under.interval]
        apart = [
            mean_interval(own - clean[REFERENCE], labels),
            mean_interval(under.rows - shifted[REFERENCE].rows, under.labels),
        ]
        figures = [figure for score in scores for figure in (score.value, score.low, score.high)]
        figures += [log_loss(logits[name], labels), ece(logits[name], labels)]
        told = [f"{gap.value:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})" for gap in apart]
        rows.append(dict(zip(COLUMNS, [name, *(f"{figure:.4f}" for figure in figures), *told], strict=True)))
        print(" ".join(f"{value:>{24 if column == 'name' else 7}}" for column, value in rows[-1].items()))
    with (out / "ensemble_table.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def table_options(description: str) -> argparse.ArgumentParser:
    options = on_real_images(description, images=3000)
    options.add_argument("--out", required=True)
    options.add_argument("--epochs", type=int, default=12, help="of fine-tuning")
    options.add_argument("--networks", type=int, default=len(NETWORKS), help="how many of the five")
    options.add_argument("--folds", type=int, default=3)
    options.add_argument("--folded", type=int, default=len(NETWORKS), help="networks of which there are folds")
    options.add_argument("--shifted", type=int, default=200, help="of the scored images, corrupt so many")
    return options


if __name__ == "__main__":
    main()
