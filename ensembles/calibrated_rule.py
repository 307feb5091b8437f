"""A rule with calibration before and after it."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.beforehand import check_own_options
from ensembles.calibration import Temperature, VectorScaling
from ensembles.crossval import out_of_fold, with_fixed_hyperparameters
from ensembles.folds import usable_folds
from ensembles.input_warnings import without_warnings
from ensembles.probability_warnings import telling_once
from ensembles.registry import savable
from ensembles.remembered import fit_once
from ensembles.rule import Array, Rule, check_rows, check_rule, check_same_members
from ensembles.shares import numbered
from ensembles.weighted_mean import check_members, for_members

if TYPE_CHECKING:
    from ensembles.layers import Tensor


Calibrator = Temperature | VectorScaling
CALIBRATORS: dict[str, type[Temperature] | type[VectorScaling]] = {
    kind.name: kind for kind in (Temperature, VectorScaling)
}
"""The calibrators by name."""

NONE = "none"
"""The name that stands for no calibrator."""


@savable
@telling_once
@dataclass(kw_only=True, eq=False)
class Calibrated:
    """Calibrate the members, combine them by a rule, and calibrate the combined logits.

    An average is less confident than the members, however these were calibrated, so the combined logits are calibrated
    last (Wu and Gales 2021, arXiv:2101.05397). Their calibrator is fitted on out-of-fold predictions, since a rule's
    predictions of the rows of its own fit are too good; groups stay whole in the folds.

    Args:
        rule: The rule; a copy of it is fitted.
        members: Calibration of each member before the rule: "none", "temperature" or "vector".
        whole: Calibration of the combined logits: "none", "temperature" or "vector".
        seed: The seed of the folds.

    Attributes:
        rule_: The fitted rule.
        before_: The members' calibrators, in order; empty without any.
        after_: A list of the combined logits' calibrator; empty without one.
        shape_: The (members, classes) of the fit.

    Examples:
        >>> from ensembles import Soft, metrics
        >>> random, labels = np.random.default_rng(0), np.arange(300) % 3
        >>> logits = random.normal(size=(4, 300, 3)) + 2 * np.eye(3)[labels]
        >>> plain, rule = Soft().fit(logits, labels), Calibrated(rule=Soft()).fit(logits, labels)
        >>> metrics.ece(rule.combine(logits), labels) < metrics.ece(plain.combine(logits), labels)
        True
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

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit calibrators and rule; see `Rule.fit`.

        Raises:
            ValueError: Also where a calibrator is unknown.
            TypeError: Also where `rule` is not a rule.
        """
        check_rule(self.rule)
        before, after = make_calibrators(self.members), make_calibrators(self.whole)
        logits, labels = check_rows(logits, labels)
        units = None if groups is None else numbered(groups, len(labels), "groups")
        with without_warnings():
            self.before_ = [deepcopy(made).fit(member, labels) for made in before for member in logits]
            calibrated = self._calibrate_members(logits)
            self.rule_ = fit_once(deepcopy(self.rule), calibrated, labels, units)
            combined = [_logits_to_calibrate(self.rule_, calibrated, labels, self.seed, units) for _ in after]
            self.after_ = [made.fit(own, labels) for made, own in zip(after, combined, strict=True)]
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Combine logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same_members(self, logits)
        combined = self.rule_.combine(self._calibrate_members(logits))
        for calibrator in self.after_:
            combined = calibrator.apply(combined)
        return combined

    @property
    def weights_(self) -> Array:
        """The rule's weights; AttributeError where it has none."""
        weights: Array = self.rule_.weights_  # type: ignore[attr-defined]
        return weights

    def with_fixed_hyperparameters(self) -> Self:
        """Return the same around a rule that does not search; see `ensembles.crossval`."""
        return replace(self, rule=with_fixed_hyperparameters(self.rule_))

    def for_members(self, members: Sequence[int]) -> Self:
        """Return the same around a rule of some members; see `ensembles.weighted_mean.for_members`."""
        return replace(self, rule=for_members(self.rule, members))

    def check_members(self, count: int) -> None:
        """Check the rule inside; see `ensembles.weighted_mean.check_members`."""
        check_members(self.rule, count)

    def check_options(self) -> None:
        """Check the rule's options, and the names of the calibrators; raises a ValueError or a TypeError."""
        for name in (self.members, self.whole):
            check_calibrator(name)
        check_own_options(self.rule)

    def check_labels(self, labels: Array, classes: int) -> None:
        """Check that the rule can be fitted on rows of these classes; raises a ValueError."""
        if hasattr(self.rule, "check_labels"):
            self.rule.check_labels(labels, classes)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule and its calibrators as Keras layers; see `ensembles.layers.as_layers`."""
        from ensembles.layers import as_layers

        if self.before_:
            pairs = enumerate(zip(self.before_, member_logits, strict=True))
            member_logits = [made.write_layers(member, f"{name}_member_{index}") for index, (made, member) in pairs]
        if not self.after_:
            return as_layers(self.rule_, member_logits, name)
        combined = as_layers(self.rule_, member_logits, f"{name}_before_calibration")
        return self.after_[0].write_layers(combined, name)

    def _calibrate_members(self, logits: Array) -> Array:
        if not self.before_:
            return logits
        return np.stack([calibrator.apply(member) for calibrator, member in zip(self.before_, logits, strict=True)])


def calibrated(rule: Rule, members: str = NONE, whole: str = "temperature") -> Rule:
    """Put calibration around a rule; where both calibrators are "none", return the rule itself.

    Args:
        rule: The rule to calibrate.
        members: Calibration of each member before the rule: "none", "temperature" or "vector".
        whole: Calibration of the combined logits: "none", "temperature" or "vector".

    Raises:
        ValueError: No calibrator has this name.

    Examples:
        >>> from ensembles import Soft
        >>> calibrated(Soft(), whole="none")
        Soft(over='logits')
        >>> calibrated(Soft())
        Calibrated(rule=Soft(over='logits'), members='none', whole='temperature', seed=0)
    """
    for name in (members, whole):
        check_calibrator(name)
    return rule if members == whole == NONE else Calibrated(rule=rule, members=members, whole=whole)


def check_calibrator(name: str) -> None:
    """Check an option that names a calibrator.

    Raises:
        ValueError: No calibrator has this name, and it is not "none".
    """
    if name not in (NONE, *CALIBRATORS):
        raise ValueError(f"Expected a calibrator among {', '.join((NONE, *CALIBRATORS))}; received {name!r}.")


def make_calibrators(name: str) -> list[Calibrator]:
    """Make a list of the one unfitted calibrator of this name; for "none" the list is empty.

    Raises:
        ValueError: No calibrator has this name.
    """
    check_calibrator(name)
    return [] if name == NONE else [CALIBRATORS[name]()]


def _logits_to_calibrate(rule: Rule, logits: Array, labels: Array, seed: int, units: Array | None) -> Array:
    """Return out-of-fold logits: by groups, or rows where a class has too few.

    The only row of a class is in the fit of every copy. Where no class has two rows, the logits are the rule's own.
    """
    if len(np.unique(labels)) == len(labels):
        return rule.combine(logits)
    own = units if units is not None and usable_folds(labels, 5, units) > 1 else None
    return out_of_fold(with_fixed_hyperparameters(rule), logits, labels, seed=seed, groups=own, singles="train")
