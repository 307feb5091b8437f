"""Calibration: make probabilities match frequencies, without training a network again."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.checks import as_finite
from ensembles.input_warnings import warn_of_probabilities
from ensembles.metrics import log_softmax
from ensembles.registry import savable
from ensembles.rule import Array, check_learned, check_logits, check_rows

if TYPE_CHECKING:
    from ensembles.layers import Tensor

Smoothing = Literal["platt", "none"]
LOWEST, HIGHEST = 1e-3, 1e2  # the range of temperatures that is searched, for logits whose root mean square is 1


@savable
@dataclass(kw_only=True, eq=False)
class Temperature:
    """Divide all logits by the number with the least log loss (Guo et al. 2017, arXiv:1706.04599).

    The order of the classes of a row does not change, except where float32 rounds two logits to the same number.

    Args:
        smoothing: "platt" takes each label to be correct with probability (n + 1) / (n + 2) for n rows (Platt 1999),
            so that a few rows that are all correct do not give certainty; "none" is the plain log loss.

    Attributes:
        temperature_: Above 0; a temperature above 1 makes predictions less confident.

    See Also:
        VectorScaling: A factor and an offset for each class.

    Examples:
        >>> labels = np.array([0, 1] * 50)
        >>> logits = np.eye(2)[labels] * 8.0  # at a confidence of 0.9997
        >>> labels[:20] = 1 - labels[:20]  # 80 % are correct
        >>> calibrator = Temperature(smoothing="none").fit(logits, labels)
        >>> probabilities = np.exp(log_softmax(calibrator.apply(logits)))
        >>> round(float(probabilities.max()), 3)
        0.8
    """

    name: ClassVar[str] = "temperature"

    smoothing: Smoothing = "platt"
    temperature_: float = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Find the temperature on rows that neither members nor the rule were fitted on.

        Args:
            logits: The logits to calibrate, (samples, classes).
            labels: The class ids, (samples,).

        Raises:
            ValueError: The smoothing is unknown, or `ensembles.rule.check_rows` refuses the arrays.
            TypeError: The arrays have other dtypes than `check_rows` takes.
        """
        from scipy.optimize import minimize_scalar

        logits, labels = check_rows(logits, labels, axes=2)
        warn_of_probabilities(logits)
        targets = smoothed_targets(labels, logits.shape[1], self.smoothing)
        centred = _centred(logits)
        scale = float(np.sqrt(np.square(centred).mean())) or 1.0  # the range searched is relative to it
        centred /= scale
        slope = float(np.vdot(targets, centred)) / len(labels)
        by_class = np.ascontiguousarray(centred.T)  # reductions over the classes run along memory
        # The loss is convex in 1 / temperature, so it has one minimum over the logarithm of the temperature too.
        found = minimize_scalar(
            lambda power: _cross_entropy(by_class, slope, np.exp(-power)),
            bounds=(np.log(LOWEST), np.log(HIGHEST)),
            method="bounded",
            options={"xatol": 1e-6},
        )
        self.temperature_ = float(np.exp(found.x)) * scale
        return self

    def apply(self, logits: ArrayLike) -> Array:
        """Divide logits (..., classes) by the temperature; float32.

        Raises:
            NotFittedError: It has not been fitted.
            ValueError: Logits are not finite.
            TypeError: Logits are no numbers.
        """
        check_learned(self, "temperature_")
        as_finite(logits, "logits")
        values = np.asarray(logits)
        values = values.astype(np.result_type(values, np.float32))  # float16 would overflow
        return (values / self.temperature_).astype(np.float32)

    def write_layers(self, logits: "Tensor", name: str) -> "Tensor":
        """Continue a Keras graph from logits (None, classes) to calibrated ones."""
        from ensembles.layers import scaled

        return scaled(logits, 1 / self.temperature_, name)


@savable
@dataclass(kw_only=True, eq=False)
class VectorScaling:
    """Multiply each class' logit by a factor and add an offset, both of the least log loss (Guo et al. 2017).

    Logits are centred over the classes first. Unlike a temperature, vector scaling can change the predicted class, and
    it learns 2 * classes numbers. A class without rows would get an offset of minus infinity; the temperature is used
    there: equal factors and no offsets.

    Args:
        smoothing: As in `Temperature`.

    Attributes:
        scale_: The factors, (classes,) float64.
        offset_: The offsets, (classes,) float64, summing to 0.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(90) % 3
        >>> logits = random.normal(size=(90, 3)) + 2 * np.eye(3)[labels] - np.array([0, 0, 3])
        >>> calibrator = VectorScaling().fit(logits, labels)
        >>> int(calibrator.offset_.argmax())  # logits of class 2 are too low
        2
    """

    name: ClassVar[str] = "vector"

    smoothing: Smoothing = "platt"
    scale_: Array = field(init=False, repr=False)
    offset_: Array = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike) -> Self:
        """Find factors and offsets; arguments and errors are those of `Temperature.fit`."""
        from scipy.optimize import minimize

        logits, labels = check_rows(logits, labels, axes=2)
        classes = logits.shape[1]
        centred, targets = _centred(logits), smoothed_targets(labels, classes, self.smoothing)
        start = np.concatenate(
            [np.full(classes, 1 / Temperature().fit(logits, labels).temperature_), np.zeros(classes)]
        )
        found = start
        if len(np.unique(labels)) == classes:
            found = minimize(_vector_loss, start, args=(centred, targets), jac=True, method="L-BFGS-B").x
        self.scale_, self.offset_ = found[:classes], found[classes:] - found[classes:].mean()
        return self

    def apply(self, logits: ArrayLike) -> Array:
        """Scale logits (samples, classes); float32.

        Raises:
            NotFittedError: It has not been fitted.
            ValueError: Logits are not finite, or the classes are not those of `fit`.
            TypeError: Logits are not floating-point.
        """
        check_learned(self, "scale_")
        centred = _centred(logits)
        if centred.shape[1] != len(self.scale_):
            raise ValueError(
                f"Expected {len(self.scale_)} classes, as in fit; received {centred.shape[1]}. Pass (samples, classes)."
            )
        return (centred * self.scale_ + self.offset_).astype(np.float32)

    def write_layers(self, logits: "Tensor", name: str) -> "Tensor":
        """Continue a Keras graph from logits (None, classes) to calibrated ones."""
        from ensembles.layers import affine

        classes = len(self.scale_)
        centring = np.eye(classes) - 1 / classes
        return affine(logits, centring * self.scale_, self.offset_, name)


def smoothed_targets(labels: Array, classes: int, smoothing: str) -> Array:
    """Return the target probabilities (samples, classes) of labels (samples,).

    Raises:
        ValueError: The smoothing is unknown.
    """
    if smoothing not in ("platt", "none"):
        raise ValueError(f'Expected smoothing as "platt" or "none"; received {smoothing!r}.')
    wrong = 1 / (len(labels) + 2) if smoothing == "platt" else 0.0  # the probability that a label is wrong
    targets = np.full((len(labels), classes), wrong / (classes - 1))
    targets[np.arange(len(labels)), labels] = 1 - wrong
    return targets


def _centred(logits: ArrayLike) -> Array:
    checked = check_logits(logits, axes=2).astype(np.float64)
    centred: Array = checked - checked.mean(axis=-1, keepdims=True)
    return centred


def _cross_entropy(by_class: Array, slope: float, factor: float) -> float:
    """Return the mean of logsumexp(factor * z) - factor * (targets' z) of z (classes, samples); the slope is known."""
    logits = by_class * factor
    highest = logits.max(axis=0)
    logits -= highest
    sums = np.exp(logits, out=logits).sum(axis=0)
    return float((np.log(sums) + highest).mean()) - factor * slope


def _vector_loss(parameters: Array, centred: Array, targets: Array) -> tuple[float, Array]:
    scale, offset = np.split(parameters, 2)
    logs = log_softmax(centred * scale + offset)
    slopes = (np.exp(logs) - targets) / len(targets)
    gradient = np.concatenate([(slopes * centred).sum(axis=0), slopes.sum(axis=0)])
    return -float((targets * logs).sum(axis=1).mean()), gradient
