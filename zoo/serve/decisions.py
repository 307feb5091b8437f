"""What follows from a prediction: whether it is sure enough, and which classes may be the true one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import ensembles
from zoo.serve.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """Thresholds of a model, chosen on its held-out images.

    Attributes:
        classes: how many there are.
        error: the wanted share of errors among accepted answers; None where the model predicts no uncertainty.
        threshold: the highest uncertainty that is accepted, minus infinity for none.
        caution: why the threshold is not to be trusted, where it rests on too few images; else empty.
        coverage: the wanted probability that a set holds the true class; None where the model has no sets.
        highest: the highest score of a class that is in the set, infinity for every class.
    """

    classes: int
    error: float | None = None
    threshold: float = -np.inf
    caution: str = ""
    coverage: float | None = None
    highest: float = np.inf

    def accepted(self, uncertainty: np.ndarray) -> np.ndarray | None:
        """Whether each of ``(n,)`` is accepted, bool; None where that is not known."""
        return None if self.error is None else uncertainty <= self.threshold

    def sets(self, logits: np.ndarray) -> np.ndarray | None:
        """Which classes are in each row's set, bool of the shape of logits ``(n, classes)``; None without sets."""
        if self.coverage is None:
            return None
        conformal = ensembles.Conformal(coverage=self.coverage)
        conformal.classes_, conformal.thresholds_ = self.classes, np.full(self.classes, self.highest)
        inside: np.ndarray = conformal.sets(logits)
        return inside


def decisions_of(record: Mapping[str, Any], *, error: float, coverage: float) -> Decisions:
    """Take the thresholds for what is wanted from a model's record.

    Args:
        record: of an export, or of :func:`zoo.export.manifest.describe`; without thresholds where it is an old one.
        error: the wanted share of errors among accepted answers.
        coverage: the wanted probability that a set holds the true class.

    Raises:
        ValueError: the record lists no thresholds for them, but others; or it lists none, and others than by default
            are wanted.
    """
    made: dict[str, Any] = {"classes": len(record["classes"])}
    if uncertain := record.get("uncertainty"):
        limit = _listed(uncertain["thresholds"], error, "--error")["threshold"]
        made |= {"error": error, "threshold": -np.inf if limit is None else limit}
        made["caution"] = uncertain.get("cautions", {}).get(str(error), "")
    elif error != Settings.error:
        raise _without("--error", error, "Export it with --uncertainty, not as int8")
    if conformal := record.get("conformal"):
        highest = _listed(conformal["thresholds"], coverage, "--coverage")
        made |= {"coverage": coverage, "highest": np.inf if highest is None else highest}
    elif coverage != Settings.coverage:
        raise _without("--coverage", coverage, "Export it again, not as int8")
    return Decisions(**made)


def _without(option: str, wanted: float, remedy: str) -> ValueError:
    return ValueError(f"Expected a model with thresholds for {option} {wanted:g}; it has none. {remedy}.")


def _listed(thresholds: Mapping[str, Any], wanted: float, option: str) -> Any:
    if str(wanted) not in thresholds:
        raise ValueError(
            f"Expected {option} as one that the model has a threshold for, {', '.join(thresholds)}; received "
            f"{wanted:g}. Choose one of these."
        )
    return thresholds[str(wanted)]
