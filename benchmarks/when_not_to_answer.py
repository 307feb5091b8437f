"""What abstention and conformal sets keep of their promises: on clean rows, on shifted ones, on images of no class.

python benchmarks/when_not_to_answer.py members.npz [--rule auto] [--error 0.01]

The file holds ``logits`` (members, samples, classes) and ``labels`` of rows to fit on, ``test_logits`` and
``test_labels`` of others, and, if there are any, ``shifted_logits`` (kinds, members, samples, classes) of the test rows
and ``strange_logits`` (members, samples, classes) of images that are none of the classes. The answer is calibrated;
what limits are chosen by is out of fold.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from ensembles import RULES, Calibrated, Conformal, Rule, choose_abstention, make_rule, out_of_fold, uncertainty
from ensembles.conformal import coverage
from ensembles.crossval import with_fixed_hyperparameters

MEASURES = ("entropy", "max_softmax", "energy", "mutual_information")
CONFIDENCES = (None, 0.95)
COVERAGES = (0.95, 0.99)


@dataclass(frozen=True)
class Rows:
    """Some rows: the members' logits, the one answer, and the labels, None where there is no right answer."""

    name: str
    members: np.ndarray
    answer: np.ndarray
    labels: np.ndarray | None

    @property
    def right(self) -> np.ndarray:
        """Say of each row whether the answer is the label."""
        return self.answer.argmax(axis=1) == self.labels

    def unsure(self, measure: str) -> np.ndarray:
        """Return the uncertainty of each row; the members' disagreement is theirs, the others the answer's."""
        of_members = measure == "mutual_information"
        return getattr(uncertainty, measure)(self.members if of_members else self.answer)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file")
    options.add_argument("--rule", default="soft", choices=RULES)
    options.add_argument("--error", type=float, default=0.01, help="wanted among the answered")
    given = options.parse_args()
    with np.load(given.file) as file:
        arrays = dict(file)
    rule = Calibrated(rule=make_rule(given.rule)).fit(arrays["logits"], arrays["labels"])
    fair = out_of_fold(with_fixed_hyperparameters(rule), arrays["logits"], arrays["labels"])
    chooser = Rows("choosing", arrays["logits"], fair, arrays["labels"])
    scored = to_score(rule, arrays)
    print(f"rule {given.rule}; " + "; ".join(described(rows) for rows in (chooser, *scored)))
    print_abstention(chooser, scored, given.error)
    print_sets(chooser, scored)


def to_score(rule: Rule, arrays: dict[str, np.ndarray]) -> list[Rows]:
    """Answer what the file has beside the rows to fit on; kinds of shift one after another."""
    found = {"test": (arrays["test_logits"], arrays["test_labels"])}
    if "shifted_logits" in arrays:
        kinds = arrays["shifted_logits"]
        found["shifted"] = (np.concatenate(list(kinds), axis=1), np.tile(arrays["test_labels"], len(kinds)))
    if "strange_logits" in arrays:
        found["strange"] = (arrays["strange_logits"], None)
    return [Rows(name, members, rule.combine(members), labels) for name, (members, labels) in found.items()]


def described(rows: Rows) -> str:
    error = "" if rows.labels is None else f", {1 - rows.right.mean():.2%} wrong"
    return f"{rows.name}: {len(rows.answer):,} rows{error}"


def print_abstention(chooser: Rows, scored: list[Rows], error: float) -> None:
    """Print a line for each measure, with and without confidence."""
    columns = "".join(f"{rows.name:>12} answered" + " wrong" * (rows.labels is not None) for rows in (chooser, *scored))
    print(f"\n{f'abstain={error}':<20}{'confidence':>11}{'threshold':>11}{columns}")
    for measure in MEASURES:
        for confidence in CONFIDENCES:
            limit = choose_abstention(chooser.unsure(measure), chooser.right, error, confidence=confidence)
            cells = "".join(kept(rows, limit.accepts(rows.unsure(measure))) for rows in (chooser, *scored))
            print(f"{measure:<20}{confidence or '-':>11}{limit.threshold:>11.5f}{cells}")


def kept(rows: Rows, accepts: np.ndarray) -> str:
    """Say which share is answered, and which share of that is wrong."""
    answered = f"{accepts.mean():>21.1%}"
    if rows.labels is None:
        return answered
    return answered + (f"{1 - rows.right[accepts].mean():>6.2%}" if accepts.any() else f"{'-':>6}")


def print_sets(chooser: Rows, scored: list[Rows]) -> None:
    """Print coverage and mean size, and how many sets are empty; of strange rows how many are not one class alone."""
    columns = "".join(
        f"{rows.name:>12} " + ("not one" if rows.labels is None else "covered  size empty") for rows in scored
    )
    print(f"\n{'conformal sets':<20}{columns}")
    for score in ("lac", "aps"):
        for wanted in COVERAGES:
            rule = Conformal(coverage=wanted, score=score).fit(chooser.answer, chooser.labels)
            print(f"{f'{score}, {wanted}':<20}" + "".join(held(rows, rule.sets(rows.answer)) for rows in scored))


def held(rows: Rows, sets: np.ndarray) -> str:
    sizes = sets.sum(axis=1)
    if rows.labels is None:
        return f"{np.mean(sizes != 1):>20.1%}"
    return f"{coverage(sets, rows.labels):>20.2%}{sizes.mean():>6.2f}{np.mean(sizes == 0):>6.1%}"


if __name__ == "__main__":
    main()
