"""Members whose truth is known: logits drawn with the skills, the confidence and the common errors that one chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Drawn = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What to draw rows from.

    Args:
        skills: by how much each member prefers the true class, its noise having size 1; or for each member a skill a
            class.
        sure: each member's logits are multiplied by it, which changes its confidence and not its accuracy.
        common: share of the noise's variance that all members have in common, 0 to 1: rows that are hard for all.
        tails: members with a number here err rarely and then wildly: their noise is Student's t of so many degrees of
            freedom; the others' is normal.
        copies: so many copies of the first member follow the others.
        classes: how many.
        rare: share of rows of the last class; by default all classes are as frequent.
        favours: is added to each member's logit of the first class, which it then predicts too often.
    """

    skills: Sequence[float] | Sequence[Sequence[float]]
    sure: Sequence[float] | None = None
    common: float = 0.5
    tails: Sequence[float | None] | None = None
    copies: int = 0
    classes: int = 8
    rare: float | None = None
    favours: float = 0

    def draw(self, rows: int, random: np.random.Generator) -> Drawn:
        """Return logits (members, rows, classes) float32 and labels (rows,)."""
        labels = self._labels(rows, random)
        members = len(self.skills)
        logits = np.empty((members + self.copies, rows, self.classes), np.float32)
        common = np.sqrt(self.common) * random.standard_normal((rows, self.classes), np.float32)
        for member, skill in enumerate(np.asarray(self.skills, np.float32)):  # one by one: no second array of all
            random.standard_normal(dtype=np.float32, out=logits[member])
            if self.tails and self.tails[member]:
                logits[member] /= np.sqrt(random.chisquare(self.tails[member], rows) / self.tails[member])[:, None]
            logits[member] *= np.sqrt(1 - self.common)
            logits[member] += common
            logits[member, np.arange(rows), labels] += skill if skill.ndim == 0 else skill[labels]
            logits[member, :, 0] += self.favours
            logits[member] *= 1 if self.sure is None else self.sure[member]
        logits[members:] = logits[0]
        return logits, labels

    def _labels(self, rows: int, random: np.random.Generator) -> np.ndarray:
        if self.rare is None:
            return random.integers(0, self.classes, rows)
        shares = np.full(self.classes, (1 - self.rare) / (self.classes - 1))
        shares[-1] = self.rare
        return random.choice(self.classes, rows, p=shares)


WILD = {"tails": (1.5, 1.5, 1.5, None, None), "common": 0.3}  # weights of the least log loss avoid the better ones

SIMULATIONS = {
    "alike": Simulation(skills=(3,) * 5),
    "alike and nearly perfect": Simulation(skills=(4.2,) * 5),
    "alike, unequally sure": Simulation(skills=(3,) * 5, sure=(1, 1, 2, 4, 8)),
    "alike, twenty of them": Simulation(skills=(2,) * 20),
    "a little apart": Simulation(skills=(3.2, 3, 2.8, 2.6, 2.4)),
    "far apart": Simulation(skills=(4, 1.5, 1.5, 1.5, 1.5), common=0.2),
    "one bad": Simulation(skills=(3, 3, 3, 3, 0.5)),
    "one bad and sure of itself": Simulation(skills=(3, 3, 3, 3, -1), sure=(1, 1, 1, 1, 3)),
    "one a copy, twice": Simulation(skills=(2.5, 2.7, 2.7), copies=2),
    "common errors": Simulation(skills=(2.5,) * 5, common=0.95),
    "a class often missing": Simulation(skills=(3, 3, 3, 2, 1), rare=0.01),
    "specialists": Simulation(skills=[[4] * 4 + [1] * 4, [1] * 4 + [4] * 4, [2] * 8]),
    "hard, alike": Simulation(skills=(1.2,) * 5),
    "hard, a little apart": Simulation(skills=(1.4, 1.3, 1.2, 1.1, 1)),
    "hard, unequally sure": Simulation(skills=(1.2,) * 5, sure=(1, 1, 2, 4, 8)),
    "hard, the surest the worst": Simulation(skills=(1.6, 1.5, 1.4, 1.3, 1.2), sure=(1, 1, 1, 2, 3)),
    "hard, twelve of them": Simulation(skills=(0.8,) * 12, common=0.3),
    "log loss misleads": Simulation(**WILD, skills=(5, 5, 5, 2, 2), sure=(0.4, 0.4, 0.4, 1, 1)),
    "log loss misleads a little": Simulation(**WILD, skills=(6, 6, 6, 2, 2)),
    "one alone": Simulation(skills=(3,)),
    "one alone, hard": Simulation(skills=(1.2,)),
    "one alone, a rare class": Simulation(skills=(3,), rare=0.01),
    "one alone, a class too often": Simulation(skills=(3,), favours=1.5),
    "forty classes": Simulation(skills=(3.5, 3.5, 3.5, 1), classes=40),
}
