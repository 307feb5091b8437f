"""Choice of a rule: equal weights, unless another rule is surely better."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

from numpy.typing import ArrayLike

from ensembles.calibration import Temperature
from ensembles.comparison import compared, explained
from ensembles.crossval import out_of_fold, with_fixed_hyperparameters
from ensembles.folds import usable_folds
from ensembles.input_warnings import without_warnings
from ensembles.penalties import MOST_ROWS
from ensembles.registry import register, rule_classes
from ensembles.remembered import fit_once
from ensembles.rule import Array, Rule, check_fitted, check_rows, check_same_members
from ensembles.rules.soft import Soft
from ensembles.shares import numbered
from ensembles.weighted_mean import Over, check_over

if TYPE_CHECKING:
    from ensembles.layers import Tensor

LEARNED = ("best", "weighted", "greedy", "stacked")
"""The rules that are tried by default: not all, since each one more makes the test of every other one stricter."""

STRONG, STRONGER = 10, 100
"""E-values that rules need to replace equal weights: those that are weighted means, and others."""

RIGHT = 0.25
"""The largest p-value of the sign test of rows that one of the two gets right: two rows of two, or four of five."""

FOLDS, FOLDS_OF_MANY = 5, 2
"""Folds by which rules are compared; a copy that is fitted on half of very many rows lacks none."""


@register(order=100)
@dataclass(kw_only=True, eq=False)
class Auto:
    """Take the rule that is best in cross-validation, but only if it is surely better than equal weights.

    Every rule predicts each row by a copy that was fitted without it; hyper-parameters alone are those of the fit on
    all rows. Predictions are compared after temperature scaling, so that no rule is preferred for its calibration,
    which any rule can be given. The rule with the least log loss replaces equal weights if three things agree:

    - its log loss is lower, by a t-test of the rows' differences at the level 1 - `confidence`, divided by the number
      of rules tried (Bonferroni);
    - the evidence that it is right more often, by how right each row is, is strong: an e-value of `STRONG` for weighted
      means, and of `STRONGER` for others, which can be wrong in more ways (`ensembles.evidence`);
    - its accuracy is higher on these rows, by a sign test at the level `RIGHT`: by two rows at least.

    Equal weights are the default because simple averages are hard to beat (Clemen 1989,
    doi:10.1016/0169-2070(89)90012-5). Log loss alone is not enough: where members differ in confidence, weights can
    lower it and cost accuracy. Right and wrong alone say little where few rows are wrong, though many rows show by
    their margins which rule errs less.

    A member that is alone is compared with rules that are no weighted means, such as a stacked one: they correct a
    member that predicts one class too often.

    With groups, whole groups are held out, and each group is evidence once.

    Args:
        over: The space in which members are averaged, "logits" or "probabilities".
        rules: The names of the rules to try beside equal weights.
        confidence: That of the test of log loss, above 0.5, below 1.
        seed: The seed of the folds.

    Attributes:
        rule_: The chosen rule, fitted on all rows.
        report_: For equal weights and each rule tried, its name, its out-of-fold log loss and accuracy, and, against
            equal weights, the p-values of its log loss and of the sign test, and its e-value; or the reason why it was
            not tried.
        shape_: The (members, classes) of the fit.

    Examples:
        >>> import numpy as np
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
        self.check_options()
        logits, labels = check_rows(logits, labels)
        units = None if groups is None else numbered(groups, len(labels), "groups")
        with without_warnings():
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

    def explain(self) -> str:
        """Say in a line what was chosen and why.

        Examples:
            >>> import numpy as np
            >>> labels = np.arange(60) % 2
            >>> Auto().fit(3.0 * np.eye(2)[[labels, labels]], labels).explain()
            'auto keeps equal weights: equal weights err on none of 60 rows'
        """
        check_fitted(self)
        needed = {name: self._evidence(kind) for name, kind in rule_classes().items()}
        return explained(self.rule_.name, self.report_, self._level, needed)

    @property
    def _level(self) -> float:
        """The significance level of each rule's test of log loss."""
        return (1 - self.confidence) / max(1, len(self.rules))

    def _reason_to_try_none(self, equal: Soft, logits: Array, labels: Array, units: Array | None) -> str | None:
        """Say why no rule can be better, if so."""
        if usable_folds(labels, 5, units) < 2:
            return f"a class has one {'row' if units is None else 'group'} only, which cannot be held out"
        if (equal.combine(logits).argmax(axis=1) == labels).all():
            return f"equal weights err on none of {len(labels)} rows"
        return None

    def _choose(
        self, equal: Soft, logits: Array, labels: Array, units: Array | None
    ) -> tuple[Rule, list[dict[str, Any]]]:
        fitted, failed = self._fit_all(logits, labels, units)
        rows = self._compare({"soft": equal} | fitted, logits, labels, units)
        better = [row for row in rows[1:] if self._is_better(row, rows[0], fitted[row["name"]])]
        chosen = min(better, key=lambda row: row["log_loss"], default={"name": "soft"})["name"]
        return ({"soft": equal} | fitted)[chosen], rows + failed

    def _fit_all(
        self, logits: Array, labels: Array, units: Array | None
    ) -> tuple[dict[str, Rule], list[dict[str, Any]]]:
        """Fit the rules that can be fitted; return them, and a row of the report for each of the others."""
        fitted: dict[str, Rule] = {}
        failed = []
        for name in self.rules:
            if len(logits) == 1 and averages(rule_classes()[name]):
                failed.append({"name": name, "reason": "there is one member only"})
                continue
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
        folds = FOLDS if len(labels) <= MOST_ROWS else FOLDS_OF_MANY
        predicted = {
            name: out_of_fold(with_fixed_hyperparameters(rule), logits, labels, folds, self.seed, groups=units)
            for name, rule in fitted.items()
        }
        calibrated = {name: Temperature().fit(own, labels).apply(own) for name, own in predicted.items()}
        return [compared(name, own, calibrated[Soft.name], labels, units) for name, own in calibrated.items()]

    def _is_better(self, row: dict[str, Any], equal: dict[str, Any], rule: Rule) -> bool:
        strong = row["e_value"] >= self._evidence(rule)
        right = row["sign_p_value"] <= RIGHT and row["accuracy"] > equal["accuracy"]
        return bool(strong and right and row["log_loss_p_value"] <= self._level)

    @staticmethod
    def _evidence(rule: Any) -> int:
        """The e-value that a rule, or one of this class, needs to replace equal weights."""
        return STRONG if averages(rule) else STRONGER

    def check_options(self) -> None:
        """Check the options; raises a ValueError or a TypeError."""
        check_over(self.over)
        if not 0.5 < self.confidence < 1:
            raise ValueError(f"Expected a confidence above 0.5, below 1; received {self.confidence!r}.")
        known = [name for name in rule_classes() if name not in (Soft.name, self.name)]
        if isinstance(self.rules, str) or not set(self.rules) <= set(known):
            raise ValueError(
                f"Expected a list of rules to try beside soft, of {', '.join(known)}; received {self.rules!r}."
            )


def averages(rule: Any) -> bool:
    """Whether a rule, or one of this class, is a weighted mean of members."""
    return hasattr(rule, "weights_") or "weights_" in getattr(rule, "__annotations__", {})
