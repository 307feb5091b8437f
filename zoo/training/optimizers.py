"""Optimizers whose rate differs from variable to variable, and can drop on the way."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import keras
from keras import ops

from zoo.training.recipe import Recipe

MOMENTUM = 0.9
TABLES = ("positions", "probe", "scores", "tokens")  # what transformers learn beside kernels: zoo.models.hub
OPTIMIZERS: dict[str, tuple[type[keras.optimizers.Optimizer], dict[str, Any]]] = {
    "adamw": (keras.optimizers.Adam, {}),
    "adam": (keras.optimizers.Adam, {}),
    "lion": (keras.optimizers.Lion, {}),
    "sgd": (keras.optimizers.SGD, {"momentum": MOMENTUM}),
}


class Tuned:
    """What every optimizer here adds to Keras' one of the same name; to be mixed in before it.

    Attributes:
        scales: factor of the rate for each trainable variable, in their order.
        decay: of kernels; vectors, which are biases and the scales of norms, and learned tokens and positions are left
            alone.
        penalty: the decay is an L2 penalty, added to the gradient, and not decoupled from it.
        factor: of all rates; ``plateau`` lowers it. One of the optimizer's variables, so that it is saved with them.
    """

    scales: Sequence[float] = ()
    decay = 0.0
    penalty = False
    tables: Set[int] = frozenset()

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Make the optimizer's variables."""
        super().build(variables)  # type: ignore[misc]
        self.tables = {index for index, variable in enumerate(variables) if variable.name in TABLES}
        self.factor = self.add_variable(shape=(), initializer="ones", name="factor")  # type: ignore[attr-defined]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable, its decay included."""
        index = self._get_variable_index(variable)  # type: ignore[attr-defined]
        rate = learning_rate * self.factor * self.scales[index]
        if self.decay and len(variable.shape) > 1 and index not in self.tables:
            if self.penalty:
                gradient = gradient + self.decay * variable
            else:
                pull = ops.cast(rate * self.decay, variable.dtype) * variable
                self.assign_sub(variable, pull)  # type: ignore[attr-defined]
        super().update_step(gradient, variable, rate)  # type: ignore[misc]

    def rate(self) -> float:
        """The present rate of variables whose scale is 1."""
        return float(self.learning_rate) * factor_of(self)  # type: ignore[attr-defined]


def optimizer(recipe: Recipe, learning_rate: Any, scales: Sequence[float]) -> keras.optimizers.Optimizer:
    """Make the optimizer of a phase.

    Args:
        recipe: which one, with what decay, clipping, averaging and accumulation.
        learning_rate: a number or a schedule.
        scales: factor of the rate for each trainable variable, in their order.
    """
    base, options = OPTIMIZERS[recipe.optimizer]
    kind = type(recipe.optimizer, (Tuned, base), {})
    made = kind(
        learning_rate=learning_rate,
        global_clipnorm=recipe.clip_norm,
        use_ema=recipe.ema > 0,
        ema_momentum=recipe.ema ** (1 / recipe.accumulate) if recipe.ema else None,  # taken at every step, also between
        gradient_accumulation_steps=recipe.accumulate if recipe.accumulate > 1 else None,
        **options,
    )
    made.scales, made.decay, made.penalty = list(scales), recipe.weight_decay, recipe.optimizer == "adam"
    return made


def factor_of(made: Any) -> float:
    """The factor of all rates, on one device or on several."""
    return float(ops.convert_to_numpy(made.factor))


def innermost(made: keras.optimizers.Optimizer) -> Any:
    """Look through the loss scale that float16 puts around an optimizer."""
    return getattr(made, "inner_optimizer", made)
