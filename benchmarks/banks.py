"""Scores on two disjoint banks of shifts: one to choose recipes by, one that reports, and composites in both.

A test set that was taken elsewhere seldom has one fault: it has several moderate ones. So a bank's score is the mean of
its single kinds (a quarter), of its patterns (a quarter) and of composites of two, three and four moderate kinds of the
bank (half). All are balanced accuracies.

python benchmarks/banks.py --sheet sheet.png --data FOLDER      draws every kind, to look at
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import bank_to_choose
import bank_to_report
import numpy as np

import zoo
from ensembles.metrics import balanced_accuracy
from zoo.data import Images
from zoo.data.contact_sheet import contact_sheet
from zoo.data.splits import limit

BANKS = {"choose": bank_to_choose, "report": bank_to_report}
HARD = (0.5, 1.0)  # strengths of single kinds and of patterns
MODERATE = (0.3, 0.6)  # of the parts of a composite
COUNTS = (2, 3, 4)  # of parts of a composite
WEIGHTS = {"single": 0.25, "pattern": 0.25, "composite": 0.5}

Kind = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Shift:
    """One way in which all images are shifted.

    Attributes:
        group: ``single``, ``pattern`` or ``composite``.
        name: of the kind and its strength, or of the number of parts.
        apply: to a picture, with a generator of its own.
    """

    group: str
    name: str
    apply: Callable[[np.ndarray, np.random.Generator], np.ndarray]


def shifts(bank: ModuleType) -> Iterator[Shift]:
    """All shifts of a bank: every kind and pattern at two strengths, and composites."""
    for group, kinds in (("single", bank.KINDS), ("pattern", bank.PATTERNS)):
        for kind in kinds:
            for strength in HARD:
                yield Shift(group, f"{kind.__name__} {strength}", _single(kind, strength))
    for parts in COUNTS:
        yield Shift("composite", f"{parts} parts", _composite(bank.PARTS, parts))


def _single(kind: Kind, strength: float) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    return lambda picture, random: kind(picture, strength, random)


def _composite(kinds: Sequence[Kind], parts: int) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    def apply(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
        for place in random.permutation(len(kinds))[:parts]:
            picture = kinds[place](picture, random.uniform(*MODERATE), random)
        return picture

    return apply


def shifted(images: Images, shift: Shift, *, seed: int = 0) -> Images:
    """Copy labelled images; what is drawn depends on a row and on the seed alone."""
    pixels = images.take(np.arange(len(images)))
    copies = [shift.apply(picture, np.random.default_rng([seed, row])) for row, picture in enumerate(pixels)]
    origins = np.array([f"{shift.name} of {origin}" for origin in images.origins])
    return Images(np.stack(copies), images.labels, images.classes, origins)


def bank_scores(logits_of: Callable[[Images], np.ndarray], images: Images, bank: str) -> dict[str, float]:
    """Score anything that predicts: every shift by its name, the mean of each group, and all as ``bank``."""
    found: dict[str, float] = {}
    groups: dict[str, list[float]] = {group: [] for group in WEIGHTS}
    for shift in shifts(BANKS[bank]):
        score = balanced_accuracy(logits_of(shifted(images, shift)), images.labels)
        found[shift.name] = score
        groups[shift.group].append(score)
    means = {group: float(np.mean(scores)) for group, scores in groups.items()}
    return found | means | {"bank": sum(WEIGHTS[group] * mean for group, mean in means.items())}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", required=True)
    options.add_argument("--sheet", required=True, metavar="FILE.png")
    given = options.parse_args()
    images = limit(zoo.load(given.data).train, 8)
    drawn = [(shift.name, shifted(images, shift)) for bank in BANKS.values() for shift in shifts(bank)]
    pictures = [copy for _, copies in drawn for copy in copies.take(np.arange(len(copies)))]
    names = [name for name, copies in drawn for _ in range(len(copies))]
    print(contact_sheet(pictures, given.sheet, captions=names, columns=16))


if __name__ == "__main__":
    main()
