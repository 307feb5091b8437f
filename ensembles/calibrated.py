"""A rule with calibration before and after it."""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.calibration import NONE, Calibrator, make_calibrators
from ensembles.crossval import out_of_fold, settled, usable_folds
from ensembles.rule import Array, Rule, check_rows, check_rule, check_same


@dataclass(kw_only=True, eq=False)
class Calibrated:
    """Calibrate the members, combine them by a rule, and calibrate the whole.

    Averaged answers are less sure than their members, however these were calibrated, so the whole is calibrated last
    (Wu and Gales 2021, arXiv:2101.05397). What calibrates the whole is fitted on answers out of fold: those that
    a rule gives to the rows that it learned from are too good.

    Args:
        rule: the rule; a copy of it is fitted.
        members: before the rule: "none", "temperature" or "vector", one for each member.
        whole: after it: likewise, one.
        seed: of the folds.

    Attributes:
        rule_: the fitted rule.
        before_: the members' calibrators, in order; none where there is none.
        after_: the whole's calibrator, or none likewise; a list of one.
        shape_: (members, classes) of the fit.
    """

    name: ClassVar[str] = "calibrated"

    rule: Rule
    members: str = NONE
    whole: str = "temperature"
    seed: int = 0
    rule_: Rule = field(init=False, repr=False)
    before_: list[Calibrator] = field(init=False, repr=False)
    after_: list[Calibrator] = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Fit all of it; see `Rule.fit`.

        Raises:
            ValueError: also a calibrator that there is not.
            TypeError: also what is no rule.
        """
        check_rule(self.rule)
        before, after = make_calibrators(self.members), make_calibrators(self.whole)
        logits, labels = check_rows(logits, labels)
        self.before_ = [deepcopy(made).fit(member, labels) for made in before for member in logits]
        calibrated = self._before(logits)
        self.rule_ = deepcopy(self.rule).fit(calibrated, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        self.after_ = [made.fit(_fair(self.rule_, calibrated, labels, self.seed), labels) for made in after]
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Combine logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same(self, logits)
        combined = self.rule_.combine(self._before(logits))
        for calibrator in self.after_:
            combined = calibrator.apply(combined)
        return combined

    @property
    def weights_(self) -> Array:
        """The rule's weights; AttributeError where it has none."""
        weights: Array = self.rule_.weights_  # type: ignore[attr-defined]
        return weights

    def settled(self) -> Self:
        """The same around a rule that does not search again; see `ensembles.crossval.settled`."""
        return replace(self, rule=settled(self.rule_))

    def _before(self, logits: Array) -> Array:
        if not self.before_:
            return logits
        return np.stack([calibrator.apply(member) for calibrator, member in zip(self.before_, logits, strict=True)])


def _fair(rule: Rule, logits: Array, labels: Array, seed: int) -> Array:
    """Answers to calibrate: out of fold, where there are rows enough for folds, by copies with the rule's penalty."""
    if usable_folds(labels, 5) < 2:
        return rule.combine(logits)
    return out_of_fold(settled(rule), logits, labels, seed=seed)
