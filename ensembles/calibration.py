"""Calibration: make probabilities mean what they say, without new training."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.rule import Array, NotFittedError, check_logits, check_rows
from ensembles.space import log_softmax

Smoothing = Literal["platt", "none"]
LOWEST, HIGHEST = 1e-3, 1e2  # of the temperatures that are looked at, of logits whose root mean square is 1


@dataclass(kw_only=True, eq=False)
class Temperature:
    """Divide all logits by one number, of the least log loss (Guo et al. 2017, arXiv:1706.04599).

    Which class is most probable, and in which order the others follow, does not change, but where two logits are so
    near that float32 makes one of them.

    Args:
        smoothing: "platt" takes each label to be right with probability (n + 1) / (n + 2), n being the rows (Platt
            1999), so that a few rows that are all right do not promise certainty; "none" is the plain log loss.

    Attributes:
        temperature_: above 0; above 1 it makes answers less sure.

    See Also:
        VectorScaling: a factor and an offset for each class.
    """

    name: ClassVar[str] = "temperature"

    smoothing: Smoothing = "platt"
    temperature_: float = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Find the temperature from logits (samples, classes) and labels (samples,) of rows that nobody learned from.

        Raises:
            ValueError, TypeError: what `ensembles.rule.check_rows` raises, or another smoothing.
        """
        from scipy.optimize import minimize_scalar

        logits, labels = check_rows(logits, labels, axes=2)
        targets = smoothed(labels, logits.shape[1], self.smoothing)
        centred = _centred(logits)
        scale = float(np.sqrt(np.square(centred).mean())) or 1.0  # a scale is no evidence, however large
        centred /= scale
        # Convex in 1 / temperature, so there is one minimum on the way.
        found = minimize_scalar(
            lambda power: _cross_entropy(centred * np.exp(-power), targets),
            bounds=(np.log(LOWEST), np.log(HIGHEST)),
            method="bounded",
            options={"xatol": 1e-6},
        )
        self.temperature_ = float(np.exp(found.x)) * scale
        return self

    def apply(self, logits: ArrayLike) -> Array:
        """Divide logits (..., classes); float32.

        Raises:
            NotFittedError: before `fit`.
        """
        _check_fitted(self, "temperature_")
        return (np.asarray(logits) / self.temperature_).astype(np.float32)


@dataclass(kw_only=True, eq=False)
class VectorScaling:
    """Multiply each class's logit by a factor and add an offset, of the least log loss (Guo et al. 2017).

    Logits are centred over the classes first. Unlike a temperature it can change which class is most probable, and it
    learns 2 * classes numbers. Where a class has no row it would be given up, so that all is left to the temperature:
    equal factors and no offsets.

    Args:
        smoothing: as of `Temperature`.

    Attributes:
        scale_: (classes,) float64.
        offset_: (classes,) float64, summing to 0.
    """

    name: ClassVar[str] = "vector"

    smoothing: Smoothing = "platt"
    scale_: Array = field(init=False, repr=False)
    offset_: Array = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Find factors and offsets; see `Temperature.fit`."""
        from scipy.optimize import minimize

        logits, labels = check_rows(logits, labels, axes=2)
        classes = logits.shape[1]
        centred, targets = _centred(logits), smoothed(labels, classes, self.smoothing)
        start = np.concatenate(
            [np.full(classes, 1 / Temperature().fit(logits, labels).temperature_), np.zeros(classes)]
        )
        found = start
        if len(np.unique(labels)) == classes:
            found = minimize(_vector_loss, start, args=(centred, targets), jac=True, method="L-BFGS-B").x
        self.scale_, self.offset_ = found[:classes], found[classes:] - found[classes:].mean()
        return self

    def apply(self, logits: ArrayLike) -> Array:
        """Scale logits (..., classes); float32. Raises NotFittedError before `fit`."""
        _check_fitted(self, "scale_")
        return (_centred(np.asarray(logits)) * self.scale_ + self.offset_).astype(np.float32)


Calibrator = Temperature | VectorScaling
CALIBRATORS: dict[str, type[Temperature] | type[VectorScaling]] = {
    kind.name: kind for kind in (Temperature, VectorScaling)
}
"""By name."""


NONE = "none"
"""In place of a name."""


def check_calibrator(name: str) -> None:
    """Check an option.

    Raises:
        ValueError: no calibrator has this name, and it is not "none".
    """
    if name not in (NONE, *CALIBRATORS):
        raise ValueError(f"expected a calibrator among {', '.join((NONE, *CALIBRATORS))}, received {name!r}")


def make_calibrators(name: str) -> list[Calibrator]:
    """Make the unfitted calibrator of this name, in a list; none of "none".

    Raises:
        ValueError: no calibrator has this name.
    """
    check_calibrator(name)
    return [] if name == NONE else [CALIBRATORS[name]()]


def smoothed(labels: Array, classes: int, smoothing: str) -> Array:
    """Probabilities (samples, classes) to learn from.

    Raises:
        ValueError: another smoothing.
    """
    if smoothing not in ("platt", "none"):
        raise ValueError(f'expected smoothing "platt" or "none", received {smoothing!r}')
    doubt = 1 / (len(labels) + 2) if smoothing == "platt" else 0.0
    targets = np.full((len(labels), classes), doubt / (classes - 1))
    targets[np.arange(len(labels)), labels] = 1 - doubt
    return targets


def _centred(logits: Array) -> Array:
    logits = check_logits(logits, axes=2).astype(np.float64)
    centred: Array = logits - logits.mean(axis=-1, keepdims=True)
    return centred


def _cross_entropy(logits: Array, targets: Array) -> float:
    return -float((targets * log_softmax(logits)).sum(axis=1).mean())


def _vector_loss(parameters: Array, centred: Array, targets: Array) -> tuple[float, Array]:
    scale, offset = np.split(parameters, 2)
    logs = log_softmax(centred * scale + offset)
    slopes = (np.exp(logs) - targets) / len(targets)
    gradient = np.concatenate([(slopes * centred).sum(axis=0), slopes.sum(axis=0)])
    return -float((targets * logs).sum(axis=1).mean()), gradient


def _check_fitted(calibrator: Calibrator, learned: str) -> None:
    if not hasattr(calibrator, learned):
        name = type(calibrator).__name__
        raise NotFittedError(f"expected a fitted {name}, received one before fit; call fit(logits, labels) first")
