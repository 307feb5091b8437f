"""Choosing a rule, and leaving equal weights alone where nothing is surely better."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.best import Best
from ensembles.bootstrap import difference
from ensembles.calibration import Temperature
from ensembles.crossval import out_of_fold, settled, usable_folds
from ensembles.greedy import Greedy
from ensembles.hard import Hard
from ensembles.metrics import accuracy, log_loss
from ensembles.rule import Array, Rule, check_rows, check_same
from ensembles.signs import fewest_rows, p_value
from ensembles.soft import Soft
from ensembles.space import Over, check_over
from ensembles.stacked import Stacked
from ensembles.weighted import Weighted

CANDIDATES: dict[str, type[Any]] = {rule.name: rule for rule in (Hard, Best, Weighted, Greedy, Stacked)}
LEARNED = ("best", "weighted", "greedy", "stacked")


@dataclass(kw_only=True, eq=False)
class Auto:
    """Take the learned rule that is best in cross-validation, but only if it is surely better than equal weights.

    Every rule answers each row by a copy that was fitted without it (but for its penalty). The answers are compared
    after a temperature, so that a rule is not preferred for being sure in the right measure, which calibration gives to
    any. The rule of the least log loss takes the place of equal weights if its log loss is below and its accuracy above
    theirs, both by the paired bootstrap (`ensembles.bootstrap.difference`), and the latter by the exact sign test
    (`ensembles.signs`) as well. Simple averages are hard to beat (Clemen 1989, doi:10.1016/0169-2070(89)90012-5), so
    the burden of proof is the learned rules'.

    Log loss alone is no proof: members that are sure in unlike measure give weights that lower it and cost accuracy.
    The bootstrap alone is none on few rows, where it takes six rows of luck for a certainty. And who looks at four
    rules is lucky four times as often, so each is tested at its share of the doubt (Bonferroni). What cannot be shown
    is not tried: where equal weights err on fewer rows than the sign test needs, 9 by default, nothing is fitted.

    Args:
        over: what is averaged, "logits" or "probabilities".
        rules: names of the rules to try beside equal weights.
        confidence: that no rule is taken that is not better, above 0.5, below 1.
        seed: of the folds and the bootstrap.

    Attributes:
        rule_: the chosen rule, fitted on all rows.
        report_: for each rule tried its name, log loss and accuracy out of fold, each with the interval of its
            difference from equal weights, and the p-value of the sign test; or the reason why it was not tried.
        shape_: (members, classes) of the fit.
    """

    name: ClassVar[str] = "auto"

    over: Over = "logits"
    rules: Sequence[str] = LEARNED
    confidence: float = 0.99
    seed: int = 0
    rule_: Rule = field(init=False, repr=False)
    report_: list[dict[str, Any]] = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Compare the rules and fit the chosen one; see `Rule.fit`.

        Raises:
            ValueError: also a rule that there is not, or a confidence outside of those above.
        """
        self._check_options()
        logits, labels = check_rows(logits, labels)
        equal = Soft(over=self.over).fit(logits, labels)
        reason = self._hopeless(equal, logits, labels)
        if reason:
            self.rule_, self.report_ = equal, [{"name": name, "reason": reason} for name in self.rules]
        else:
            self.rule_, self.report_ = self._choose(equal, logits, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    def combine(self, logits: ArrayLike) -> Array:
        """Combine by the chosen rule; see `Rule.combine`."""
        logits = check_same(self, logits)
        return self.rule_.combine(logits)

    @property
    def weights_(self) -> Array:
        """The chosen rule's weights; AttributeError where it has none."""
        weights: Array = self.rule_.weights_  # type: ignore[attr-defined]
        return weights

    def settled(self) -> Rule:
        """The chosen rule, unfitted, with its penalty; see `ensembles.crossval.settled`."""
        return settled(self.rule_)

    @property
    def _level(self) -> float:
        """Of the test of each rule: its share of the doubt."""
        return (1 - self.confidence) / max(1, len(self.rules))

    def _hopeless(self, equal: Soft, logits: Array, labels: Array) -> str | None:
        """Say why no rule can be shown to be better, if so."""
        if len(logits) == 1:
            return "there is one member only"
        if usable_folds(labels, 5) < 2:
            return "a class has one row only, which cannot be held out"
        errors, needed = int(np.sum(equal.combine(logits).argmax(axis=1) != labels)), fewest_rows(self._level)
        if errors < needed:
            return f"equal weights err on {errors} of {len(labels)} rows; to be surely better takes {needed} or more"
        return None

    def _choose(self, equal: Soft, logits: Array, labels: Array) -> tuple[Rule, list[dict[str, Any]]]:
        fitted, failed = self._fit_all(logits, labels)
        rows = self._compare({"soft": equal} | fitted, logits, labels)
        better = [row for row in rows if self._is_better(row)]
        chosen = min(better, key=lambda row: row["log_loss"], default={"name": "soft"})["name"]
        return ({"soft": equal} | fitted)[chosen], rows + failed

    def _fit_all(self, logits: Array, labels: Array) -> tuple[dict[str, Rule], list[dict[str, Any]]]:
        """Fit the rules that can be; returns these, and a row for each of the others."""
        fitted: dict[str, Rule] = {}
        failed = []
        for name in self.rules:
            try:
                fitted[name] = self._made(CANDIDATES[name]).fit(logits, labels)
            except ValueError as error:  # a stacked rule and a class without rows
                failed.append({"name": name, "reason": str(error)})
        return fitted, failed

    def _made(self, kind: type[Any]) -> Rule:
        """Hand on those of the options that a rule has."""
        shared = {"over": self.over, "seed": self.seed}
        rule: Rule = kind(**{option.name: shared[option.name] for option in fields(kind) if option.name in shared})
        return rule

    def _compare(self, fitted: dict[str, Rule], logits: Array, labels: Array) -> list[dict[str, Any]]:
        """Score every rule out of fold, its penalty being that of the fit on all rows."""
        answers = {name: out_of_fold(settled(rule), logits, labels, seed=self.seed) for name, rule in fitted.items()}
        calibrated = {name: Temperature().fit(answer, labels).apply(answer) for name, answer in answers.items()}
        return [self._row(name, answer, calibrated["soft"], labels) for name, answer in calibrated.items()]

    def _row(self, name: str, answer: Array, equal: Array, labels: Array) -> dict[str, Any]:
        gains = {
            score: difference(answer, equal, labels, score, confidence=1 - 2 * self._level, seed=self.seed)
            for score in ("log_loss", "accuracy")
        }
        row: dict[str, Any] = {"name": name, "log_loss": log_loss(answer, labels), "accuracy": accuracy(answer, labels)}
        intervals = {f"{score}_difference": [gain.low, gain.high] for score, gain in gains.items()}
        return row | intervals | {"accuracy_p_value": p_value(answer, equal, labels)}

    def _is_better(self, row: dict[str, Any]) -> bool:
        bootstrap = row["log_loss_difference"][1] < 0 < row["accuracy_difference"][0]
        return bool(bootstrap and row["accuracy_p_value"] <= self._level)

    def _check_options(self) -> None:
        check_over(self.over)
        if not 0.5 < self.confidence < 1:
            raise ValueError(f"expected a confidence above 0.5, below 1, received {self.confidence!r}")
        if isinstance(self.rules, str) or not set(self.rules) <= CANDIDATES.keys():
            known = ", ".join(CANDIDATES)
            raise ValueError(f"expected a list of rules to try beside soft, of {known}; received {self.rules!r}")
