"""Losses that a choice of members is judged by, quick enough for thousands of candidates.

An answer lies as (classes, samples), so that reductions over classes run along memory; log losses take no more of it
than they need.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from ensembles.rule import Array
from ensembles.space import FLOOR, Over, spoken

Metric = Literal["log_loss", "accuracy", "balanced_accuracy"]
Loss = Callable[[Array], float]
"""Judges the mean answer of some members, and may overwrite it: new arrays of megabytes cost more than the sums."""


def check_metric(metric: str) -> None:
    """Check an option.

    Raises:
        ValueError: no known metric.
    """
    if metric not in get_args(Metric):
        raise ValueError(f"expected a metric among {', '.join(get_args(Metric))}, received {metric!r}")


def judged(logits: Array, labels: Array, metric: Metric, over: Over) -> tuple[Array, Loss]:
    """Prepare members' logits (members, samples, classes) for a loss.

    Returns:
        answers (members, k, samples) float32, to be averaged over members, and the loss of such a mean. Of a mean
        of probabilities the log loss asks for the true class alone: k is 1 there, else classes.
    """
    classes = 1 if metric == "log_loss" and over == "probabilities" else logits.shape[2]
    answers = np.empty((len(logits), classes, len(labels)), np.float32)  # not `stack`, which would keep rows together
    for place, member in enumerate(logits):
        answers[place] = _prepared(member, labels, metric, over)
    if metric == "log_loss":
        return answers, _log_loss_of_margins if over == "logits" else _log_loss_of_true
    weights = np.full(len(labels), 1 / len(labels)) if metric == "accuracy" else _balancing(labels)
    return answers, lambda mean: float(weights[mean.argmax(axis=0) != labels].sum())


def losses_of_members(logits: Array, labels: Array, metric: Metric) -> Array:
    """Each member's own loss: (members,) float64, log loss or share of errors."""
    pairs = (judged(member[None], labels, metric, "logits") for member in logits)
    return np.array([loss(answers[0]) for answers, loss in pairs])


def _prepared(member: Array, labels: Array, metric: Metric, over: Over) -> Array:
    rows = np.arange(len(labels))
    answer = spoken(member, over).T
    if metric != "log_loss":
        return answer
    true = answer[labels, rows][None]
    return answer - true if over == "logits" else true


def _log_loss_of_margins(margins: Array) -> float:
    """Of each logit less that of the true class, whose own margin is 0: log(sum(exp(margins))) is the loss."""
    highest = margins.max(axis=0)
    margins -= highest
    np.exp(margins, out=margins)
    return float((np.log(margins.sum(axis=0)) + highest).mean(dtype=np.float64))


def _log_loss_of_true(true: Array) -> float:
    return -float(np.log(np.maximum(true, np.float32(FLOOR))).mean(dtype=np.float64))


def _balancing(labels: Array) -> Array:
    """Weights of rows that give every class that is present the same say: (samples,) summing to 1."""
    values, of_row, counts = np.unique(labels, return_inverse=True, return_counts=True)
    weights: Array = 1 / (len(values) * counts[of_row])
    return weights
