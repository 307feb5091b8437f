"""Stacking: a classifier on the members' outputs."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from ensembles.estimators import AffineMaps, affine_maps
from ensembles.logistic import fit_logistic
from ensembles.registry import register
from ensembles.rule import Array, check_fitted, check_rows, check_same_members
from ensembles.weighted_mean import FLOOR, Over, check_over, to_space

if TYPE_CHECKING:
    from ensembles.layers import Tensor

KERAS_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
"""Keras' names of scikit-learn's activations."""


@register(order=60)
@dataclass(kw_only=True, eq=False)
class Stacked:
    """Learn a classifier on all members' outputs, by default L2-regularised multinomial logistic regression.

    This is stacked generalisation (Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1). For the regression each member's
    outputs are centred over the classes, since a softmax ignores a constant, and divided by their root mean square, so
    that the penalty does not depend on the scale of a member's logits. Both steps are folded into `coef_`, so `combine`
    is one affine map.

    Any scikit-learn classifier with `predict_proba` can replace the regression. It is fitted on the unscaled outputs,
    concatenated as in `sklearn.ensemble.StackingClassifier`. Linear classifiers and MLPs are read as affine maps, and
    can be saved and exported; others, such as forests, can only be used in the process that fitted them.

    Args:
        over: The classifier's input, "logits" or "probabilities".
        strength: The factor of the regression's penalty 0.5 * |coefficients|^2, which is added to the summed log loss
            (1 / C in scikit-learn); or "cv" for that of `ensembles.logistic.STRENGTHS` with the least log loss in
            stratified 5-fold cross-validation, in which groups stay whole. Folds are fewer where the rarest class has
            fewer rows, or groups; where it has one, the strength is 1.
        estimator: A classifier in place of the regression; a copy of it is fitted, which is not told the groups.
        seed: The seed of the folds.

    Attributes:
        coef_: The kernel, (members * classes, classes) float64: members in order, each with its classes in order. For
            an MLP it is the last layer's.
        intercept_: The bias, (classes,) float64.
        maps_: All affine maps; None for a classifier that is neither linear nor an MLP.
        strength_: The strength used; None with an estimator.
        estimator_: The fitted copy where there are no maps, else None.
        shape_: The (members, classes) of the fit.

    See Also:
        Weighted: One weight a member, for few rows.

    Examples:
        >>> random, labels = np.random.default_rng(0), np.arange(300) % 3
        >>> logits = random.normal(size=(2, 300, 3)) - 6 * np.eye(3)[(labels + 1) % 3]  # never the next class
        >>> rule = Stacked(strength=1.0).fit(logits, labels)
        >>> rule.coef_.shape, bool(np.mean(rule.combine(logits).argmax(axis=1) == labels) > 0.9)
        ((6, 3), True)
    """

    name: ClassVar[str] = "stacked"

    over: Over = "logits"
    strength: float | str = "cv"
    estimator: Any = None
    seed: int = 0
    maps_: AffineMaps | None = field(init=False, repr=False)
    strength_: float | None = field(init=False, repr=False)
    estimator_: Any = field(init=False, repr=False)
    shape_: tuple[int, int] = field(init=False, repr=False)

    def fit(self, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit the classifier; see `Rule.fit`.

        Raises:
            ValueError: Also where a class has no row, options are not those above, or the rule was read from a file,
                which describes its estimator but does not contain it.
        """
        self.check_options()
        logits, labels = check_rows(logits, labels)
        self.check_labels(labels, logits.shape[2])
        if self.estimator is None:
            self._fit_regression(logits, labels, groups)
        else:
            self._fit_estimator(logits, labels)
        self.shape_ = (logits.shape[0], logits.shape[2])
        return self

    @property
    def coef_(self) -> Array:
        """The last affine map's kernel."""
        return self._all_maps().affine[-1][0]

    @property
    def intercept_(self) -> Array:
        """The last affine map's bias."""
        return self._all_maps().affine[-1][1]

    def combine(self, logits: ArrayLike) -> Array:
        """Map logits (members, samples, classes) to (samples, classes) float32; see `Rule.combine`."""
        logits = check_same_members(self, logits)
        if self.maps_ is None:
            probabilities = self.estimator_.predict_proba(as_features(to_space(logits, self.over)))
            return np.log(np.maximum(probabilities, FLOOR)).astype(np.float32)
        # Member by member through the first map: no float64 copy of all the logits, which may be larger than memory.
        (kernel, bias), *_ = self.maps_.affine
        total = np.tile(bias, (logits.shape[1], 1))
        for member, block in zip(logits, np.split(kernel, len(logits)), strict=True):
            total += to_space(member, self.over) @ block
        return self.maps_.after_first(total).astype(np.float32)

    def with_fixed_hyperparameters(self) -> Self:
        """Return the unfitted rule with the strength that `fit` chose; see `ensembles.crossval`."""
        return self if self.strength_ is None else replace(self, strength=self.strength_)

    def write_layers(self, member_logits: "list[Tensor]", name: str) -> "Tensor":
        """Write the fitted rule as Keras layers; see `ensembles.layers.as_layers`.

        Raises:
            TypeError: The classifier is neither linear nor an MLP.
        """
        from ensembles import layers

        if self.maps_ is None:
            raise TypeError(
                f"Expected a stacked rule that is linear or an MLP; received {self.estimator_!r}, which has no Keras "
                "layers. Use it for analysis, or export another rule."
            )
        pairs = enumerate(member_logits)
        outputs = [layers.to_space(member, self.over, f"{name}_softmax_{index}") for index, member in pairs]
        mapped = layers.concatenated(outputs, name)
        *hidden, (kernel, bias) = self.maps_.affine
        activation = KERAS_ACTIVATIONS[self.maps_.activation]
        for index, (own_kernel, own_bias) in enumerate(hidden):
            mapped = layers.affine(mapped, own_kernel, own_bias, f"{name}_hidden_{index}", activation)
        return layers.affine(mapped, kernel, bias, name)

    def _all_maps(self) -> AffineMaps:
        check_fitted(self)
        if self.maps_ is None:
            raise AttributeError(f"Expected a linear classifier or an MLP; received {self.estimator_!r}.")
        return self.maps_

    def _fit_regression(self, logits: Array, labels: Array, groups: ArrayLike | None) -> None:
        coef, intercept, self.strength_ = fit_logistic(logits, labels, self.over, self.strength, self.seed, groups)
        self.maps_, self.estimator_ = AffineMaps([(coef, intercept)]), None

    def _fit_estimator(self, logits: Array, labels: Array) -> None:
        from sklearn.base import clone

        features = as_features(to_space(logits, self.over))
        fitted, self.strength_ = clone(self.estimator).fit(features, labels), None
        self.maps_ = affine_maps(fitted, features)
        self.estimator_ = None if self.maps_ else fitted

    def check_labels(self, labels: Array, classes: int) -> None:
        """Check that there are rows of every class; raises a ValueError."""
        missing = sorted(set(range(classes)) - set(labels.tolist()))
        if missing:
            raise ValueError(
                f"Expected rows of all {classes} classes; received none of class {', '.join(map(str, missing))}. "
                'Add rows or use the "weighted" rule.'
            )

    def check_options(self) -> None:
        """Check the options; raises a ValueError or a TypeError."""
        check_over(self.over)
        if isinstance(self.estimator, str):
            raise ValueError(
                f"Expected an estimator; received {self.estimator!r}, the description of one. Make a new rule."
            )
        if self.estimator is not None and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(f"Expected an estimator with predict_proba; received {self.estimator!r}.")
        if self.estimator is not None and self.strength != "cv":
            raise ValueError("Expected a strength or an estimator; received both. Give the estimator its own penalty.")


def as_features(outputs: Array) -> Array:
    """Turn outputs (members, samples, classes) into features (samples, members * classes)."""
    return outputs.transpose(1, 0, 2).reshape(outputs.shape[1], -1)
