"""A run's members and its answers on clean images, and on both banks of shifts: the table that reports.

The bank that reports is to be looked at once, when members and rules are chosen. Paired intervals compare the run's
answers with its best member on the same shifted images: images are drawn, each with all its copies.

python benchmarks/bank_table.py RUN --data FOLDER --images 600
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from banks import BANKS, WEIGHTS, shifted, shifts

import zoo
from ensembles.metrics import balanced_accuracy
from zoo.data import Images
from zoo.data.splits import limit

DRAWS = 1000


@dataclass(frozen=True)
class Answers:
    """Who is right on what.

    Attributes:
        scores: balanced accuracy by name, a list of one for each shift.
        right: by name, ``(shifts, N)`` whether each copy was predicted rightly.
        groups: of the shifts.
    """

    scores: dict[str, list[float]]
    right: dict[str, np.ndarray]
    groups: list[str]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("run")
    options.add_argument("--data", required=True)
    options.add_argument("--images", type=int, default=600)
    given = options.parse_args()
    ensemble = zoo.Ensemble.load(given.run)
    images = limit(zoo.load(given.data).to_validate(), given.images)
    print(f"{len(images)} images")
    clean = {name: balanced_accuracy(logits, images.labels) for name, logits in logits_of(ensemble, images).items()}
    found = {bank: ask(ensemble, images, module) for bank, module in BANKS.items()}
    print(f"{'name':24} {'clean':>7} " + " ".join(f"{bank} {part:>9}" for bank in BANKS for part in (*WEIGHTS, "all")))
    for name, score in clean.items():
        cells = [value for answers in found.values() for value in summary(answers, name)]
        print(f"{name:24} {score:7.4f} " + " ".join(f"{value:16.4f}" for value in cells))
    for bank, answers in found.items():
        best = max((name for name in clean if name != ensemble.method_), key=lambda one: summary(answers, one)[-1])
        low, high = paired(answers, ensemble.method_, best, images.labels)
        print(f"{bank}: {ensemble.method_} less {best}: {low:+.4f} to {high:+.4f} (95 %, weighed as the bank is)")


def logits_of(ensemble: zoo.Ensemble, images: Images) -> dict[str, np.ndarray]:
    """Logits of the members and of the rule that answers."""
    state = ensemble.state_
    logits = [member.logits(images) for member in ensemble.members_]
    names = [member.name for member in ensemble.members_]
    return {**dict(zip(names, logits, strict=True)), state.method: state.rule().combine(np.stack(logits))}


def ask(ensemble: zoo.Ensemble, images: Images, bank: ModuleType) -> Answers:
    scores: dict[str, list[float]] = {}
    right: dict[str, list[np.ndarray]] = {}
    groups = []
    for shift in shifts(bank):
        groups.append(shift.group)
        for name, logits in logits_of(ensemble, shifted(images, shift)).items():
            scores.setdefault(name, []).append(balanced_accuracy(logits, images.labels))
            right.setdefault(name, []).append(logits.argmax(axis=1) == images.labels)
    return Answers(scores, {name: np.stack(rows) for name, rows in right.items()}, groups)


def summary(answers: Answers, name: str) -> list[float]:
    """The mean of each group, and all as the bank weighs them."""
    own = np.array(answers.scores[name])
    means = {group: own[np.array(answers.groups) == group].mean() for group in WEIGHTS}
    return [*means.values(), sum(WEIGHTS[group] * mean for group, mean in means.items())]


def paired(answers: Answers, one: str, other: str, labels: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a difference of weighed mean recalls, by drawing images of each class."""
    weights = np.array([WEIGHTS[group] / answers.groups.count(group) for group in answers.groups])
    gain = weights @ (answers.right[one].astype(float) - answers.right[other])
    random = np.random.default_rng(0)
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    draws = [np.mean([gain[random.choice(own, len(own))].mean() for own in rows]) for _ in range(DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


if __name__ == "__main__":
    main()
