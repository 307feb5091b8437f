"""Rules compared with equal weights, in figures and in a line of text."""

from collections.abc import Mapping, Sequence
from typing import Any

from ensembles.bootstrap import row_scores, sign_test
from ensembles.evidence import e_value, mean_p_value, soft_accuracy
from ensembles.metrics import accuracy, log_loss
from ensembles.rule import Array

EQUAL = "soft"  # the name of the rule of equal weights


def compared(name: str, logits: Array, equal: Array, labels: Array, units: Array | None) -> dict[str, Any]:
    """Compare calibrated logits (samples, classes) of a rule with those of equal weights: a row of `Auto.report_`.

    Args:
        name: The rule's.
        logits: What the rule predicts.
        equal: What equal weights predict.
        labels: The class ids, (samples,).
        units: The group of each row, (samples,), or None.
    """
    gains = row_scores(equal, labels, "log_loss") - row_scores(logits, labels, "log_loss")
    return {
        "name": name,
        "log_loss": log_loss(logits, labels),
        "accuracy": accuracy(logits, labels),
        "log_loss_p_value": mean_p_value(gains, units),
        "sign_p_value": sign_test(logits, equal, labels, groups=units),
        "e_value": e_value(soft_accuracy(logits, labels) - soft_accuracy(equal, labels), units),
    }


def explained(chosen: str, report: Sequence[dict[str, Any]], level: float, needed: Mapping[str, float]) -> str:
    """Say in a line what was chosen and why, from the report of an `Auto`.

    Args:
        chosen: The name of the chosen rule.
        report: Of the `Auto`.
        level: The largest p-value of log loss that a rule may have to replace equal weights.
        needed: By rule, the least e-value that it needs for that.
    """
    rows = {row["name"]: row for row in report if "e_value" in row}  # earlier versions had other figures
    equal, others = rows.pop(EQUAL, None), sorted(rows.values(), key=lambda row: float(row["log_loss"]))
    if chosen == EQUAL and not others:
        reasons = "; ".join(sorted({str(row["reason"]) for row in report if "reason" in row}))
        return f"auto keeps equal weights{reasons and ': '}{reasons}"
    if equal is None or chosen not in (EQUAL, *rows):
        return f"auto takes {chosen}"
    row = others[0] if chosen == EQUAL else rows[chosen]
    figures = (
        f"log loss out of fold, with a temperature each, {row['log_loss']:.4f} instead of {equal['log_loss']:.4f} (p = "
        f"{row['log_loss_p_value']:.2g}; at most {level:.2g} is needed), accuracy {row['accuracy']:.4f} instead of "
        f"{equal['accuracy']:.4f} (e-value {row['e_value']:.3g}; at least {needed[row['name']]:g} is needed)"
    )
    if chosen != EQUAL:
        return f"auto takes {chosen} in place of equal weights: {figures}"
    return f"auto keeps equal weights: no rule is surely better; {row['name']} has {figures}"
