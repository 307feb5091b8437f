"""How often intervals of accuracy and of balanced accuracy hold the truth: few rows, few errors or none.

python benchmarks/interval_coverage.py [--sets 400] [--seed 0]

Sets of 20, 50 and 200 rows are drawn with an error rate of 0 to 5 %: of one class for accuracy; of two, four and eight
classes for balanced accuracy, equally large or each half as large as the one before, with errors in all classes alike
or, as many on balance, in the rarest alone; then of many classes of one to three rows, and of patients with ten rows
each, who are right or wrong as a whole. Beside the intervals are those of the percentile bootstrap over rows. Last,
paired gains of one rule over another on patients who differ in them, and of two equally good rules on classes of few
rows, beside those of resampled patients and rows. The wanted coverage is 95 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from ensembles.bootstrap import Interval, mean_interval, share_interval

ROWS = (20, 50, 200)
ERRORS = (0.0, 0.01, 0.02, 0.05)
CLASSES = (2, 4, 8)
MANY = ((1, 20), (1, 100), (2, 20), (2, 100), (3, 40))  # rows of a class, classes
RARE = ((1,) * 40, (2,) * 40, (100, 100, 50, 1, 1), (100, 100, 50, 2, 2), (100, 100, 50, 10, 10), (30,) * 5)
MOST_ERRORS = 0.6  # in the rarest class
RESAMPLES = 400
GROUP = 10  # rows of a patient

Way = Callable[..., Interval]


@dataclass(frozen=True)
class Setting:
    """What sets are drawn with: the class and the group of each row, and the error rate of each class."""

    labels: np.ndarray
    errors: np.ndarray
    groups: np.ndarray | None = None

    @property
    def truth(self) -> float:
        """The balanced accuracy of endless rows."""
        return float(1 - self.errors.mean())

    def draw(self, random: np.random.Generator) -> np.ndarray:
        """Say which rows are right."""
        if self.groups is None:
            return (random.random(len(self.labels)) >= self.errors[self.labels]).astype(float)
        return (random.random(self.groups.max() + 1) >= self.errors[0])[self.groups].astype(float)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sets", type=int, default=400, help="sets drawn for each setting")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    columns = "".join(f"{f'{error:.0%} errors':>20}" for error in ERRORS)
    print(f"coverage and mean width; in brackets the percentile bootstrap's\n{'':<44}{columns}")
    for name, settings in tables():
        cells = "".join(f"{cell(setting, given.sets, given.seed):>20}" for setting in settings)
        print(f"{name:<44}{cells}", flush=True)
    for patients in (4, 6, 10, 30):
        print(f"gains, {patients} patients of {GROUP} rows".ljust(44) + gains(patients, given.sets, given.seed))
    for sizes in RARE:
        print(f"gains, classes of {named(sizes)} rows".ljust(44) + gains_of_classes(sizes, given.sets, given.seed))


def gains(patients: int, sets: int, seed: int) -> str:
    """Draw gains of rows, each -1, 0 or 1, whose mean differs from patient to patient; the true mean is 0."""
    random, groups = np.random.default_rng(seed), np.arange(patients * GROUP) // GROUP
    held, wide, held_before = 0, 0.0, 0
    for _ in range(sets):
        of_patient = random.normal(0, 0.1, patients)
        rows = np.sign(of_patient[groups] + random.normal(0, 0.3, len(groups))) * (random.random(len(groups)) < 0.3)
        found = mean_interval(rows, groups=groups)
        held += holds(found, 0)
        wide += found.high - found.low
        means = rows.reshape(patients, GROUP).mean(axis=1)
        held_before += holds(resampled(means), 0)
    return f"{f'{held / sets:.3f} {wide / sets:.3f} ({held_before / sets:.2f})':>20}"


def gains_of_classes(sizes: tuple[int, ...], sets: int, seed: int) -> str:
    """Draw gains of two rules that are right on 85 % of the rows each; the true gain is 0."""
    random, labels = np.random.default_rng(seed), np.repeat(np.arange(len(sizes)), sizes)
    held, wide, held_before = 0, 0.0, 0
    for _ in range(sets):
        one, other = random.random((2, len(labels))) < 0.85
        found = mean_interval(one.astype(float) - other, labels)
        held += holds(found, 0)
        wide += found.high - found.low
        held_before += holds(resampled(one.astype(float) - other, labels), 0)
    return f"{f'{held / sets:.3f} {wide / sets:.3f} ({held_before / sets:.2f})':>20}"


def named(sizes: tuple[int, ...]) -> str:
    """Describe the sizes of classes."""
    return f"{sizes[0]} ({len(sizes)} times)" if len(set(sizes)) == 1 else ", ".join(map(str, sizes))


def resampled(scores: np.ndarray, labels: np.ndarray | None = None, *, seed: int = 0) -> Interval:
    """The percentile bootstrap's interval over rows of each class."""
    random, labels = np.random.default_rng(seed), np.zeros(len(scores), int) if labels is None else labels
    classes = [scores[labels == label] for label in np.unique(labels)]
    drawn = [own[random.integers(0, len(own), (RESAMPLES, len(own)))].mean(axis=1) for own in classes]
    low, high = np.quantile(np.mean(drawn, axis=0), [0.025, 0.975])
    return Interval(float(np.mean([own.mean() for own in classes])), float(low), float(high))


def tables() -> Iterator[tuple[str, list[Setting]]]:
    """Name the lines, with a setting for each error rate."""
    for rows in ROWS:
        yield f"accuracy, {rows} rows", [Setting(np.zeros(rows, int), np.array([error])) for error in ERRORS]
    for rows in ROWS:
        for classes in CLASSES:
            for name, sizes in (("even", even(rows, classes)), ("skewed", skewed(rows, classes))):
                labels = np.repeat(np.arange(classes), sizes)
                for where, spread in (("all", everywhere), ("rarest", in_the_rarest)):
                    title = f"balanced, {rows} rows, {classes} {name}, errors {where}"
                    yield title, [Setting(labels, spread(error, classes)) for error in ERRORS]
    for rows, classes in MANY:
        title = f"balanced, {classes} classes of {rows}"
        labels = np.repeat(np.arange(classes), rows)
        yield title, [Setting(labels, everywhere(error, classes)) for error in ERRORS]
    for patients in (10, 20, 40):
        groups = np.arange(patients * GROUP) // GROUP
        labels = groups % 2
        title = f"balanced, {patients} patients of {GROUP} rows"
        yield title, [Setting(labels, everywhere(error, 2), groups) for error in ERRORS]


def even(rows: int, classes: int) -> np.ndarray:
    return np.full(classes, rows // classes) + (np.arange(classes) < rows % classes)


def skewed(rows: int, classes: int) -> np.ndarray:
    """Halve the size from class to class, down to two rows."""
    shares = 0.5 ** np.arange(classes)
    return np.maximum(2, (rows * shares / shares.sum()).astype(int))


def everywhere(error: float, classes: int) -> np.ndarray:
    return np.full(classes, error)


def in_the_rarest(error: float, classes: int) -> np.ndarray:
    errors = np.zeros(classes)
    errors[-1] = min(MOST_ERRORS, error * classes)
    return errors


def cell(setting: Setting, sets: int, seed: int) -> str:
    """Draw sets, and say how often each way's interval holds the truth, and how wide it is."""
    random = np.random.default_rng(seed)
    labels = None if len(setting.errors) == 1 else setting.labels
    ours = partial(share_interval, labels=labels, groups=setting.groups, resamples=RESAMPLES)
    before = partial(resampled, labels=labels)
    held, wide, held_before = 0, 0.0, 0
    for number in range(sets):
        right = setting.draw(random)
        found = ours(right, seed=number)
        held += holds(found, setting.truth)
        wide += found.high - found.low
        if number < sets // 4:  # it takes longer
            held_before += holds(before(right, seed=number), setting.truth)
    return f"{held / sets:.3f} {wide / sets:.3f} ({held_before / (sets // 4):.2f})"


def holds(found: Interval, truth: float) -> bool:
    return found.low - 1e-9 <= truth <= found.high + 1e-9


if __name__ == "__main__":
    main()
