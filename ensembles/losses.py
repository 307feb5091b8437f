"""Losses by which members are chosen, fast enough for thousands of candidate subsets.

Outputs have the shape (members, k, samples), classes before samples, so that reductions over classes run along memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from ensembles.rule import Array
from ensembles.weighted_mean import FLOOR, Over, to_space

Metric = Literal["log_loss", "accuracy", "balanced_accuracy"]


@dataclass(frozen=True)
class Loss:
    """The loss of a mean output (k, samples).

    Attributes:
        of: The function. It may overwrite its argument: new arrays cost more time than the sums.
        slopes: For a convex loss, the function from a mean output to the gradient there, of its shape; else None.
    """

    of: Callable[[Array], float]
    slopes: Callable[[Array], Array] | None = None

    def __call__(self, mean: Array) -> float:
        """Compute the loss."""
        return self.of(mean)


def check_metric(metric: str) -> None:
    """Check the option `metric` of rules that choose members.

    Raises:
        ValueError: The metric is unknown.
    """
    if metric not in get_args(Metric):
        raise ValueError(f"Expected a metric among {', '.join(get_args(Metric))}; received {metric!r}.")


def prepare(logits: Array, labels: Array, metric: Metric, over: Over) -> tuple[Array, Loss]:
    """Prepare members' logits (members, samples, classes) for many evaluations of one loss.

    Returns:
        Outputs (members, k, samples) float32 to be averaged over members, and the loss of such a mean. k is the number
        of classes; it is 1 for the log loss over probabilities, which depends on the true class only.
    """
    k = 1 if metric == "log_loss" and over == "probabilities" else logits.shape[2]
    outputs = np.empty((len(logits), k, len(labels)), np.float32)  # `stack` would keep the samples before the classes
    for index, member in enumerate(logits):
        outputs[index] = _outputs(member, labels, metric, over)
    if metric == "log_loss":
        return outputs, LOGITS_LOSS if over == "logits" else PROBABILITIES_LOSS
    weights = np.full(len(labels), 1 / len(labels)) if metric == "accuracy" else _balanced_row_weights(labels)
    return outputs, Loss(lambda mean: float(weights[mean.argmax(axis=0) != labels].sum()))


def member_losses(logits: Array, labels: Array, metric: Metric) -> Array:
    """Return each member's own loss, (members,) float64: the log loss or the error rate."""
    pairs = (prepare(member[None], labels, metric, "logits") for member in logits)
    return np.array([loss(outputs[0]) for outputs, loss in pairs])


def _outputs(member: Array, labels: Array, metric: Metric, over: Over) -> Array:
    rows = np.arange(len(labels))
    # A difference of two float32 is the same whether float64 or float32 rounds it last, so logits keep their dtype.
    outputs = (member if over == "logits" else to_space(member, over)).T
    if metric != "log_loss":
        return outputs
    true = outputs[labels, rows][None]
    return outputs - true if over == "logits" else true


def _log_loss_of_margins(margins: Array) -> float:
    """Return the log loss, the mean of log(sum(exp(z - z[true]))), of margins z - z[true]."""
    highest = margins.max(axis=0)
    margins -= highest
    np.exp(margins, out=margins)
    return float((np.log(margins.sum(axis=0)) + highest).mean(dtype=np.float64))


def _log_loss_of_true(true: Array) -> float:
    return -float(np.log(np.maximum(true, np.float32(FLOOR))).mean(dtype=np.float64))


def _slopes_of_margins(margins: Array) -> Array:
    odds: Array = np.exp(margins - margins.max(axis=0))
    odds /= odds.sum(axis=0) * np.float32(odds.shape[1])
    return odds


def _slopes_of_true(true: Array) -> Array:
    slopes: Array = np.where(true > FLOOR, -1 / np.maximum(true, np.float32(FLOOR)), 0) / np.float32(true.shape[1])
    return slopes


LOGITS_LOSS = Loss(_log_loss_of_margins, _slopes_of_margins)
PROBABILITIES_LOSS = Loss(_log_loss_of_true, _slopes_of_true)


def _balanced_row_weights(labels: Array) -> Array:
    """Return weights of rows, (samples,) summing to 1, that give every class that has rows the same weight."""
    values, class_of_row, counts = np.unique(labels, return_inverse=True, return_counts=True)
    weights: Array = 1 / (len(values) * counts[class_of_row])
    return weights
