"""Choice of a rule: equal weights, unless another rule is significantly better."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.bootstrap import difference, fewest_differing_rows, sign_test
from ensembles.calibration import Temperature
from ensembles.crossval import out_of_fold, with_fixed_hyperparameters
from ensembles.folds import usable_folds
from ensembles.metrics import accuracy, log_loss
from ensembles.registry import register, rule_classes
from ensembles.remembered import fit_once
from ensembles.rule import Array, Rule, check_rows, check_same_members
from ensembles.rules.soft import Soft
from ensembles.shares import numbered
from ensembles.suspicions import inside
from ensembles.weighted_mean import Over, check_over

if TYPE_CHECKING:
    from ensembles.layers import Tensor

LEARNED = ("best", "weighted", "greedy", "stacked")
"""The rules that are tried by default: not all, since each one more makes the test of every other one stricter."""


@register(order=100)
@dataclass(kw_only=True, eq=False)
class Auto:
    """Take the rule that is best in cross-validation, but only if it is significantly better than equal weights.

    Every rule predicts each row by a copy that was fitted without it; hyper-parameters alone are those of the fit on
    all rows. Predictions are compared after temperature scaling, so that no rule is preferred for its calibration,
    which any rule can be given. The rule with the least log loss replaces equal weights if two conditions hold:

    - its log loss is lower and its accuracy higher, by the paired bootstrap (`ensembles.bootstrap.difference`);
    - its accuracy is higher by the exact sign test (`ensembles.bootstrap.sign_test`).

    Equal weights are the default because simple averages are hard to beat (Clemen 1989,
    doi:10.1016/0169-2070(89)90012-5). Log loss alone is not enough: where members differ in confidence, weights can
    lower it and cost accuracy. The bootstrap alone is not enough on few rows, where six rows that differ by chance
    make it certain. To try four rules is to have four chances of an error, so each is tested at a fourth of the
    significance level (Bonferroni). Where equal weights err on fewer rows than the sign test needs, 9 by default, no
    rule can pass and none is fitted.

    With groups, whole groups are held out, the bootstrap draws groups, and the sign test counts groups.

    Args:
        over: The space in which members are averaged, "logits" or "probabilities".
        rules: The names of the rules to try beside equal weights.
        confidence: The probability that no rule is taken that is not better, above 0.5, below 1.
        seed: The seed of the folds and of the bootstrap.

    Attributes:
        rule_: The chosen rule, fitted on all rows.
        report_: For each rule tried, its name, its out-of-fold log loss and accuracy, the interval of the difference of
            each from equal weights, and the p-value of the sign test; or the reason why it was not tried.
        shape_: The (members, classes) of the fit.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(300) % 3
        >>> def members(*skills):
        ...     return random.normal(size=(len(skills), 300, 3)) + np.array(skills)[:, None, None] * np.eye(3)[labels]
        >>> Auto().fit(members(2.0, 2.0, 2.0), labels).rule_.name  # members of equal skill
        'soft'
        >>> Auto(rules=("greedy",)).fit(members(2.0, 2.0, -4.0), labels).rule_.name  # one does harm
        'greedy'
    """

    name: ClassVar[str] = "auto"

    over: Over = "logits"
    rules: Sequence[str] = LEARNED
    confidence: float = 0.99
    seed: int = 0
    rule_: Rule = field(init=False, repr=False)
    report_: list[dict[str, Any]] = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Compare the rules and fit the chosen one; see `Rule.fit`.

        Raises:
            ValueError: Also where a rule is unknown, or the confidence is not in the range above.
        """
        self._check_options()
        logits, labels = check_rows(logits, labels)
        units = None if groups is None else numbered(groups, len(labels), "groups")
        with inside():
            self._learn(logits, labels, units)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Combine by the chosen rule; see `Rule.combine`."""
        logits = check_same_members(self, logits)
        return self.rule_.combine(logits)

    @property
    def weights_(self) -> Array:
        """The chosen rule's weights; AttributeError where it has none."""
        weights: Array = self.rule_.weights_  # type: ignore[attr-defined]
        return weights

    def with_fixed_hyperparameters(self) -> Rule:
        """Return the chosen rule, unfitted, with its hyper-parameters; see `ensembles.crossval`."""
        return with_fixed_hyperparameters(self.rule_)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the chosen rule as Keras layers; see `ensembles.layers.as_layers`."""
        from ensembles.layers import as_layers

        return as_layers(self.rule_, member_logits, name)

    @property
    def _level(self) -> float:
        """The significance level of each rule's tests."""
        return (1 - self.confidence) / max(1, len(self.rules))

    def _reason_to_try_none(self, equal: Soft, logits: Array, labels: Array, units: Array | None) -> str | None:
        """Say why no rule can be significantly better, if so."""
        if len(logits) == 1:
            return "there is one member only"
        if usable_folds(labels, 5, units) < 2:
            return f"a class has one {'row' if units is None else 'group'} only, which cannot be held out"
        wrong = equal.combine(logits).argmax(axis=1) != labels
        own = np.arange(len(labels)) if units is None else units
        errors, count, needed = len(np.unique(own[wrong])), len(np.unique(own)), fewest_differing_rows(self._level)
        if errors < needed:
            what = "rows" if units is None else "groups"
            return f"equal weights err on {errors} of {count} {what}; a significant gain needs {needed} or more"
        return None

    def _choose(
        self, equal: Soft, logits: Array, labels: Array, units: Array | None
    ) -> tuple[Rule, list[dict[str, Any]]]:
        fitted, failed = self._fit_all(logits, labels, units)
        rows = self._compare({"soft": equal} | fitted, logits, labels, units)
        better = [row for row in rows if self._is_better(row)]
        chosen = min(better, key=lambda row: row["log_loss"], default={"name": "soft"})["name"]
        return ({"soft": equal} | fitted)[chosen], rows + failed

    def _fit_all(
        self, logits: Array, labels: Array, units: Array | None
    ) -> tuple[dict[str, Rule], list[dict[str, Any]]]:
        """Fit the rules that can be fitted; return them, and a row of the report for each of the others."""
        fitted: dict[str, Rule] = {}
        failed = []
        for name in self.rules:
            try:
                fitted[name] = fit_once(self._make(rule_classes()[name]), logits, labels, units)
            except ValueError as error:  # for example, a stacked rule where a class has no rows
                failed.append({"name": name, "reason": str(error)})
        return fitted, failed

    def _learn(self, logits: Array, labels: Array, units: Array | None) -> None:
        equal = Soft(over=self.over).fit(logits, labels)
        reason = self._reason_to_try_none(equal, logits, labels, units)
        if reason:
            self.rule_, self.report_ = equal, [{"name": name, "reason": reason} for name in self.rules]
        else:
            self.rule_, self.report_ = self._choose(equal, logits, labels, units)

    def _make(self, kind: type[Any]) -> Rule:
        """Make a rule with those of this rule's options that it has."""
        shared = {"over": self.over, "seed": self.seed}
        rule: Rule = kind(**{option.name: shared[option.name] for option in fields(kind) if option.name in shared})
        return rule

    def _compare(
        self, fitted: dict[str, Rule], logits: Array, labels: Array, units: Array | None
    ) -> list[dict[str, Any]]:
        """Score every rule out of fold, with the hyper-parameters of the fit on all rows."""
        predicted = {
            name: out_of_fold(with_fixed_hyperparameters(rule), logits, labels, seed=self.seed, groups=units)
            for name, rule in fitted.items()
        }
        calibrated = {name: Temperature().fit(own, labels).apply(own) for name, own in predicted.items()}
        return [self._row(name, own, calibrated["soft"], labels, units) for name, own in calibrated.items()]

    def _row(self, name: str, logits: Array, equal: Array, labels: Array, units: Array | None) -> dict[str, Any]:
        apart = partial(difference, groups=units, confidence=1 - 2 * self._level, seed=self.seed)
        gains = {score: apart(logits, equal, labels, score) for score in ("log_loss", "accuracy")}
        row: dict[str, Any] = {"name": name, "log_loss": log_loss(logits, labels), "accuracy": accuracy(logits, labels)}
        intervals = {f"{score}_difference": [gain.low, gain.high] for score, gain in gains.items()}
        return row | intervals | {"accuracy_p_value": sign_test(logits, equal, labels, groups=units)}

    def _is_better(self, row: dict[str, Any]) -> bool:
        bootstrap = row["log_loss_difference"][1] < 0 < row["accuracy_difference"][0]
        return bool(bootstrap and row["accuracy_p_value"] <= self._level)

    def _check_options(self) -> None:
        check_over(self.over)
        if not 0.5 < self.confidence < 1:
            raise ValueError(f"Expected a confidence above 0.5, below 1; received {self.confidence!r}.")
        known = [name for name in rule_classes() if name not in (Soft.name, self.name)]
        if isinstance(self.rules, str) or not set(self.rules) <= set(known):
            raise ValueError(
                f"Expected a list of rules to try beside soft, of {', '.join(known)}; received {self.rules!r}."
            )
